"""`import nb2prod` offers the verbs as functions, and loads them when they are used."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import nb2prod
from cli.notebooks import code, write
from nb2prod.cli import _VERBS
from nb2prod.errors import UsageError


def test_importing_loads_nothing_but_the_package():
    program = "import sys; before = set(sys.modules); import nb2prod; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    ours = {name for name in eval(done.stdout) if name.startswith("nb2prod")}
    assert ours == {"nb2prod"}


def test_every_verb_of_the_command_line_is_a_function():
    assert {*_VERBS, "widget"} == {name for name in nb2prod.__all__ if not name.startswith("_")}
    for verb in _VERBS:
        function = getattr(nb2prod, verb)
        assert inspect.isfunction(function)
        assert function.__doc__
        assert verb in dir(nb2prod)


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute `convret`"):
        _ = nb2prod.convret


def test_a_verb_returns_a_record_and_raises_the_packages_errors(tmp_path):
    write(tmp_path / "n.ipynb", code("x = 1", "stage:one"), code("print(x)", "stage:two"))
    done = nb2prod.convert(tmp_path / "n.ipynb", run=False)
    assert done.verdict.state == "unverified"
    assert [stage.name for stage in done.pipeline.stages] == ["one", "two"]
    with pytest.raises(UsageError, match="has stage tags already"):
        nb2prod.tag(tmp_path / "n.ipynb")
    with pytest.raises(UsageError, match="is in no DVC repository"):
        nb2prod.stage("one", tmp_path / "pipeline")


def test_a_verb_is_not_hidden_by_the_subpackage_of_its_name():
    program = "import nb2prod; from nb2prod.release import names; print(nb2prod.release, nb2prod.release)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("<function release")
