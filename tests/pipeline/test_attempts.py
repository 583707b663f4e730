"""`[tool.nb2prod.stages]`: what a table means for a stage, and which tables mean nothing."""

from __future__ import annotations

import tomllib

import pytest

from nb2prod.errors import UsageError
from nb2prod.pipeline.attempts import Attempts, Rules, told


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", Attempts(None, 0)),
        ('train = { timeout = "30m" }', Attempts(1800.0, 0)),
        ("train = { timeout = 90 }", Attempts(90.0, 0)),
        ('train = { timeout = "1.5 h", retry = 2 }', Attempts(5400.0, 2)),
        ('"*" = { timeout = "90s", retry = 1 }', Attempts(90.0, 1)),
        ('"*" = { timeout = "90s", retry = 1 }\ntrain = { retry = 0 }', Attempts(90.0, 0)),
        ('load = { timeout = "1h" }', Attempts(None, 0)),
        ("train = { gpu = 1 }", Attempts(None, 0, 1)),
    ],
)
def test_what_holds_for_the_stage_train(table, expected):
    assert Rules(tomllib.loads(table)).of("train") == expected


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("train = 3", "`train` says 3"),
        ("train = { retires = 2 }", "says {'retires': 2}"),
        ('train = { timeout = "soon" }', "timeout is 'soon'"),
        ("train = { timeout = 0 }", "timeout is 0"),
        ("train = { timeout = true }", "timeout is True"),
        ("train = { retry = -1 }", "retry is -1"),
        ("train = { retry = true }", "retry is True"),
        ("train = { gpu = 2 }", "gpu is 2"),
    ],
)
def test_what_means_nothing_is_refused(table, said):
    with pytest.raises(UsageError) as refused:
        Rules(tomllib.loads(table), "pyproject.toml")
    assert said in refused.value.message
    assert refused.value.message.startswith("pyproject.toml: [tool.nb2prod.stages] `train`")


def test_stages_that_are_no_table_are_refused():
    with pytest.raises(UsageError, match="`stages` is not a table"):
        Rules(["train"], "pyproject.toml")


@pytest.mark.parametrize(("seconds", "text"), [(7200, "2h"), (1800, "30m"), (90, "90s"), (0.5, "0.5s")])
def test_a_time_is_told_as_it_is_written(seconds, text):
    assert told(seconds) == text
