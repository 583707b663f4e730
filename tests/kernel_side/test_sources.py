"""What is read from others, recorded and replayed, in real kernels."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nb2prod.adapters.kernels import Session, Start, open_session, stage_file
from nb2prod.errors import CellFailed

pytestmark = pytest.mark.slow


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/table.csv")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = b"a,b\n1,2\n" + f"{len(self.server.asked)},4\n".encode()  # type: ignore[attr-defined]
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Set-Cookie", "k=v")
        if self.path == "/zipped":
            import gzip

            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        if self.path == "/tagged":
            self.send_header("ETag", '"v1"')
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


READS = [
    "import urllib.request\nprint(urllib.request.urlopen(URL + '/table.csv?key=hidden').read())",
    "import urllib.request as u\nr = u.urlopen(URL + '/moved')\nprint(r.url[-9:], r.status, r.headers['Set-Cookie'], [*r])",
    "import urllib.request as u, urllib.error\ntry:\n    u.urlopen(URL + '/none')\nexcept urllib.error.HTTPError as e:\n    print(e.code, e.read())",
    "u.urlretrieve(URL + '/table.csv', 'kept.csv')\nprint(open('kept.csv').read())",
    "import requests\nr = requests.get(URL + '/zipped')\nprint(r.status_code, r.text, r.headers['Set-Cookie'], r.cookies.get_dict())",
    "r = requests.get(URL + '/moved')\nprint(len(r.history), r.url[-9:], r.text)",
    "r = requests.post(URL + '/search', json={'q': 1})\nprint(r.text)",
    "r = requests.get(URL + '/chunked', stream=True)\nprint(list(r.iter_lines()))",
    "print(requests.head(URL + '/table.csv').headers['Content-Length'], requests.get(URL + '/none').status_code)",
    "with requests.Session() as s:\n    print(s.get(URL + '/tagged').text, s.get(URL + '/tagged').text, s.cookies.get_dict())",
    "import pandas as pd\nprint(pd.read_csv(URL + '/table.csv'))",
    "import urllib3\nprint(urllib3.PoolManager().request('GET', URL + '/zipped').data)",
]  # fmt: skip
HTTPX = [
    "import httpx\nr = httpx.get(URL + '/zipped')\nprint(r.status_code, r.text, r.cookies['k'])",
    "with httpx.Client() as c:\n    print(c.post(URL + '/search', data={'q': 1}).text)",
    "async with httpx.AsyncClient() as c:\n    print((await c.get(URL + '/chunked')).text)",
]


def _run(base: Path, url: str, sources: list[str], mode: str) -> list[str]:
    (base / "tree").mkdir(exist_ok=True)
    with open_session("python3", base / "tree", base) as session:
        _begin(session, base, mode)
        session.run(f"URL = {url!r}", "cell")
        shown = []
        for number, source in enumerate(sources):
            session.pin("cell", number)
            run = session.run(source, "cell")
            shown.append("".join(str(one.get("text")) for one in run.outputs))
        assert session.refused() == ()
    return shown


def _begin(session: Session, base: Path, mode: str) -> None:
    session.observe(stage_file(), base / "tree", "churn", Start(0, 0))
    session.guard(base / "tree", [base / "user"], offline=mode == "replay")
    session.record(base / "recording", mode)


def _compare(base: Path, server: ThreadingHTTPServer, sources: list[str]) -> list[dict[str, str]]:
    url = f"http://127.0.0.1:{server.server_address[1]}"
    recorded = _run(base, url, sources, "record")
    asked = len(server.asked)  # type: ignore[attr-defined]
    assert all(recorded)
    assert _run(base, url, sources, "replay") == recorded
    assert len(server.asked) == asked  # type: ignore[attr-defined]
    text = (base / "recording" / "index.json").read_text("utf-8")
    assert "hidden" not in text
    return [json.loads(line) for line in text.splitlines()]


def test_http(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    index = _compare(tmp_path, server, READS)
    assert [one["cell"] for one in index if one["writes"]] == ["6"]
    assert [one["token"] for one in index if one["name"].endswith("/tagged")] == ['etag "v1"', 'etag "v1"']
    assert all(one["token"].startswith("sha256") for one in index if not one["name"].endswith("/tagged"))


def test_httpx(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    pytest.importorskip("httpx")
    _compare(tmp_path, server, HTTPX)


def test_what_was_not_recorded_is_an_error(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    (tmp_path / "tree").mkdir()
    with open_session("python3", tmp_path / "tree", tmp_path) as session:
        _begin(session, tmp_path, "replay")
        with pytest.raises(CellFailed, match="did not ask for this"):
            session.run("import urllib.request\nurllib.request.urlopen('http://localhost:1/a')", "cell")


def test_a_look_writes_nothing(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    (tmp_path / "tree").mkdir()
    asked = len(server.asked)  # type: ignore[attr-defined]
    with open_session("python3", tmp_path / "tree", tmp_path) as session:
        _begin(session, tmp_path, "look")
        with pytest.raises(CellFailed, match="nothing is written to a source"):
            session.run(f"import requests\nrequests.post('http://127.0.0.1:{server.server_address[1]}/a')", "cell")
    assert len(server.asked) == asked  # type: ignore[attr-defined]


def test_what_cannot_be_recorded_is_told(tmp_path: Path, server: ThreadingHTTPServer) -> None:
    (tmp_path / "tree").mkdir()
    port = server.server_address[1]
    with open_session("python3", tmp_path / "tree", tmp_path) as session:
        _begin(session, tmp_path, "record")
        session.run(f"import socket\nsocket.create_connection(('127.0.0.1', {port})).close()", "cell")
        assert [(one.kind, one.what) for one in session.refused()] == [("unrecorded", f"127.0.0.1:{port}")]
