"""The example notebooks: what people try first. `tests/long/examples.py` tries every parameter of every one."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.projects import alternatives, contents, dvc, example, git, is_clean, set_parameters
from nb2prod.operations.convert import Conversion, convert
from nb2prod.operations.verify import verify

NAMES = ["breast_cancer", "co2_forecast", "diabetes_progression", "docstring_families", "doctor_visits"]
OTHER = ["breast_cancer", "co2_forecast"]


def _converted(folder: Path, name: str) -> Conversion:
    path = example(folder, f"{name}.ipynb")
    git(folder, "init", "-q")
    dvc(folder, "init", "-q")
    return convert(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_the_same(name, tmp_path):
    done = _converted(tmp_path / "project", name)
    folder = done.project.folder
    assert done.verdict.state == "same", done.verdict
    assert done.merges == ()
    assert is_clean(folder)
    if name in OTHER:
        before = contents(folder)
        set_parameters(folder, alternatives(f"{name}.ipynb"))
        other = verify(folder)  # raises where a stage would be another notebook at these parameters
        assert other.verdict.state == "same", other.verdict
        assert other.parameters == alternatives(f"{name}.ipynb")
        assert {path for path, data in contents(folder).items() if before[path] != data} == {"params.yaml"}
