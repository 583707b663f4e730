"""A run of stages that read a secret tells its name, and never its value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nb2prod.errors import CellFailed, CellTimedOut, OutsideError
from nb2prod.operations.keeping_secrets import keeping_secrets
from nb2prod.operations.memory import forget, memory
from nb2prod.operations.project import MANIFEST, Project

VALUE = "correct-horse-battery"


class Heard:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def phase(self, text: str) -> None:
        self.texts.append(text)

    def cell(self, text: str, number: int, total: int) -> None:
        self.texts.append(f"{text} {number}/{total}")

    def note(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SERVICE_KEY", VALUE)
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "pipeline" / "runs").mkdir(parents=True)
    stages = [{"name": "load", "secrets": ["SERVICE_KEY"]}, {"name": "fit"}]
    (tmp_path / "pipeline" / MANIFEST).write_text(json.dumps({"version": 1, "stages": stages}))
    return Project(tmp_path, tmp_path / "a.ipynb", tmp_path / "pipeline", None, None)


def test_what_is_told_and_left_on_disk(project: Project) -> None:
    heard, runs = Heard(), project.folder / "runs"
    with keeping_secrets(project, heard) as told:
        told.phase(f"a {VALUE}")
        told.cell(f"b {VALUE}", 1, 2)
        told.note(f"c {VALUE}")
        (runs / "load.log").write_text(f"10:00:00 failed: bad {VALUE}\n")
        (runs / "load.ipynb").write_text(json.dumps({"text": f"bad {VALUE}"}))
    assert heard.texts == ["a <SERVICE_KEY>", "b <SERVICE_KEY> 1/2", "c <SERVICE_KEY>"]
    assert (runs / "load.log").read_text() == "10:00:00 failed: bad <SERVICE_KEY>\n"
    assert json.loads((runs / "load.ipynb").read_text()) == {"text": "bad <SERVICE_KEY>"}


def test_a_key_of_several_lines(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["-----BEGIN PRIVATE KEY-----", *(letter * 64 for letter in "AB"), "-----END PRIVATE KEY-----"]
    monkeypatch.setenv("SERVICE_KEY", "\n".join(lines))
    shown = project.folder / "runs" / "load.ipynb"
    with keeping_secrets(project, Heard()):
        shown.write_text(json.dumps({"text": [f"{line}\n" for line in lines]}))
    assert json.loads(shown.read_text()) == {"text": [f"{lines[0]}\n", *2 * ["<SERVICE_KEY>\n"], f"{lines[-1]}\n"]}


@pytest.mark.parametrize(
    "error",
    [
        CellFailed(f"bad {VALUE}", hint=f"h {VALUE}", traceback=f"t {VALUE}", name="E", value=VALUE),
        CellTimedOut(f"bad {VALUE}", hint=f"h {VALUE}"),
        OutsideError(f"bad {VALUE}", hint=f"h {VALUE}"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors(project: Project, error: OutsideError) -> None:
    (project.folder / "runs" / "load.log").write_text(VALUE)
    with pytest.raises(type(error)) as raised, keeping_secrets(project, Heard()):
        raise error
    assert (raised.value.message, raised.value.hint) == ("bad <SERVICE_KEY>", "h <SERVICE_KEY>")
    assert VALUE not in repr(vars(raised.value))
    assert (project.folder / "runs" / "load.log").read_text() == "<SERVICE_KEY>"


def test_without_secrets_nothing_stands_between(project: Project) -> None:
    (project.folder / MANIFEST).write_text(json.dumps({"version": 1, "stages": [{"name": "load"}]}))
    heard = Heard()
    with keeping_secrets(project, heard) as told:
        assert told is heard


def test_nothing_is_remembered_after_forgetting(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.root / "cache"))
    kept = memory(project) / "segments" / "x" / "values.pkl"
    kept.parent.mkdir(parents=True)
    kept.write_text(VALUE)
    forget(project)
    assert not memory(project).exists()
