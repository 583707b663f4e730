"""`check --run`: what runs make of findings. Every notebook of the table is run by `tests/long/reproducing.py`."""

from __future__ import annotations

import json
import random

import pytest

from nb2prod.lint.context import Context
from nb2prod.lint.registry import rules
from nb2prod.lint.running.evidence import Failure
from nb2prod.lint.running.failures import fact_of
from nb2prod.operations.check import check
from nb2prod.operations.check_run import RunOptions, check_run
from tests.lint.running.table import broken, is_named, ran, write
from tests.lint.tables import notebook_of

_SAMPLE = random.Random(11).sample(broken(), 5)


def test_the_table_has_twenty_notebooks_of_ten_causes_and_known_rules():
    names = {rule.name for rule in rules()}
    assert len(broken()) >= 20
    assert len({one.cause for one in broken()}) >= 10
    assert {one.expected[0] for one in broken()} <= names


@pytest.mark.slow
@pytest.mark.parametrize("one", _SAMPLE, ids=lambda one: one.title)
def test_the_cause_is_named_on_its_cell(one, tmp_path):
    done = ran(one, tmp_path)
    assert is_named(one, done.checked.diagnostics), done
    assert done.executed[0].startswith("ran ") and "without network" in done.executed[0]


@pytest.mark.slow
def test_a_run_refutes_what_it_does_not_see_and_leaves_the_folder_alone(tmp_path):
    text = (
        "# %%\nopen('made.txt', 'w').write('x')\n"
        "# %%\nimport numpy as np\nrng_less = np.random.permutation(1)\n"
        "# %%\nprint(6 * 7)\n#> 42\n"
        "# %%\nexec('hidden = 1')\n# %%\nprint(hidden)\n"
    )
    path = write(tmp_path, text)
    before = path.read_bytes()
    static = check(path)
    done = check_run(path, static, RunOptions(120))
    assert [one.name for one in done.checked.diagnostics if one.confirmed and one.severity == "error"] == []
    assert not [one for one in done.checked.diagnostics if one.name == "stale-output"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["case.ipynb"]
    assert path.read_bytes() == before


@pytest.mark.slow
def test_after_a_failure_only_what_does_not_need_it_is_run(tmp_path):
    text = "# %%\na = 1 / 0\n# %%\nb = a + 1\n# %%\nc = b\n# %%\nd = missing\n"
    done = check_run(write(tmp_path, text), check(tmp_path / "case.ipynb"), RunOptions(120))
    found = [(one.name, one.cell_index) for one in done.checked.diagnostics if one.confirmed]
    assert found == [("failing-cell", 0), ("undefined-on-restart", 3)]
    assert [line for line in done.executed if "was not run" in line] == [
        "cell 2 was not run: it needs `a` of cell 1",
        "cell 3 was not run: it needs `b` of cell 1",
    ]


@pytest.mark.parametrize(
    ("name", "value", "source", "rule", "message"),
    [
        ("NameError", "name 'x' is not defined", "x", "undefined-on-restart", "`x` is not defined when"),
        (
            "FileNotFoundError",
            "[Errno 2] No such file or directory: 'a.csv'",
            "f()",
            "missing-input",
            "there is no file `a.csv`",
        ),
        ("OSError", "a.csv does not exist", "f()", "missing-input", "an input is missing"),
        (
            "ModuleNotFoundError",
            "No module named 'nobody'",
            "import nobody",
            "undeclared-dependency",
            "package `nobody` is not",
        ),
        (
            "ModuleNotFoundError",
            "No module named 'sklearn.grid_search'",
            "x",
            "removed-api",
            "`sklearn.grid_search` is not in scikit-learn 9.9",
        ),
        (
            "ModuleNotFoundError",
            "No module named 'nobody.sub'",
            "x",
            "undeclared-dependency",
            "package `nobody.sub` is not",
        ),
        (
            "ImportError",
            "cannot import name 'imread' from 'scipy.misc' (/x/y.py)",
            "x",
            "removed-api",
            "`imread` is not in",
        ),
        (
            "AttributeError",
            "module 'numpy' has no attribute 'float'",
            "x",
            "removed-api",
            "`float` is not in numpy 2.0",
        ),
        (
            "AttributeError",
            "'DataFrame' object has no attribute 'append'",
            "x",
            "removed-api",
            "`DataFrame.append` is not there",
        ),
        (
            "AttributeError",
            "'NoneType' object has no attribute 'group'",
            "x",
            "failing-cell",
            "ends with AttributeError",
        ),
        (
            "AttributeError",
            "'Mine' object has no attribute 'size'",
            "class Mine: pass",
            "failing-cell",
            "ends with AttributeError",
        ),
        (
            "TypeError",
            "own() got an unexpected keyword argument 'k'",
            "def own(): pass",
            "failing-cell",
            "ends with TypeError",
        ),
        (
            "TypeError",
            "OneHotEncoder.__init__() got an unexpected keyword argument 'sparse'",
            "x",
            "removed-api",
            "takes no argument `sparse`",
        ),
        (
            "URLError",
            "<urlopen error the network is off in `nb2prod check --run` (x)>",
            "x",
            "network-access",
            "needs the network",
        ),
        (
            "ConnectionError",
            "HTTPConnectionPool(host='x')",
            "x",
            "network-access",
            "needs the network, and it was not to be had",
        ),
        (
            "KeyError",
            "'HOST'",
            "a = os.environ['HOST']",
            "environment-or-cwd",
            "the environment variable `HOST` is not set",
        ),
        ("KeyError", "'HOST'", "a = d['HOST']", "failing-cell", "ends with KeyError"),
        ("ValueError", "x" * 900, "x", "failing-cell", "ends with ValueError: xxx"),
    ],
)
def test_an_error_is_read(name, value, source, rule, message):
    context = Context(notebook_of(f"# %%\n{source}\n"))
    versions = {"scikit-learn": "9.9", "numpy": "2.0"}
    fact = fact_of(context, versions, context.views[0], Failure(name, value))
    assert (fact.rule, message in fact.message, len(fact.message) < 300) == (rule, True, True), fact


def test_a_notebook_that_cannot_be_run_is_not_called_clean(tmp_path, capsys):
    from nb2prod.cli import main

    path = write(tmp_path, "# %%\nprint(1)\n")
    with pytest.raises(SystemExit) as left:
        main(["check", str(path), "--run", "--kernel", "a-kernel-of-nobody"])
    assert left.value.code == 3
    assert "was not run: there is no kernel `a-kernel-of-nobody`" in capsys.readouterr().err


def test_secrets_are_in_no_report(tmp_path, capsys):
    from nb2prod.cli import main

    secret = "b7Qx2ZpL9mKt4WvN8sRd"
    text = f"# %%\nimport os\nx = y; api_key = '{secret}'\npd.read_csv('/content/a.csv'); token = '{secret}'\n#> api_key = '{secret}'\n"
    path = write(tmp_path, text)
    for options in (
        ["--format", "text"],
        ["--format", "json"],
        ["--format", "sarif"],
        ["--format", "github"],
        ["--diff", "--unsafe-fixes"],
    ):
        with pytest.raises(SystemExit):
            main(["check", str(path), *options])
        out, err = capsys.readouterr()
        assert "NB401" in out or "--diff" in options
        assert secret not in out + err, options
    with pytest.raises(SystemExit):
        main(["check", str(path), "--fix", "--unsafe-fixes"])
    assert secret not in path.read_text()
    cells = json.loads(path.read_text())["cells"]
    assert any("os.environ" in "".join(cell["source"]) for cell in cells)
    assert [one["text"] for cell in cells for one in cell["outputs"]] == ["api_key = '[secret-removed]'\n"]
