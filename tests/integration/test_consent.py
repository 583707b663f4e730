"""Nobody is contacted without consent, and what is contacted is listed first."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hazards.hazard import write_notebook

from integration.projects import nb2prod
from nb2prod.errors import Refused
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow


class Source(ThreadingHTTPServer):
    """Answers with a table; remembers what it was asked, and how often somebody connected."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.body = b"a,b\n1,2\n3,4\n"
        self.contacts = 0

    def verify_request(self, *_: object) -> bool:
        self.contacts += 1
        return True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Source

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_POST = do_PUT = do_HEAD = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Source]:
    with Source() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def source() -> Iterator[Source]:
    with serving() as server:
        yield server


def _notebook(folder: Path, url: str, load: str) -> Path:
    return write_notebook(
        folder / "connected.ipynb", f"# %% stage:load\nURL = '{url}'\n{load}\n# %% stage:count\nprint(len(data))\n"
    )


READ = "import urllib.request\ndata = urllib.request.urlopen(URL + '/table.csv?key=hidden').read()"


def test_without_consent_nobody_is_contacted(tmp_path: Path, source: Source) -> None:
    path = _notebook(tmp_path, source.url, READ)
    done = nb2prod(tmp_path, "convert", path.name, code=1)
    host = source.url.removeprefix("http://")
    assert f"cell 1 (cell-0): it contacts {host}" in done.stderr
    assert "--allow-network" in done.stderr
    assert f"`urllib.request.urlopen` contacts {host}" in done.stderr  # listed before the run
    assert "hidden" not in done.stdout + done.stderr
    assert source.contacts == 0
    assert not (tmp_path / "pipeline").exists()


@pytest.mark.parametrize(
    "load",
    [
        "import requests\ntry:\n    data = requests.get(URL).text\nexcept Exception:\n    data = ''",
        "import pandas as pd\ntry:\n    data = pd.read_csv(URL)\nexcept OSError:\n    data = ''",
    ],
)
def test_an_error_that_is_caught_is_no_consent(tmp_path: Path, source: Source, load: str) -> None:
    with pytest.raises(Refused, match=r"cell 1 \(cell-0\): it contacts 127\.0\.0\.1:\d+"):
        convert(_notebook(tmp_path, source.url, load))
    assert source.contacts == 0


def test_another_machine_is_refused_before_anything_runs(tmp_path: Path) -> None:
    cells = (
        "import pathlib, requests\npathlib.Path('/nonexistent').touch()\n"
        "data = requests.post('https://me:word@api.example.org/x?key=hidden').text"
    )
    done = nb2prod(tmp_path, "convert", _notebook(tmp_path, "", cells).name, code=1)
    assert "cell 1 (cell-0): `requests.post` contacts api.example.org, and looks like a write" in done.stderr
    assert "nothing was run" in done.stderr
    assert not {"word", "hidden"} & set(done.stderr.replace("@", " ").replace("=", " ").split())


def test_without_a_run_the_connections_are_listed(tmp_path: Path, source: Source) -> None:
    done = nb2prod(tmp_path, "convert", _notebook(tmp_path, source.url, READ).name, "--no-run")
    assert "note: cell 1 (cell-0): `urllib.request.urlopen` contacts 127.0.0.1" in done.stdout
    assert source.contacts == 0


@pytest.mark.parametrize("answer", [False, True])
def test_the_question(tmp_path: Path, source: Source, answer: bool) -> None:
    asked: list[str] = []
    path = _notebook(tmp_path, source.url, READ)
    with contextlib.nullcontext() if answer else pytest.raises(Refused):
        convert(path, ask=lambda sentences: asked.extend(sentences) or answer)
    assert len(asked) == 1
    assert bool(source.contacts) == answer
