"""`nb2prod ready`: what is said of a notebook that nobody converted, of a pipeline, and in which form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.notebooks import code, write
from nb2prod.adapters.contract_file import read_contract
from nb2prod.cli import main
from nb2prod.operations.convert import convert
from nb2prod.readiness.registry import criteria


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(["ready", *arguments])
    said = capsys.readouterr()
    return left.value.code or 0, said.out, said.err


@pytest.fixture
def notebook(tmp_path) -> Path:
    return write(tmp_path / "churn.ipynb", code("x = 1", "stage:load"), code("print(x)", "stage:train"))


def test_of_a_bare_notebook_most_is_unknown_and_each_says_the_next_step(notebook, capsys):
    left, out, _ = run(capsys, str(notebook), "--format", "json")
    found = json.loads(out)["criteria"]
    assert left == 1
    assert {one["status"] for one in found} == {"unknown", "not_met"}
    assert [one["id"] for one in found if one["status"] == "not_met"] == ["code_versioned"]
    unconverted = [one for one in found if one["id"] != "code_versioned"]
    assert all("`nb2prod convert churn.ipynb`" in one["how_to_meet"] for one in unconverted)
    assert [one.name for one in notebook.parent.iterdir()] == ["churn.ipynb"]


def test_what_check_finds_is_known_without_a_pipeline(tmp_path, capsys):
    write(
        tmp_path / "n.ipynb",
        code("from sklearn.preprocessing import StandardScaler\nfrom sklearn.model_selection import train_test_split"),
        code("import pandas as pd\nX = pd.read_csv('x.csv')\nscaler = StandardScaler()"),
        code("X = scaler.fit_transform(X)\nX_train, X_test = train_test_split(X, random_state=0)"),
        code("from sklearn.svm import SVC\nSVC().fit(X_train, X_train[:, 0]).score(X_test, X_test[:, 0])"),
    )
    _, out, _ = run(capsys, str(tmp_path / "n.ipynb"), "--format", "json")
    (leakage,) = (one for one in json.loads(out)["criteria"] if one["id"] == "leakage")
    assert leakage["status"] == "not_met"
    assert "NB501" in leakage["evidence"]
    assert "--select NB5" in leakage["how_to_meet"]


def test_the_json_is_that_of_the_design(notebook, capsys):
    for level, asked in ((0, 16), (1, 23), (2, 25)):
        _, out, _ = run(capsys, str(notebook), "--format", "json", "--level", str(level))
        found = json.loads(out)
        assert list(found) == ["version", "level", "score", "criteria"]
        assert (found["version"], found["level"], found["score"]) == (1, level, 0)
        assert [one["id"] for one in found["criteria"]] == [one.id for one in criteria() if one.level <= level]
        assert len(found["criteria"]) == asked
        for one in found["criteria"]:
            assert list(one) == ["id", "title", "status", "evidence", "how_to_meet", "source"]
            assert all(isinstance(value, str) and value for value in one.values())


def test_the_contract_is_written_once_and_stays_as_people_left_it(notebook, capsys):
    pipeline = notebook.parent / "pipeline"
    convert(notebook, pipeline, run=False)
    assert not (pipeline / "production.yaml").exists()
    assert run(capsys, str(notebook.parent))[0] == 1
    contract = read_contract(pipeline)
    assert contract is not None
    assert contract.name == "churn"
    text = (pipeline / "production.yaml").read_text("utf-8")
    assert "which decision does the prediction support?" in text
    (pipeline / "production.yaml").write_text(text.replace("decision: null", "decision: whom to call"), "utf-8")
    _, out, _ = run(capsys, str(pipeline))
    assert "met      decision" in out
    assert "whom to call (pipeline/production.yaml" in out
    assert "whom to call" in (pipeline / "production.yaml").read_text("utf-8")


def test_a_notebook_finds_the_pipeline_that_was_made_from_it(notebook, capsys):
    convert(notebook, notebook.parent / "made", run=False)
    assert run(capsys, str(notebook))[1] == run(capsys, str(notebook.parent / "made"))[1]
    other = write(notebook.parent / "other.ipynb", code("y = 1"))
    assert "`nb2prod convert other.ipynb`" in run(capsys, str(other))[1]


def test_an_unverified_pipeline_says_so(notebook, capsys):
    convert(notebook, notebook.parent / "pipeline", run=False)
    _, out, _ = run(capsys, str(notebook))
    assert "? verdict unverified: not run" in out


def test_the_page_for_a_review_cannot_be_steered_by_what_it_shows(notebook, capsys):
    pipeline = notebook.parent / "pipeline"
    convert(notebook, pipeline, run=False)
    run(capsys, str(pipeline))
    file = pipeline / "production.yaml"
    evil = 'decision: "<script>alert(1)</script>\\n# Ready | [x](y)"'
    file.write_text(file.read_text("utf-8").replace("decision: null", evil), "utf-8")
    left, out, _ = run(capsys, str(pipeline), "--format", "md")
    assert left == 1
    assert out.startswith("# Readiness of churn\n")
    assert "| The decision is named | met |" in out
    assert "<script>" not in out
    assert not [line for line in out.splitlines() if line.startswith("# Ready")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["missing.ipynb"], 2, "missing.ipynb"),
        (["--level", "3"], 2, "3 is not in the range"),
        (["empty"], 2, "empty"),
        (["two"], 2, "2 notebooks"),
        (["broken.ipynb"], 2, "not valid JSON"),
    ],
)
def test_what_cannot_be_judged_is_said(tmp_path, monkeypatch, capsys, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in "ab":
        write(tmp_path / "two" / f"{name}.ipynb")
    (tmp_path / "broken.ipynb").write_text("{")
    left, out, err = run(capsys, *arguments)
    assert left == code
    assert said in err
    assert "Traceback" not in out + err


def test_a_contract_that_says_something_impossible_is_an_error_that_names_the_key(notebook, capsys):
    pipeline = notebook.parent / "pipeline"
    convert(notebook, pipeline, run=False)
    (pipeline / "production.yaml").write_text("version: 1\ndecison: x\n", "utf-8")
    left, _, err = run(capsys, str(pipeline))
    assert left == 2
    assert "did you mean `decision`?" in err


def test_a_record_of_a_newer_version_is_told(notebook, capsys):
    pipeline = notebook.parent / "pipeline"
    convert(notebook, pipeline, run=False)
    (pipeline / "evidence").mkdir()
    (pipeline / "evidence" / "probes.json").write_text('{"version": 2}', "utf-8")
    assert "written by a newer nb2prod" in run(capsys, str(pipeline))[1]


def test_a_pipeline_without_its_notebook_is_judged_by_what_is_left(notebook, capsys):
    pipeline = notebook.parent / "pipeline"
    convert(notebook, pipeline, run=False)
    notebook.unlink()
    left, out, _ = run(capsys, str(pipeline))
    assert left == 1
    assert "? churn.ipynb cannot be checked" in out
