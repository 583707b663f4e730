"""The worker's own check and pandera's find the same rows, whatever the rules and the data."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def checking(worker_module):
    return worker_module("checking")


def _column(rules):
    import pandera.pandas as pa

    checks = []
    if "min" in rules:
        checks.append(pa.Check.ge(rules["min"]))
    if "max" in rules:
        checks.append(pa.Check.le(rules["max"]))
    if "categories" in rules:
        checks.append(pa.Check.isin(rules["categories"]))
    if rules["type"].startswith("float") and not rules.get("infinite"):
        checks.append(pa.Check(lambda values: ~np.isinf(values)))
    kind = None if rules["type"] == "text" else rules["type"]
    unique = "exclude_first" if rules.get("unique") else None
    return pa.Column(
        kind, checks, nullable=rules.get("nulls", True), unique=bool(unique), report_duplicates="exclude_first"
    )


def _broken_for_pandera(frame, schema):
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    whole = pa.DataFrameSchema({name: _column(rules) for name, rules in schema.items()})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            whole.validate(frame, lazy=True)
    except SchemaErrors as errors:
        return {(one["column"], int(one["index"])) for one in errors.failure_cases.to_dict("records")}
    return set()


def _broken_for_us(checking, frame, schema, size):
    checker = checking.Checker(schema, "quarantine")
    found = set()
    for start in range(0, len(frame), size):
        seen = checker.check(frame.iloc[start : start + size].reset_index(drop=True), start)
        for row, reasons in seen.reasons.items():
            found |= {(reason.partition(":")[0], start + row) for reason in reasons}
    return found


def _frame(seed):
    random = np.random.default_rng(seed)
    number = random.normal(size=200)
    number[random.random(200) < 0.05] = np.nan
    number[random.random(200) < 0.03] = np.inf
    text = pd.Series(random.choice(["a", "b", "c", "d"], 200), dtype="str")
    text[random.random(200) < 0.05] = None
    return pd.DataFrame({"number": number, "count": random.integers(0, 150, 200), "text": text})


@pytest.mark.parametrize("seed", range(6))
def test_the_same_rows(checking, seed):
    random = np.random.default_rng(seed + 100)
    schema = {
        "number": {"type": "float64", "nulls": bool(seed % 2), "min": -1.5, "max": 1.5, "infinite": seed % 3 == 0},
        "count": {
            "type": "int64",
            "nulls": False,
            "min": 5,
            "max": int(random.integers(100, 160)),
            "unique": seed % 2 == 0,
        },
        "text": {"type": "text", "nulls": seed % 3 != 1, "categories": ["a", "b", "c"]},
    }
    frame = _frame(seed)
    theirs = _broken_for_pandera(frame, schema)
    # An infinite number is one finding of ours; where infinite ones are allowed, limits are for finite numbers.
    infinite = {("number", int(row)) for row in np.flatnonzero(np.isinf(frame["number"]))}
    theirs = theirs - infinite if schema["number"]["infinite"] else theirs
    assert theirs
    assert _broken_for_us(checking, frame, schema, 1000) == theirs
    assert _broken_for_us(checking, frame, schema, 37) == theirs


@pytest.mark.parametrize(
    ("kind", "given", "wrong", "becomes"),
    [
        ("int64", ["1", "2", "x"], [2], "int64"),
        ("int64", [1.0, 2.5, 3.0], [1], "int64"),
        ("float64", ["1.5", "abc", "2"], [1], "float64"),
        ("float32", [1, 2, 3], [], "float32"),
        ("int8", [1, 300, 5], [1], "int8"),
        ("uint8", [1, -1, 2], [1], "uint8"),
        ("float32", [1.0, 1e300, 2.0], [1], "float32"),
        ("Int64", [1.0, 2.5, None], [1], "Int64"),
        ("float64", [True, False, True], [0, 1, 2], "float64"),
        ("text", [1, 2, 3], [0, 1, 2], None),
        ("bool", ["True", "false", "maybe"], [2], "bool"),
        ("datetime64[ns]", ["2024-01-01", "later", "2024-01-03"], [1], "datetime64[ns]"),
        ("category", ["a", "z", "b"], [1], "category"),
    ],
)
def test_types(checking, kind, given, wrong, becomes):
    rules = {"type": kind, "nulls": True, **({"categories": ["a", "b"]} if kind == "category" else {})}
    checker = checking.Checker({"x": rules}, "quarantine")
    seen = checker.check(pd.DataFrame({"x": given}), 0)
    assert sorted(seen.reasons) == wrong
    assert {one.rule for one in checker.violations} <= {"type"}
    assert becomes is None or not len(seen.frame) or str(seen.frame["x"].dtype) == becomes
