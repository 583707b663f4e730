"""`[tool.nb2prod.profiles]`: what a table means for a run, and which tables mean nothing."""

from __future__ import annotations

import tomllib

import pytest

from nb2prod.errors import UsageError
from nb2prod.pipeline.profile import Profile, Sampled, profile_of


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("", Profile("sample", 0.1, 1000)),
        ("sample = { rows = 500, at_least = 1 }", Profile("sample", 500, 1)),
        ('sample = { take = { "a.csv" = "first" } }', Profile(take={"a.csv": "first"})),
        ("sample = { parameters = { trees = 5 } }", Profile(parameters={"trees": 5})),
        ("tiny = { rows = 0.01 }", Profile()),
    ],
)
def test_what_holds_for_a_sample(table, expected):
    assert profile_of(tomllib.loads(table), "sample", "pyproject.toml") == expected


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("sample = 3", "says 3"),
        ("sample = { row = 3 }", "says {'row': 3}"),
        ("sample = { rows = 0 }", "rows is 0"),
        ("sample = { rows = 1.5 }", "rows is 1.5"),
        ("sample = { rows = true }", "rows is True"),
        ('sample = { take = { "a.csv" = "some" } }', "take of `a.csv` is 'some'"),
        ("sample = { parameters = 3 }", "parameters is 3"),
    ],
)
def test_what_means_nothing_is_refused(table, said):
    with pytest.raises(UsageError) as refused:
        profile_of(tomllib.loads(table), "sample", "pyproject.toml")
    assert said in refused.value.message
    assert refused.value.message.startswith("pyproject.toml: [tool.nb2prod.profiles.sample]")


def test_a_profile_that_is_not_there():
    with pytest.raises(UsageError, match="no profile `tiny`") as refused:
        profile_of({"quick": {}}, "tiny", "pyproject.toml")
    assert "quick, sample" in refused.value.hint


def test_what_was_read_is_told():
    assert Sampled("a.csv", 10, 100).sentence() == "a.csv: 10 of 100 rows"
    assert Sampled("a.csv", why="it is small").sentence() == "a.csv: whole (it is small)"
