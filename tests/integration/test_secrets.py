"""A canary in the environment, in `.env` and from `getpass`: no byte of it is anywhere afterwards."""

from __future__ import annotations

import base64
import gzip
import os
import re
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hazards.hazard import write_notebook

from integration.projects import dvc, git, is_clean, nb2prod
from integration.test_consent import Source, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def source() -> Iterator[Source]:
    with serving() as server:
        yield server


@pytest.fixture
def canaries(tmp_path: Path) -> dict[str, str]:
    """Three values, and a home and a place for temporary files of their own."""
    found = {name: secrets.token_hex(12) for name in ("SERVICE_KEY", "DB_PASSWORD", "FILE_TOKEN")}
    for name in ("home", "tmp", "project"):
        (tmp_path / name).mkdir()
    (tmp_path / "project" / ".env").write_text(f"FILE_TOKEN={found['FILE_TOKEN']}\n", "utf-8")
    return found


def _environment(base: Path, canaries: dict[str, str]) -> dict[str, str]:
    given = {name: canaries[name] for name in ("SERVICE_KEY", "DB_PASSWORD")}
    places = {"HOME": base / "home", "TMPDIR": base / "tmp", "IPYTHONDIR": base / "home" / ".ipython"}
    return given | {name: str(place) for name, place in places.items()}


def _found(base: Path, canaries: dict[str, str], *texts: str) -> list[str]:
    """Where a canary stands, as it is or in Base64: in a file that is not the user's own, its name, or a text."""
    forms = [form.encode() for value in canaries.values() for form in (value, _in_base64(value))]
    places = [path for path in base.rglob("*") if path.name not in (".env", "credentials.json")]
    data = {str(path): str(path).encode() + (_bytes(path) if path.is_file() else b"") for path in places}
    data |= {f"text {number}": text.encode() for number, text in enumerate(texts)}
    return [name for name, held in data.items() if any(form in held for form in forms)]


def _bytes(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _in_base64(value: str) -> str:
    """What stands in `me:VALUE` in Base64 for the value."""
    return base64.b64encode(f"me:{value}".encode()).decode().rstrip("=")[4:-1]


CELLS = """
# %% stage:load
import base64, getpass, os, requests
from dotenv import load_dotenv
load_dotenv(".env")
key = os.environ["SERVICE_KEY"]
word = getpass.getpass("DB password: ")
token = os.getenv("FILE_TOKEN")
address = f"postgresql://me:{{word}}@db.example.org/x?key={{key}}"
basic = base64.b64encode(f"me:{{word}}".encode()).decode()
headers = {{"Authorization": f"Bearer {{token}}"}}
rows = requests.get("{url}/a", headers=headers, params={{"key": key}}).text.splitlines()
# %% stage:use
again = requests.get("{url}/b", headers=headers).text
longest = len(address) + len(basic) + len(rows) + len(again)
print(longest)
# %% stage:report
print(longest + 1)
"""


def test_no_byte_of_a_canary(tmp_path: Path, source: Source, canaries: dict[str, str]) -> None:
    project = tmp_path / "project"
    git(project, "init", "-q")
    dvc(project, "init", "-q")
    (project / ".gitignore").write_text(".env\n", "utf-8")
    path = write_notebook(project / "secret.ipynb", CELLS.format(url=source.url))
    env = _environment(tmp_path, canaries)
    done = nb2prod(project, "convert", path.name, "--allow-network", env=env)
    assert "verdict: same" in done.stdout
    assert _found(tmp_path, canaries, done.stdout, done.stderr) == []
    assert is_clean(project / "pipeline")
    assert _remembered(project) == []
    forced = nb2prod(project, "run", "pipeline", "--force", "--refresh", env=env)
    assert "ran: " in forced.stdout
    assert _found(tmp_path, canaries, forced.stdout, forced.stderr) == []
    assert any(canaries["SERVICE_KEY"] in asked for asked in source.asked)  # it was used
    start = (project / "pipeline" / "dvc.yaml").read_text("utf-8")
    assert re.search(r"^  report:", start, re.MULTILINE)


def _remembered(project: Path) -> list[Path]:
    """What conversions left on this machine for the next one."""
    return [path for path in (project / ".dvc" / "tmp").rglob("*") if path.is_file() and "conversions" in path.parts]


HIDDEN = """
# %% stage:load
import time
import access
time.sleep(1.2)
rows = [access.size(), 2]
# %% stage:fit
time.sleep(1.2)
total = sum(rows)
# %% stage:report
print(total)
"""


def test_nothing_is_remembered_once_a_secret_was_read(tmp_path: Path, canaries: dict[str, str]) -> None:
    """Whoever reads it, and however long the cells took; what was remembered before it is forgotten."""
    project = tmp_path / "project"
    dvc(project, "init", "--no-scm", "-q")
    (project / "access.py").write_text("def size():\n    return 24\n", "utf-8")
    path = write_notebook(project / "hidden.ipynb", HIDDEN)
    env = _environment(tmp_path, canaries)
    assert "verdict: same" in nb2prod(project, "convert", path.name, env=env).stdout
    assert {"conversion.json.gz", "segment.json.gz"} <= {one.name for one in _remembered(project)}
    (project / "access.py").write_text(
        "import os\n\n\ndef size():\n    return len(os.environ['SERVICE_KEY'])\n", "utf-8"
    )
    for _ in range(2):
        said = nb2prod(project, "convert", path.name, "--overwrite", env=env)
        assert "verdict: same" in said.stdout or "nothing changed" in said.stdout
        assert _remembered(project) == []
    assert _found(tmp_path, canaries, said.stdout, said.stderr) == []


LEAKS = {
    "shows": ("print('key', key)", "shows the value of SERVICE_KEY"),
    "a result": ("{'k': [key]}", "shows the value of SERVICE_KEY"),
    "a file": ("open('out.txt', 'w').write('x' + key)", "`out.txt` holds the value of SERVICE_KEY"),
    "a file's name": ("open(f'out-{key}.txt', 'w').close()", "the name of a file that it writes holds the value"),
    "in Base64": ("import base64\nprint(base64.b64encode(b'me:' + key.encode()))", "shows the value of SERVICE_KEY"),
    "an exception": ("raise ValueError('bad ' + key)", "ValueError: bad <SERVICE_KEY>"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_what_would_tell_it_is_refused(tmp_path: Path, canaries: dict[str, str], leak: str) -> None:
    line, told = LEAKS[leak]
    cells = f"# %% stage:a\nimport os\nkey = os.environ['SERVICE_KEY']\n# %% stage:b\n{line}\n# %% stage:c\nx = 1\n"
    path = write_notebook(tmp_path / "project" / "leak.ipynb", cells)
    done = nb2prod(tmp_path / "project", "convert", path.name, env=_environment(tmp_path, canaries), code=None)
    assert done.returncode in (1, 3)
    assert told in done.stderr
    assert _found(tmp_path, canaries, done.stdout, done.stderr) == []


FAILS_LATER = """
# %% parameters
limit = 3
# %% stage:a
import json, os
key = os.environ["SERVICE_KEY"]
access = json.load(open("access/credentials.json"))
size = len(key)
# %% stage:b
if limit > 3:
    raise ValueError("bad " + os.environ["SERVICE_KEY"], "and " + access["api_key"])
print(size)
"""


def test_a_run_that_fails_tells_no_value(tmp_path: Path, canaries: dict[str, str]) -> None:
    project = tmp_path / "project"
    dvc(project, "init", "--no-scm", "-q")
    env = _environment(tmp_path, canaries)
    (project / "access").mkdir()
    canaries["FILE_KEY"] = secrets.token_hex(12)
    (project / "access" / "credentials.json").write_text(f'{{\n  "api_key": "{canaries["FILE_KEY"]}"\n}}\n', "utf-8")
    path = write_notebook(project / "later.ipynb", FAILS_LATER)
    assert "verdict: same" in nb2prod(project, "convert", path.name, env=env).stdout
    done = nb2prod(project, "run", "pipeline", "-p", "limit", "4", "--keep", env=env, code=3)
    assert "bad <SERVICE_KEY>" in done.stderr
    assert "and <api_key (credentials.json)>" in done.stderr
    (log,) = (project / "pipeline" / "runs").glob("*b.log")  # what was read from the file does not cross
    assert "bad <SERVICE_KEY>" in log.read_text("utf-8")
    opened = nb2prod(project, "debug", log.stem, "pipeline", env=env)
    os.kill(int(re.findall(r"kill (\d+)", opened.stdout)[0]), signal.SIGKILL)
    assert "bad <SERVICE_KEY>" in opened.stdout + opened.stderr
    assert _found(tmp_path, canaries, opened.stdout, opened.stderr) == []
    assert _found(tmp_path, canaries, done.stdout, done.stderr) == []


OWN = """
# %% stage:a
import os
os.environ["RUN_NAME"] = "an ordinary long name"
# %% stage:b
name = os.environ["RUN_NAME"]
print(name)
# %% stage:c
print(name.upper())
"""


def test_what_the_notebook_sets_itself_is_no_secret(tmp_path: Path, canaries: dict[str, str]) -> None:
    path = write_notebook(tmp_path / "project" / "own.ipynb", OWN)
    done = nb2prod(tmp_path / "project", "convert", path.name, env=_environment(tmp_path, canaries))
    assert "verdict: same" in done.stdout
    assert "merged" not in done.stdout


def test_getpass_says_which_variable(tmp_path: Path, canaries: dict[str, str]) -> None:
    cells = "# %% stage:a\nimport getpass\nword = getpass.getpass('Other word: ')\n# %% stage:b\nx = 1\n"
    path = write_notebook(tmp_path / "project" / "ask.ipynb", cells)
    done = nb2prod(tmp_path / "project", "convert", path.name, env=_environment(tmp_path, canaries), code=3)
    assert "set the environment variable OTHER_WORD" in done.stderr


FRAME = """
# %% stage:a
import os
import pandas as pd
frame = pd.DataFrame({"x": [1, 2], "key": ["a", "b" + os.environ["SERVICE_KEY"]]})
# %% stage:b
total = int(frame.x.sum())
# %% stage:c
print(total)
"""


def test_a_table_that_holds_it_does_not_cross(tmp_path: Path, canaries: dict[str, str]) -> None:
    path = write_notebook(tmp_path / "project" / "table.ipynb", FRAME)
    done = nb2prod(tmp_path / "project", "convert", path.name, env=_environment(tmp_path, canaries))
    assert "merged: a + b: `frame` (pandas.DataFrame) cannot cross: it holds the value of SERVICE_KEY" in done.stdout
    assert "verdict: same" in done.stdout
    assert _found(tmp_path, canaries, done.stdout, done.stderr) == []
    assert os.environ.get("SERVICE_KEY") is None
