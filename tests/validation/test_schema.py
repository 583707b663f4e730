"""What the data say, what a person says, and the file that holds both."""

from __future__ import annotations

import pytest

from nb2prod.adapters.schema_file import read_schema, schema_text, write_schema
from nb2prod.errors import UsageError
from nb2prod.validation.infer import inferred
from nb2prod.validation.merge import merged
from nb2prod.validation.model import Schema
from nb2prod.validation.reading import schema_of


@pytest.mark.parametrize(
    ("seen", "rules"),
    [
        ({"type": "float64", "nulls": 0, "min": 0.0, "max": 10.0}, {"nulls": False, "min": 0.0, "max": 15.0}),
        ({"type": "float64", "nulls": 2, "min": -1.0, "max": 1.0}, {"nulls": True, "min": -2.0, "max": 2.0}),
        ({"type": "int64", "nulls": 0, "min": 18, "max": 99}, {"nulls": False, "min": 0, "max": 140}),
        ({"type": "int64", "nulls": 0, "min": 5, "max": 5}, {"nulls": False, "min": 2, "max": 8}),
        ({"type": "text", "nulls": 0, "categories": ["a", "b"]}, {"nulls": False, "categories": ["a", "b"]}),
        ({"type": "text", "nulls": 0}, {"nulls": False}),
        ({"type": "datetime64[ns]", "nulls": 0, "min": "2020-01-01", "max": "2021-01-01"}, {"nulls": False}),
        ({"type": "float64", "nulls": 0, "infinite": 3, "min": 0.0, "max": 1.0}, {"infinite": True, "max": 1.5}),
        ({"type": "int64", "nulls": 0, "min": 1, "max": 9, "unique": True}, {"unique": True}),
        ({"type": "bool", "nulls": 0}, {"nulls": False}),
    ],
)
def test_rules_from_what_was_seen(seen, rules):
    found = inferred({"x": seen})["x"]
    assert {**found, **rules} == found
    assert found["type"] == seen["type"]


def _merged(base, mine, now):
    schema, changes = merged(
        Schema({"x": mine} if mine else {}, {"x": base} if base else {}), {"x": now} if now else {}
    )
    return schema.columns.get("x"), [one.sentence() for one in changes]


A = {"type": "float64", "nulls": False, "min": 0.0, "max": 1.0}


@pytest.mark.parametrize(
    ("mine", "now", "result", "told"),
    [
        pytest.param(A, A, A, [], id="nothing new"),
        pytest.param(A, {**A, "max": 2.0}, {**A, "max": 2.0}, ["x: max 1.0 → 2.0"], id="the data changed"),
        pytest.param({**A, "max": 9.0}, A, {**A, "max": 9.0}, [], id="a person edited"),
        pytest.param(
            {**A, "max": 9.0},
            {**A, "max": 2.0, "nulls": True},
            {**A, "max": 9.0, "nulls": True},
            ["x: nulls False → True", "x: max stays 9.0, as edited; the data say 2.0"],
            id="both",
        ),
        pytest.param(
            {"type": "float64", "nulls": False, "min": 0.0},
            A,
            {"type": "float64", "nulls": False, "min": 0.0},
            [],
            id="a rule was taken out",
        ),
        pytest.param(
            {**A, "then": {"max": "quarantine"}},
            A,
            {**A, "then": {"max": "quarantine"}},
            [],
            id="a consequence was set",
        ),
        pytest.param(None, A, None, [], id="a column was taken out"),
        pytest.param(A, None, None, ["x: column checked → None"], id="a column is gone"),
        pytest.param({**A, "max": 9.0}, None, {**A, "max": 9.0}, [], id="an edited column is gone"),
    ],
)
def test_three_ways(mine, now, result, told):
    assert _merged(A, mine, now) == (result, told)


def test_a_new_column_comes_in_its_place():
    schema, changes = merged(Schema({"x": A}, {"x": A}), {"w": A, "x": A})
    assert list(schema.columns) == ["w", "x"]
    assert [one.column for one in changes] == ["w"]


def test_comments_and_edits_stay_in_the_file(tmp_path):
    first, _ = merged(None, {"x": A, "y": A})
    assert write_schema(tmp_path, first)
    path = tmp_path / "schema.yaml"
    edited = path.read_text().replace("    max: 1.0\n  y:", "    max: 7.5  # agreed with the lab\n  y:")
    path.write_text(edited)
    second, changes = merged(read_schema(tmp_path), {"x": {**A, "max": 3.0, "min": -1.0}, "y": {**A, "max": 4.0}})
    write_schema(tmp_path, second)
    text = path.read_text()
    assert "max: 7.5  # agreed with the lab" in text
    assert read_schema(tmp_path) == second
    assert second.columns["x"] == {**A, "max": 7.5, "min": -1.0}
    assert second.columns["y"]["max"] == 4.0
    assert [one.kept for one in changes if one.rule == "max"] == [True, False]
    assert not write_schema(tmp_path, second)


def test_text_and_schema_are_one():
    schema, _ = merged(None, {"a: b": {"type": "text", "nulls": True, "categories": ["no", "1", "null"]}})
    from nb2prod.adapters.schema_file import plain_yaml

    assert schema_of(plain_yaml(schema_text(schema), "schema.yaml")) == schema


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "no mapping `columns`"),
        ({"version": 2, "columns": {}}, "version is 2"),
        ({"version": 1, "columns": {"x": {"type": "float64", "maximum": 3}}}, "did you mean `max`"),
        ({"version": 1, "columns": {"x": {"type": "number"}}}, "`columns.x.type` is 'number'"),
        ({"version": 1, "columns": {"x": {"type": "int64", "nulls": "no"}}}, "should be true or false"),
        ({"version": 1, "columns": {"x": {"type": "int64", "min": "low"}}}, "should be a number"),
        ({"version": 1, "columns": {"x": {"type": "int64", "then": {"max": "ignore"}}}}, "`columns.x.then`"),
    ],
)
def test_errors_name_the_key(data, said):
    with pytest.raises(UsageError) as error:
        schema_of(data)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"type": "float64", "min": float("nan")}, "a number"),
        ({"type": "float64", "min": 2, "max": 1}, "no value can hold to both"),
        ({"type": "text", "min": 3}, "limits are for numbers and times"),
        ({"type": "datetime64[ns]", "min": "soon"}, "a time, as"),
        ({"type": "datetime64[ns]", "min": 5}, "a time, as"),
        ({"type": "datetime64[years]"}, "write text, category"),
        ({"type": "category"}, "list them"),
    ],
)
def test_a_rule_that_is_none_is_refused(rules, said):
    with pytest.raises(UsageError) as told:
        schema_of({"version": 1, "columns": {"x": rules}})
    assert said in told.value.hint


def test_an_inference_that_is_none_is_refused():
    with pytest.raises(UsageError, match="inferred"):
        schema_of({"version": 1, "columns": {}, "inferred": {"x": 3}})


def test_limits_of_times_are_moments():
    rules = {"type": "datetime64[ns, UTC]", "min": "2020-01-01", "max": "2026-11-21 10:00:00+00:00"}
    assert schema_of({"version": 1, "columns": {"x": rules}}).columns["x"] == rules
