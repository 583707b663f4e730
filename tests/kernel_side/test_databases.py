"""What is read from databases, recorded and replayed: SQLite outside of the project, PostgreSQL where it can be started."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nb2prod.adapters.kernels import Start, open_session, stage_file

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own on loopback; its address with user and password."""
    pytest.importorskip("psycopg")
    if shutil.which("initdb") is None:
        pytest.skip("no PostgreSQL here")
    base = Path("/tmp") / f"nb2prod-postgres-{os.getpid()}"
    base.mkdir(mode=0o777)
    as_other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    if as_other:
        os.chown(base, 65534, 65534)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"cwd": base, "env": {**os.environ, "HOME": str(base)}, "capture_output": True}
    (base / "word").write_text("hidden\n")
    try:
        subprocess.run([*as_other, "initdb", "-D", base / "data", "-U", "me", "-A", "scram-sha-256", "--pwfile", base / "word", "--no-sync"], check=True, **options)  # fmt: skip
        server = subprocess.Popen([*as_other, "postgres", "-D", base / "data", "-p", str(port), "-h", "127.0.0.1", "-k", base], cwd=base, stderr=-3)  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(base, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    try:
        _wait(port)
        yield f"me:hidden@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(base, ignore_errors=True)


def _wait(port: int) -> None:
    import time

    import psycopg

    for _ in range(100):
        try:
            psycopg.connect(f"postgresql://me:hidden@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.2)
    pytest.skip("PostgreSQL did not start")


def _run(base: Path, cells: list[str], mode: str) -> list[str]:
    (base / "tree").mkdir(exist_ok=True)
    with open_session("python3", base / "tree", base) as session:
        session.observe(stage_file(), base / "tree", "churn", Start(0, 0))
        session.guard(base / "tree", [base / "user"], offline=mode == "replay")
        session.record(base / "recording", mode)
        shown = []
        for number, source in enumerate(cells):
            session.pin("cell", number)
            shown.append("".join(str(one.get("text")) for one in session.run(source, "cell").outputs))
    return shown


def _index(base: Path) -> list[dict[str, str]]:
    text = (base / "recording" / "index.json").read_text("utf-8")
    assert "hidden" not in text
    return [json.loads(line) for line in text.splitlines()]


ENGINE = [
    "import pandas as pd\nfrom sqlalchemy import create_engine, text, select, MetaData, Table\nengine = create_engine(URL)",
    "frame = pd.read_sql('select * from prices order by id', engine)\nprint(frame, frame.dtypes)",
    "with engine.connect() as c:\n    r = c.execute(text('select price from prices where id > :n order by id'), {'n': 1})\n"
    "    print(r.keys(), r.scalars().all(), c.execute(text('select count(*) from prices')).scalar_one())",
    "with engine.begin() as c:\n    print(c.execute(text(\"insert into prices values (9, 'i', 1.5)\")).rowcount)",
    "frame.assign(id=frame.id + 100).to_sql('copies', engine, index=False, if_exists='replace')",
    "t = Table('prices', MetaData(), autoload_with=engine)\nwith engine.connect() as c:\n"
    "    row = c.execute(select(t).order_by(t.c.id)).first()\n    print(row, row._mapping[t.c.price])",
    "from sqlalchemy.orm import declarative_base, Session\nBase = declarative_base()\nclass Price(Base):\n    __table__ = t\n"
    "    __mapper_args__ = {'primary_key': [t.c.id]}\nwith Session(engine) as s:\n    print([one.price for one in s.query(Price).order_by(Price.id)])",
]  # fmt: skip


def test_sqlite_outside_of_the_project(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    place = tmp_path / "elsewhere.db"
    with sqlite3.connect(place) as db:
        db.execute("create table prices (id integer, name text, price real)")
        db.executemany("insert into prices values (?, ?, ?)", [(1, "a", 2.5), (2, "b", None)])
    db.close()
    cells = [f"URL = 'sqlite:///{place}'", *ENGINE]
    recorded = _run(tmp_path, cells, "record")
    assert "2.5" in recorded[2]
    place.rename(tmp_path / "away.db")
    assert _run(tmp_path, cells, "replay") == recorded
    assert not place.exists()
    index = _index(tmp_path)
    assert {one["cell"] for one in index if one["writes"]} == {"4", "5"}
    assert {one["name"] for one in index} == {f"sqlite:///{place}"}


def test_sqlite_inside_is_a_file(tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy")
    cells = ["from sqlalchemy import create_engine, text\nengine = create_engine('sqlite:///inside.db')"]
    cells += ["with engine.begin() as c:\n    c.execute(text('create table t (x integer)'))"]
    _run(tmp_path, cells, "record")
    assert (tmp_path / "tree" / "inside.db").stat().st_size > 0
    assert not (tmp_path / "recording" / "index.json").exists()


DRIVER = [
    "import psycopg, pandas as pd",
    "with psycopg.connect(URL) as db, db.cursor() as c:\n    c.execute('select * from prices where id > %s order by id', (1,))\n"
    "    print(c.fetchone(), c.fetchall(), c.rowcount, [d[0] for d in c.description])",
    "db = psycopg.connect(URL)\nprint(db.execute(\"select now() is null, 1.50::numeric, date '2026-01-02', '{1,2}'::int[]\").fetchall())",
    "import warnings\nwarnings.simplefilter('ignore')\nprint(pd.read_sql('select * from prices order by id', db))",
    "c = db.execute(\"insert into prices values (7, 'g', 3)\")\nprint(c.rowcount)\ndb.commit()\ndb.close()",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["driver", "engine"])
def test_postgresql(tmp_path: Path, postgres: str, kind: str) -> None:
    import psycopg

    with psycopg.connect(f"postgresql://{postgres}") as db:
        db.execute("drop table if exists prices")
        db.execute("create table prices (id integer, name text, price numeric(8, 2))")
        db.execute("insert into prices values (1, 'a', 2.5), (2, 'b', null)")
    scheme = "postgresql" if kind == "driver" else "postgresql+psycopg"
    if kind == "engine":
        pytest.importorskip("sqlalchemy")
    cells = [f"URL = '{scheme}://{postgres}'", *(DRIVER if kind == "driver" else ENGINE)]
    recorded = _run(tmp_path, cells, "record")
    with psycopg.connect(f"postgresql://{postgres}") as db:
        rows = db.execute("select count(*) from prices").fetchall()
        db.execute("drop table prices")
    assert rows == [(3,)]
    assert _run(tmp_path, cells, "replay") == recorded
    index = _index(tmp_path)
    assert any(one["writes"] for one in index)
    assert {one["name"].rpartition("@")[2] for one in index} == {one["name"] for one in index}
