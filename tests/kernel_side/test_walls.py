"""The walls in a real kernel: what is refused, what is not, and that nobody was contacted."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nb2prod.adapters.kernels import Session, Start, open_session, stage_file
from nb2prod.errors import CellFailed

pytestmark = pytest.mark.slow


class Counting(ThreadingHTTPServer):
    """A server that counts who connects, whatever is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), BaseHTTPRequestHandler)
        self.contacts = 0

    def verify_request(self, *_: object) -> bool:
        self.contacts += 1
        return False

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@pytest.fixture(scope="module")
def server() -> Iterator[Counting]:
    with Counting() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def session(server: Counting, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    base = tmp_path_factory.mktemp("walls")
    (base / "tree").mkdir()
    with open_session("python3", base / "tree", base) as session:
        session.observe(stage_file(), base / "tree", "churn", Start(0, 0))
        session.guard(base / "tree", [base / "user"], offline=True)
        session.pin("cell", 3)
        session.run(f"PORT = {server.port}\nURL = f'http://127.0.0.1:{{PORT}}/'", "cell")
        yield session


OPEN = "s = socket.socket(); s.settimeout(5)"


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.request\nurllib.request.urlopen(URL)",
        "import requests\nrequests.get(URL)",
        "import pandas\npandas.read_csv(URL + 'a.csv')",
        f"import socket\n{OPEN}; s.connect(('127.0.0.1', PORT))",
        f"import socket\n{OPEN}; s.connect_ex(('127.0.0.1', PORT))",
        "import socket\nsocket.socket(socket.AF_INET6).connect(('::ffff:127.0.0.1', PORT))",
        "import threading, urllib.request\nt = threading.Thread(target=urllib.request.urlopen, args=(URL,))\nt.start(); t.join()",
        "import asyncio\nawait asyncio.open_connection('127.0.0.1', PORT)",
        "import socket\nsocket.getaddrinfo('no.such.host.example.org', 80)",
        "import socket\nsocket.create_connection(('93.184.216.34', 80), timeout=1)",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))",
    ],
)  # fmt: skip
@pytest.mark.parametrize("caught", [False, True])
def test_refused_and_remembered(session: Session, server: Counting, source: str, caught: bool) -> None:
    before = len(session.refused())
    lines = source.replace("\n", "\n    ")
    try:
        session.run(f"try:\n    {lines}\nexcept Exception:\n    pass" if caught else source, "cell")
    except CellFailed as failed:
        assert not caught
        assert "--allow-network" in failed.value
    found = session.refused()[before:]
    assert found
    assert {(one.kind, one.cell) for one in found} == {("host", 3)}
    assert server.contacts == 0


@pytest.fixture
def database() -> Iterator[socket.socket]:
    """Somebody's server behind a file, named as PostgreSQL names it."""
    folder = tempfile.mkdtemp(dir="/tmp")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{folder}/.s.PGSQL.5432")
        listening.listen()
        listening.setblocking(False)
        yield listening
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "source",
    [
        "import socket\nsocket.socket(socket.AF_UNIX).connect(PLACE)",
        "import psycopg\npsycopg.connect(host=PLACE.rpartition('/')[0], connect_timeout=2)",
        "from psycopg import Connection\nConnection.connect(host=PLACE.rpartition('/')[0], connect_timeout=2)",
        "import sqlalchemy\nsqlalchemy.create_engine(f\"postgresql+psycopg:///x?host={PLACE.rpartition('/')[0]}\").connect()",
    ],
)
def test_a_server_behind_a_file_is_not_contacted(session: Session, database: socket.socket, source: str) -> None:
    before = len(session.refused())
    with pytest.raises(CellFailed, match="--allow-network"):
        session.run(f"PLACE = {database.getsockname()!r}\n{source}", "cell")
    assert [one.kind for one in session.refused()[before:]] == ["host"]
    with pytest.raises(BlockingIOError):
        database.accept()


@pytest.mark.parametrize(
    "source",
    [
        # The notebook's own servers, in a thread and in another process.
        "import http.server, threading, urllib.request\n"
        "own = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n"
        "threading.Thread(target=own.serve_forever, daemon=True).start()\n"
        "assert urllib.request.urlopen(f'http://localhost:{own.server_port}/').status == 200",
        "import subprocess, sys, urllib.request\n"
        "own = subprocess.Popen([sys.executable, '-u', '-m', 'http.server', '0', '--bind', '127.0.0.1'], stdout=-1)\n"
        "port = int(own.stdout.readline().split(b'port ')[1].split()[0])\n"
        "try:\n    assert urllib.request.urlopen(f'http://127.0.0.1:{port}/').status == 200\nfinally:\n    own.kill()",
        "import socket\na, b = socket.socketpair()\na.sendall(b'x')\nassert b.recv(1) == b'x'",
        "import socket\nassert socket.gethostname() and socket.getaddrinfo('localhost', 80) and socket.getaddrinfo('8.8.8.8', 80)",
        "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    assert pool.map(abs, [-1]) == [1]",
        "import multiprocessing\nwith multiprocessing.Manager() as manager:\n    assert list(manager.list([1])) == [1]",
        "from joblib import Parallel, delayed\nassert Parallel(2)(delayed(abs)(-1) for _ in range(2)) == [1, 1]",
    ],
)  # fmt: skip
def test_not_refused(session: Session, source: str) -> None:
    before = len(session.refused())
    session.run(source, "cell")
    assert session.refused()[before:] == ()


def test_what_a_forked_process_prints_arrives(session: Session) -> None:
    run = session.run("import multiprocessing\np = multiprocessing.get_context('fork').Process(target=print, args=('from afar',))\np.start(); p.join()", "cell")  # fmt: skip
    assert "from afar" in str(run.outputs)


IN_C = """
import ctypes, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
place = struct.pack("!2sH4s8x", struct.pack("=H", 2), PORT, bytes([127, 0, 0, 1]))
handle = libc.socket(2, 1, 0)
print(libc.connect(handle, place, 16), ctypes.get_errno())
"""


def _may_separate() -> bool:
    import ctypes
    import os

    found: list[int] = []
    process = os.fork()
    if process == 0:
        os._exit(0 if ctypes.CDLL(None).unshare(0x40000000) == 0 else 1)
    found.append(os.waitpid(process, 0)[1])
    return found == [0]


@pytest.mark.skipif(not _may_separate(), reason="needs the right to make a network")
@pytest.mark.parametrize(
    "source",
    [
        IN_C,
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', f'import socket; socket.create_connection((\"127.0.0.1\", {PORT}))'])",
        "import os, sys\nos.system(f'{sys.executable} -c \"import urllib.request as u; u.urlopen(\\'{URL}\\')\"')",
        "!python3 -c \"import urllib.request as u; u.urlopen('{URL}')\"",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', f'import urllib.request as u; u.urlopen({URL!r})'], preexec_fn=lambda: None)",
        "import multiprocessing, subprocess, sys\n"
        "p = multiprocessing.get_context('fork').Process(target=subprocess.run, args=([sys.executable, '-c', f'import urllib.request as u; u.urlopen({URL!r})'],))\n"
        "p.start(); p.join()",
    ],
)  # fmt: skip
def test_not_reached_by_c_and_by_programs(session: Session, server: Counting, source: str) -> None:
    before = server.contacts
    session.run(source, "cell")
    assert server.contacts == before


def test_the_server_counts(server: Counting) -> None:
    """Else zero would mean nothing."""
    import contextlib
    import urllib.request

    before = server.contacts
    with contextlib.suppress(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=5)
    assert server.contacts == before + 1


def test_folders_that_are_kept(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "user" / ".cache").mkdir(parents=True)
    kept = tmp_path / "user" / "a.txt"
    kept.write_text("old")
    (tmp_path / "tree" / "a.txt").symlink_to(kept)
    with open_session("python3", tmp_path / "tree", tmp_path) as session:
        session.observe(stage_file(), tmp_path / "tree", "churn", Start(0, 0))
        session.guard(tmp_path / "tree", [tmp_path / "user"], offline=False)
        session.run(f"open('a.txt', 'a').write('new')\nassert open({str(kept)!r}).read() == 'old'", "cell")
        assert session.refused() == ()
        with pytest.raises(CellFailed, match="the user's own file"):
            session.run(f"open({str(kept)!r}, 'w')", "cell")
    assert kept.read_text() == "old"
    assert (tmp_path / "tree" / "a.txt").read_text() == "oldnew"
