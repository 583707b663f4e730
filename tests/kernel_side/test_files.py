"""`only_files` and `check_files`: what a stage may open, by example. Each case runs in a process of its own."""

from __future__ import annotations

import textwrap

import pytest

_CASE = """
import os, pathlib, shutil, sqlite3, subprocess, sys
_stage.HOME = pathlib.Path("project/nb").absolute()
os.chdir("project/nb")
touch = lambda path: subprocess.run([sys.executable, "-c", f"open({{path!r}}, 'w').close()"])
try:
    _stage.only_files(
        reads=["../data/in.csv", "../many", "../store.db"], writes=["out.csv", "../results"], root=".."
    )
{code}
    _stage.check_files()
    print("passes")
except Exception as error:
    print(f"{{type(error).__name__}} {{error}}".partition(":")[0])
"""


@pytest.fixture
def outcome(run_python, tmp_path):
    """What a stage in `project/nb` comes to that runs the code: `passes`, or the error and the file that it names."""
    root = tmp_path / "project"
    old = ["data/in.csv", "data/other.csv", "many/a/b.csv", "nb/helper.py", "nb/.env", "venv/pyvenv.cfg", "venv/x.txt"]
    for path in [*old, "env2/pyvenv.cfg", "env2/lib/x.txt", "../outside.txt"]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("0")
    (root / "results").mkdir()
    run_python(
        "import sqlite3\nfor name in ('store', 'stock'): sqlite3.connect(f'project/{name}.db').execute('create table t (x)')"
    )

    def run(code: str) -> str:
        return run_python(_CASE.format(code=textwrap.indent(textwrap.dedent(code), "    "))).strip()

    return run


# fmt: off
@pytest.mark.parametrize("code", [
    pytest.param("open('../data/in.csv').read()", id="declared"),
    pytest.param("open('../many/a/b.csv').read()", id="below a declared folder"),
    pytest.param("open('../data/../nb/../data/in.csv').read()", id="another spelling"),
    pytest.param("pathlib.Path('../data/in.csv').resolve().read_text()", id="absolute"),
    pytest.param("os.chdir('../data'); open('in.csv').read()", id="after a change of folder"),
    pytest.param("os.symlink('../data/in.csv', 'link'); open('link').read(); os.remove('link')", id="through a link"),
    pytest.param("open('out.csv', 'w').write('1')", id="a declared output"),
    pytest.param("os.makedirs('../results/x'); open('../results/x/y', 'w').close()", id="below a declared output"),
    pytest.param("""
        try:
            open('../config.json')
        except FileNotFoundError:
            pass
    """, id="asks for forgiveness"),
    pytest.param("open('t', 'w').write('1'); open('t').read(); os.remove('t')", id="temporary"),
    pytest.param("open('t', 'w').write('1'); os.replace('t', 'out.csv')", id="written aside, then renamed"),
    pytest.param("os.mkdir('d'); open('d/t', 'w').close(); shutil.rmtree('d')", id="a temporary folder"),
    pytest.param("touch('t'); open('t').read(); os.remove('t')", id="made by a subprocess"),
    pytest.param("open('../../outside.txt').read(); open('../../new.txt', 'w').close()", id="outside the project"),
    pytest.param("open('.env').read(); os.mkdir('.cache'); open('.cache/x', 'w').close()", id="hidden"),
    pytest.param("open('../venv/x.txt').read(); open('../env2/lib/x.txt').read()", id="an environment in the project"),
    pytest.param("open('../data/other.csv', 'a').close()", id="opened for appending and left as it was"),
    pytest.param("log = open('log.txt', 'a'); _stage.check_files(); assert not os.path.exists('log.txt')", id="an empty log"),
    pytest.param("sys.path.append('.'); import helper; import inspect; inspect.getsource(helper)", id="a module"),
    pytest.param("sqlite3.connect('../store.db').execute('select * from t')", id="a declared database, read"),
    pytest.param("sqlite3.connect(':memory:'); sqlite3.connect('')", id="no database file"),
    pytest.param("os.listdir('..'); open(os.open('../data/in.csv', os.O_RDONLY)).read()", id="folders and descriptors"),
])
def test_passes(outcome, code):
    assert outcome(code) == "passes"


@pytest.mark.parametrize(("code", "named"), [
    pytest.param("open('../data/other.csv').read()", "../data/other.csv", id="read"),
    pytest.param("pathlib.Path('..', 'data', 'other.csv').read_bytes()", "../data/other.csv", id="pathlib"),
    pytest.param("open('../many/../data/other.csv').read()", "../data/other.csv", id="another spelling"),
    pytest.param("pathlib.Path('../data/other.csv').resolve().read_text()", "../data/other.csv", id="absolute"),
    pytest.param("os.symlink(os.path.abspath('..'), '../../alias'); open('../../alias/data/other.csv').read()", "../data/other.csv", id="by way of a link outside"),
    pytest.param("os.chdir('../data'); open('other.csv').read()", "../data/other.csv", id="after a change of folder"),
    pytest.param("os.close(os.open('../data/other.csv', os.O_RDONLY))", "../data/other.csv", id="os.open"),
    pytest.param("open('../data/other.csv', 'r+').close()", "../data/other.csv", id="read and write"),
    pytest.param("open('../data/other.csv', 'a+').close()", "../data/other.csv", id="read and append"),
    pytest.param("shutil.copy('../data/other.csv', 'out.csv')", "../data/other.csv", id="copied"),
    pytest.param("os.rename('../data/other.csv', 'out.csv')", "../data/other.csv", id="moved"),
    pytest.param("sqlite3.connect('../stock.db')", "../stock.db", id="a database"),
    pytest.param("sqlite3.connect('file:../st%6Fck.db?mode=ro', uri=True)", "../stock.db", id="a database's address"),
    pytest.param("open('helper.py').read()", "helper.py", id="a module as text"),
    pytest.param("""
        try:
            open('../data/other.csv')
        except Exception:
            pass
    """, "../data/other.csv", id="the error is caught"),
    pytest.param("open('new.csv', 'w').close()", "new.csv", id="written"),
    pytest.param("open('../new.csv', 'x').close()", "../new.csv", id="written above"),
    pytest.param("open('../data/other.csv', 'a').close(); open('../data/other.csv').read()", "../data/other.csv",
                 id="opened for appending and read"),
    pytest.param("open('../data/other.csv', 'a').write('1')", "../data/other.csv", id="appended to"),
    pytest.param("open('../data/in.csv', 'a').write('1')", "../data/in.csv", id="a dependency appended to"),
    pytest.param("open('out.csv', 'w').close(); os.rename('out.csv', 'new.csv')", "new.csv", id="renamed"),
    pytest.param("os.mkdir('t'); open('t/x', 'w').close(); os.rename('t', 'kept')", "kept/x", id="in a folder that was renamed"),
    pytest.param("os.link('../data/in.csv', 'new.csv')", "new.csv", id="linked"),
    pytest.param("sqlite3.connect('new.db').execute('create table t (x)')", "new.db", id="a new database"),
    pytest.param("touch('t'); open('t').read()", "t", id="left by a subprocess"),
])
def test_fails_by_name(outcome, code, named):
    assert outcome(code) == f"StageError {named}"
# fmt: on


def test_a_missing_file_raises_its_own_error(outcome):
    assert outcome("open('../data/gone.csv')").startswith("FileNotFoundError")


def test_the_remedy_is_told(run_python, tmp_path):
    (tmp_path / "other.csv").write_text("0")
    code = "_stage.only_files()\ntry: open('other.csv')\nexcept _stage.StageError as error: print(error)"
    assert run_python(code).strip() == (
        "other.csv: this stage reads it and does not declare it; convert the notebook again with these parameters, "
        "or tag the cell `input:other.csv`; NB2PROD_ALLOW_UNDECLARED=1 goes on"
    )


@pytest.mark.parametrize(("value", "passes"), [("1", True), ("", False), ("0", False)])
def test_it_can_be_switched_off(outcome, value, passes):
    found = outcome(
        f"os.environ[_stage.ALLOW] = {value!r}; _stage._files.clear(); _stage.only_files(root='..')\nopen('../data/other.csv').read()"
    )
    assert (found == "passes") == passes


def test_the_last_call_is_in_force(outcome):
    assert (
        outcome("_stage.only_files(reads=['../data/other.csv'], root='..'); open('../data/other.csv').read()")
        == "passes"
    )
