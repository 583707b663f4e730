"""Sources: read once in all for a conversion, and again only when a person asks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hazards.hazard import write_notebook

from integration.projects import commit, dvc, git, is_clean, nb2prod, reran
from integration.test_consent import Source, serving
from nb2prod.errors import Refused
from nb2prod.operations.convert import convert

pytestmark = pytest.mark.slow


@pytest.fixture
def source() -> Iterator[Source]:
    with serving() as server:
        yield server


CELLS = """
# %% stage:load
import alarm
import pandas as pd, requests
URL = "{url}"
frame = pd.read_csv(URL + "/table.csv?key=hidden")
extra = requests.get(URL + "/extra", headers={{"X-Key": "hidden"}}, auth=("me", "hidden")).text
# %% stage:notify
answer = requests.post(URL + "/notify", data={{"rows": len(frame)}}).status_code + alarm.tell(URL)
# %% stage:count
total = int(frame.sum().sum())
print(total, len(extra), answer)
"""


def _project(folder: Path, cells: str) -> Path:
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    return write_notebook(folder / "connected.ipynb", cells)


def test_each_source_is_read_once_and_again_when_asked(tmp_path: Path, source: Source) -> None:
    (tmp_path / "alarm.py").write_text(
        "import requests\n\n\ndef tell(url):\n    return requests.put(url + '/alarm').status_code\n", "utf-8"
    )
    path = _project(tmp_path, CELLS.format(url=source.url))
    done = nb2prod(tmp_path, "convert", path.name, "--allow-network")
    assert "verdict: same" in done.stdout
    assert source.asked == ["GET /table.csv?key=hidden", "GET /extra", "POST /notify", "PUT /alarm"]
    assert "alarm.py: `requests.put` contacts a host that only running tells, and looks like a write" in done.stderr
    assert "cell 2 (cell-1): `requests.post` contacts 127.0.0.1" in done.stderr
    assert "looks like a write" in done.stderr
    pipeline = tmp_path / "pipeline"
    names = [one["name"] for one in json.loads((pipeline / "sources" / "load.json").read_text("utf-8"))["sources"]]
    assert names == [f"{source.url}/extra", f"{source.url}/table.csv"]
    assert not (pipeline / "sources" / "notify.json").exists()
    generated = [
        one for one in pipeline.rglob("*") if one.is_file() and one.suffix in (".json", ".yaml", ".md", ".lock")
    ]
    assert not [one for one in generated if "hidden" in one.read_text("utf-8", "replace")]
    assert is_clean(pipeline)
    commit(tmp_path)

    source.asked.clear()
    source.body = b"a,b\n1,2\n3,5\n"
    assert "nothing to do" in nb2prod(tmp_path, "run", "pipeline").stdout
    assert source.asked == []

    ran = nb2prod(tmp_path, "run", "pipeline", "--refresh")
    assert "ran: load, notify, count" in ran.stdout
    assert "what stage `load` reads from others changed" in ran.stderr
    assert git(tmp_path, "status", "--porcelain", "pipeline/sources").strip() == "M pipeline/sources/load.json"
    assert is_clean(pipeline)
    assert reran(dvc(pipeline, "repro").stdout) == []

    source.asked.clear()
    before = (pipeline / "dvc.lock").read_bytes()
    assert "nothing to do" in nb2prod(tmp_path, "run", "pipeline", "--refresh").stdout
    assert source.asked == ["GET /table.csv?key=hidden", "GET /extra"]
    assert (pipeline / "dvc.lock").read_bytes() == before
    assert is_clean(pipeline)
    nb2prod(tmp_path, "convert", path.name, "--check")


def test_a_source_that_is_gone_leaves_everything(tmp_path: Path) -> None:
    cells = "# %% stage:load\nimport urllib.request\ntext = urllib.request.urlopen('{url}/a').read()\n# %% stage:b\nprint(text)\n"
    with serving() as source:
        path = _project(tmp_path, cells.format(url=source.url))
        assert convert(path, allow_network=True).verdict.state == "same"
    before = (tmp_path / "pipeline" / "sources" / "load.json").read_bytes()
    done = nb2prod(tmp_path, "run", "pipeline", "--refresh", code=3)
    assert "the sources of stage `load` could not be looked at" in done.stderr
    assert (tmp_path / "pipeline" / "sources" / "load.json").read_bytes() == before
    assert is_clean(tmp_path / "pipeline")


SLOW = """
# %% stage:load
import time, urllib.request
time.sleep(1.2)
text = urllib.request.urlopen("{url}/a").read().decode()
# %% stage:fit
time.sleep(1.2)
size = len(text)
# %% stage:report
print(size)
"""


def test_what_was_read_from_others_is_never_put_back(tmp_path: Path, source: Source) -> None:
    """A long cell that reads a source is run again, and so are proofs of what another answer leads to."""
    path = _project(tmp_path, SLOW.format(url=source.url))
    assert convert(path, allow_network=True).verdict.state == "same"
    source.asked.clear()
    source.body = source.body + b"7,8\n"
    path.write_text(path.read_text("utf-8").replace("print(size)", "print(size + 1)"), "utf-8")
    said = nb2prod(tmp_path, "convert", path.name, "--allow-network")
    assert "verdict: same" in said.stdout
    assert source.asked == ["GET /a"]
    assert "as in an earlier run" not in said.stderr
    assert is_clean(tmp_path / "pipeline")


def test_a_change_of_prose_leaves_what_is_known_of_sources(tmp_path: Path, source: Source) -> None:
    path = _project(tmp_path, SLOW.format(url=source.url))
    assert convert(path, allow_network=True).verdict.state == "same"
    source.body = source.body + b"7,8\n"
    assert "ran: load" in nb2prod(tmp_path, "run", "pipeline", "--refresh").stdout
    known = (tmp_path / "pipeline" / "sources" / "load.json").read_bytes()
    source.asked.clear()
    path.write_text(path.read_text("utf-8").replace("print(size)", "print(size)  # in bytes"), "utf-8")
    assert "taken over, nothing was run" in nb2prod(tmp_path, "convert", path.name, "--allow-network").stdout
    assert source.asked == []
    assert (tmp_path / "pipeline" / "sources" / "load.json").read_bytes() == known
    assert is_clean(tmp_path / "pipeline")


@pytest.mark.parametrize(
    "line",
    [
        "import socket\ns = socket.create_connection(('127.0.0.1', PORT)); s.close()",
        "import http.client\nc = http.client.HTTPConnection('127.0.0.1', PORT)\nc.request('GET', '/')\nc.getresponse().read()",
    ],
)
def test_what_cannot_be_recorded_is_refused(tmp_path: Path, source: Source, line: str) -> None:
    path = _project(tmp_path, f"# %% stage:a\nPORT = {source.server_address[1]}\n{line}\n# %% stage:b\nx = 1\n")
    with pytest.raises(Refused, match=r"cell 1 \(cell-0\): .* cannot be recorded"):
        convert(path, allow_network=True)


def test_a_program_cannot_be_recorded(tmp_path: Path) -> None:
    path = _project(tmp_path, "# %% stage:a\n!curl -o a.csv https://example.org/a.csv\n# %% stage:b\nx = 1\n")
    with pytest.raises(Refused, match=r"cell 1 \(cell-0\): `curl` contacts example.org, which cannot be recorded"):
        convert(path, allow_network=True)


ROWS = """
# %% stage:load
import pandas as pd
import sqlite3
from sqlalchemy import create_engine
engine = create_engine("sqlite:///{place}")
names = pd.read_sql("select name from names", sqlite3.connect("{place}.names")).name.tolist()
frame = pd.read_sql("select * from prices order by id", engine)
# %% stage:mean
mean = frame.price.mean()
print(names, mean, pd.read_sql("select count(*) as n from prices", engine).n[0])
"""


@pytest.mark.parametrize("network", [False, True])
def test_a_row_is_added(tmp_path: Path, network: bool) -> None:
    """A database in a file needs nobody's consent, and is looked at all the same."""
    pytest.importorskip("sqlalchemy")
    place = tmp_path / "elsewhere.db"
    with sqlite3.connect(place) as db:
        db.execute("create table prices (id integer, price real)")
        db.executemany("insert into prices values (?, ?)", [(1, 2.5), (2, 3.5)])
    with sqlite3.connect(f"{place}.names") as db:
        db.execute("create table names (name text)")
        db.execute("insert into names values ('a')")
    (tmp_path / "project").mkdir()
    project = tmp_path / "project"
    path = _project(project, ROWS.format(place=place))
    done = convert(path, allow_network=network)
    assert done.verdict.state == "same"
    assert done.merges == ()
    assert not [note for note in done.notes if "writes" in note]
    assert "nothing to do" in nb2prod(project, "run", "pipeline", "--refresh").stdout
    with sqlite3.connect(place) as db:
        db.execute("insert into prices values (3, 9.5)")
    assert "nothing to do" in nb2prod(project, "run", "pipeline").stdout
    assert "ran: load, mean" in nb2prod(project, "run", "pipeline", "--refresh").stdout
    assert "nothing to do" in nb2prod(project, "run", "pipeline", "--refresh").stdout
    with sqlite3.connect(f"{place}.names") as db:
        db.execute("delete from names")
    assert "ran: load" in nb2prod(project, "run", "pipeline", "--refresh").stdout
    assert is_clean(project / "pipeline")
