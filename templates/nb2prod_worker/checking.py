"""Rows against the schema: the frame in the types of training, and which rows break which rule.

The same YAML as pandera would read, looked at column by column with whole-column operations: pandera need not be
where the notebook's kernel lives, and a chunk is checked in a fraction of the time that it takes to read it.
A test holds the two against each other.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nb2prod_worker.told import Told

_EXAMPLES = 5
_TRUTHS = {"True": True, "False": False, "true": True, "false": False, "TRUE": True, "FALSE": False}


@dataclass(slots=True)
class Violation:
    """A rule that rows break. `examples`: the first of them as (row of the file, value)."""

    column: str
    rule: str
    then: str
    what: str
    count: int = 0
    examples: list[tuple[int, Any]] = field(default_factory=list)

    def add(self, rows: Sequence[int], values: Sequence[Any]) -> None:
        """More rows that break it."""
        self.count += len(rows)
        room = _EXAMPLES - len(self.examples)
        self.examples += [(int(row), _shown(value)) for row, value in zip(rows[:room], values[:room])]  # noqa: B905


@dataclass(slots=True)
class Checked:
    """What may be predicted, in training's types and order; `rows` of the file; which rows of the chunk are set aside,
    and why.
    """

    frame: pd.DataFrame
    rows: Any
    aside: Any
    reasons: dict[int, list[str]]


class Checker:
    """Checks chunk after chunk. `columns`: the schema's, by name, in training's order. None: there is no schema.
    `id_rules`: of the consumer's id where it is none of them; it is there, and once, unless they say otherwise.
    """

    def __init__(
        self,
        columns: Mapping[str, Mapping[str, Any]],
        then: str,
        id_column: str | None = None,
        id_rules: Mapping[str, Any] | None = None,
    ) -> None:
        self._columns = columns
        self._then = then
        self._id = id_column
        self._id_rules: dict[str, Any] = {"type": "id", "nulls": False, "unique": True, **(id_rules or {})}
        self._found: dict[tuple[str, str], Violation] = {}
        self._seen: dict[str, _Seen] = {name: _Seen() for name, one in columns.items() if one.get("unique")}
        if id_column and id_column not in columns and self._id_rules["unique"]:
            self._seen[id_column] = _Seen()
        self.ignored: list[str] = []

    @property
    def violations(self) -> list[Violation]:
        """All that were found, in order of the schema's columns."""
        return list(self._found.values())

    @property
    def stops(self) -> bool:
        """Whether one of them stops the batch."""
        return any(one.then == "stop" for one in self._found.values())

    def require(self, present: Sequence[Any], suspicion: str = "", twice: Sequence[str] = ()) -> None:
        """Look at the header alone. Raises Told for columns that are missing, or there `twice`."""
        wanted = [*self._columns, *([self._id] if self._id and self._id not in self._columns else [])]
        missing = [name for name in wanted if name not in present]
        doubled = [name for name in wanted if name in twice or list(present).count(name) > 1]
        if doubled:
            raise Told(f"column `{doubled[0]}` is there twice", "leave one of them: nobody can tell which is meant")
        self.ignored = [str(name) for name in present if name not in wanted] if self._columns else []
        if missing:
            raise _missing(missing, present, self.ignored, suspicion)

    def check(self, frame: pd.DataFrame, start: int, cut: bool = False, ids: pd.Series | None = None) -> Checked:
        """Look at a chunk whose first row is the file's row `start`. `cut`: its last row has no line end. `ids`: the
        consumer's, where they are to be checked too.
        """
        bad = _Bad(start, len(frame))
        if cut:
            self._break(
                bad, "", "whole row", np.array([len(frame) - 1]), [frame.iloc[-1, -1]], "the row has no line end"
            )
        kept: dict[str, Any] = {}
        for name, rules in self._columns.items():
            kept[name] = self._column(name, rules, frame[name], bad)
        if ids is not None and self._id and self._id not in self._columns:
            for rule, at, what in self._broken(self._id, self._id_rules, ids, None):
                self._break(bad, self._id, rule, at, ids.iloc[at], what)
        if not bad.any and self._is_as_trained(frame):
            return Checked(frame, np.arange(start, start + len(frame)), bad.mask, {})
        if not bad.any:
            typed = {name: _settled(values, self._columns[name]) for name, values in kept.items()}
            return Checked(self._frame(typed, frame), np.arange(start, start + len(frame)), bad.mask, {})
        good = ~bad.mask
        typed = {name: _settled(values[good], self._columns[name]) for name, values in kept.items()}
        rest = frame[good].reset_index(drop=True)
        return Checked(self._frame(typed, rest), start + np.flatnonzero(good), bad.mask, bad.reasons)

    def _is_as_trained(self, frame: pd.DataFrame) -> bool:
        """Whether columns, their order and their types are training's already: then nothing need be copied."""
        if list(frame.columns) != list(self._columns) and self._columns:
            return False
        plain = [(str(kind), one["type"]) for kind, one in zip(frame.dtypes, self._columns.values())]  # noqa: B905
        return all(kind == wanted or (wanted == "text" and kind in ("str", "object")) for kind, wanted in plain)

    def _frame(self, typed: dict[str, Any], frame: pd.DataFrame) -> pd.DataFrame:
        if not self._columns:
            return frame
        return pd.DataFrame(
            {name: pd.Series(values).reset_index(drop=True) for name, values in typed.items()}, copy=False
        )

    def _column(self, name: str, rules: Mapping[str, Any], values: pd.Series, bad: _Bad) -> pd.Series:
        typed, wrong = _typed(values, rules)
        if wrong is not None and wrong.any():
            at = np.flatnonzero(wrong)
            self._break(bad, name, "type", at, values.iloc[at], f"it should be {rules['type']}")
        for rule, at, what in self._broken(name, rules, typed, wrong):
            self._break(bad, name, rule, at, values.iloc[at], what)
        return typed

    def _broken(self, name: str, rules: Mapping[str, Any], values: pd.Series, wrong: Any) -> Any:
        if _is_plain_and_fine(values, rules):
            return
        null = values.isna().to_numpy()
        if wrong is not None:
            null = null & ~wrong
        if not rules.get("nulls", True) and null.any():
            yield "nulls", np.flatnonzero(null), "it must not be empty"
        if values.dtype.kind == "f":
            infinite = np.isinf(values.to_numpy())
            if not rules.get("infinite", False) and infinite.any():
                yield "infinite", np.flatnonzero(infinite), "it must be a finite number"
        for rule, outside, what in (("min", "lt", "at least"), ("max", "gt", "at most")):
            if rule in rules:
                at = np.flatnonzero(_outside(values, outside, rules[rule]))
                if len(at):
                    yield rule, at, f"it should be {what} {rules[rule]}"
        if "categories" in rules and rules["type"] != "category":
            known = values.isin(rules["categories"]).to_numpy() | null
            known |= wrong if wrong is not None else False
            if not known.all():
                yield "categories", np.flatnonzero(~known), f"it should be one of {_listed(rules['categories'])}"
        if name in self._seen:
            again = self._seen[name].again(values)
            if again.any():
                yield "unique", np.flatnonzero(again), "it must not come twice"

    def _break(self, bad: _Bad, name: str, rule: str, at: Any, values: Any, what: str) -> None:
        rules = self._columns.get(name) or (self._id_rules if name == self._id else {})
        then = rules.get("then", {}).get(rule, self._then)
        one = self._found.setdefault((name, rule), Violation(name, rule, then, what))
        one.add(bad.start + at, list(values[:_EXAMPLES]))
        bad.add(at, f"{name}: {rule}" if name else rule)


class _Bad:
    """The rows of a chunk that break something."""

    def __init__(self, start: int, size: int) -> None:
        self.start = start
        self.mask = np.zeros(size, dtype=bool)
        self.reasons: dict[int, list[str]] = {}

    @property
    def any(self) -> bool:
        return bool(self.mask.any())

    def add(self, at: Any, reason: str) -> None:
        self.mask[at] = True
        for row in at.tolist():
            self.reasons.setdefault(row, []).append(reason)


class _Seen:
    """Values that came before, as 64-bit hashes: eight bytes for each row of a unique column."""

    def __init__(self) -> None:
        self._runs: list[Any] = []

    def again(self, values: pd.Series) -> Any:
        hashes = _hashes(values)
        again = pd.Series(hashes).duplicated().to_numpy().copy()  # pandas gives its own, which nobody may write
        for run in self._runs:
            place = np.searchsorted(run, hashes)
            again |= (place < len(run)) & (run[np.minimum(place, len(run) - 1)] == hashes)
        again &= values.notna().to_numpy()
        self._add(np.sort(hashes))
        return again

    def _add(self, run: Any) -> None:
        """Runs are merged as they reach the same length, so that there are few of them."""
        while self._runs and len(self._runs[-1]) <= len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)


def _hashes(values: pd.Series) -> Any:
    """Equal values have equal ones, also where another chunk of the column has another type of numbers."""
    if not isinstance(values.dtype, np.dtype) or values.dtype.kind not in "iuf":
        return pd.util.hash_array(values.to_numpy(dtype=object, na_value=None))
    array = values.to_numpy()
    hashes = pd.util.hash_array(array.astype("f8") + 0.0)
    if array.dtype.kind in "iu":
        large = (array >= 2**53) | (array <= -(2**53)) if array.dtype.kind == "i" else array >= 2**53
        hashes[large] = pd.util.hash_array(array[large])  # as doubles, neighbours would be one
    return hashes


def _typed(values: pd.Series, rules: Mapping[str, Any]) -> tuple[pd.Series, Any]:
    """(the values as far as they can be of the schema's type, which cannot be)."""
    kind = rules["type"]
    if kind == "text":
        return _as_text(values)
    if kind == "category":
        return _as_category(values, rules)
    if str(values.dtype) == kind:
        return values, None
    if kind == "bool":
        return _as_truth(values)
    if kind.startswith("datetime"):
        return _as_time(values, kind)
    return _as_number(values, kind)


def _as_text(values: pd.Series) -> tuple[pd.Series, Any]:
    if values.dtype.kind == "O" or isinstance(values.dtype, pd.StringDtype):
        if isinstance(values.dtype, pd.StringDtype):
            return values, None
        wrong = np.array([not isinstance(one, str) and not _is_null(one) for one in values], dtype=bool)
        return values, wrong
    null = values.isna().to_numpy()
    return values, ~null


def _as_category(values: pd.Series, rules: Mapping[str, Any]) -> tuple[pd.Series, Any]:
    plain = values.astype(object)
    known = plain.where(plain.isin(rules["categories"]), None)
    typed = pd.Series(pd.Categorical(known, categories=rules["categories"], ordered=rules.get("ordered", False)))
    typed.index = values.index
    return typed, (typed.isna() & plain.notna()).to_numpy()


def _as_truth(values: pd.Series) -> tuple[pd.Series, Any]:
    plain = values.astype(object)
    known = plain.map(lambda one: one if isinstance(one, (bool, np.bool_)) else _TRUTHS.get(one))
    return known, (known.isna() & plain.notna()).to_numpy()


def _as_time(values: pd.Series, kind: str) -> tuple[pd.Series, Any]:
    if values.dtype.kind in "if":
        return pd.Series(pd.NaT, index=values.index).astype(kind), values.notna().to_numpy()
    zone = "UTC" in kind or "," in kind
    typed = pd.to_datetime(values, errors="coerce", utc=zone)
    return typed, (typed.isna() & values.notna()).to_numpy()


def _as_number(values: pd.Series, kind: str) -> tuple[pd.Series, Any]:
    wrong = np.zeros(len(values), dtype=bool)
    if values.dtype.kind in "bM" or isinstance(values.dtype, pd.CategoricalDtype):
        wrong = values.notna().to_numpy()
        return pd.Series(np.nan, index=values.index), wrong
    typed = values
    if values.dtype.kind not in "iuf":
        given = values.notna().to_numpy()
        typed = pd.to_numeric(values, errors="coerce")
        wrong = given & typed.isna().to_numpy()
        if values.dtype.kind == "O":
            wrong |= np.array([isinstance(one, (bool, np.bool_)) for one in values], dtype=bool)
    if kind.lower().lstrip("u").startswith("int") and typed.dtype.kind == "f":
        numbers = typed.to_numpy(dtype="float64", na_value=np.nan)
        with np.errstate(invalid="ignore"):
            wrong = wrong | (np.isfinite(numbers) & (numbers != np.floor(numbers)))
    return typed, wrong | _too_large(typed, kind)


def _too_large(values: pd.Series, kind: str) -> Any:
    """Numbers that a smaller type would turn into others: 300 as int8, 1e300 as float32."""
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    dtype = np.dtype(kind.lower().partition("[")[0])
    least, most = (np.iinfo(dtype).min, np.iinfo(dtype).max) if dtype.kind in "iu" else _finite(dtype)
    with np.errstate(invalid="ignore"):
        return np.isfinite(numbers) & ((numbers < least) | (numbers > most))


def _finite(dtype: Any) -> tuple[float, float]:
    return float(np.finfo(dtype).min), float(np.finfo(dtype).max)


def _settled(values: pd.Series, rules: Mapping[str, Any]) -> pd.Series:
    """The good rows' values in the very type of training."""
    kind = rules["type"]
    if kind in ("text", "category") or str(values.dtype) == kind:
        return values
    if kind.lower().lstrip("u").startswith("int") and not kind[0].isupper() and values.isna().any():
        return values.astype("float64")  # empty cells are allowed: this is how pandas reads such a column
    if kind == "bool" and values.isna().any():
        return values
    return values.astype(kind)


def _is_plain_and_fine(values: pd.Series, rules: Mapping[str, Any]) -> bool:
    """Two looks at a column of floats tell for nearly all chunks that no rule is broken; NaN would be seen in both."""
    if values.dtype.kind not in "fiu" or "categories" in rules or rules.get("unique") or not len(values):
        return False
    if not isinstance(values.dtype, np.dtype):
        return False
    array = values.to_numpy()
    least, most = array.min(), array.max()
    return bool(
        least >= rules.get("min", -np.inf)
        and most <= rules.get("max", np.inf)
        and np.isfinite(least)
        and np.isfinite(most)
    )


def _outside(values: pd.Series, how: str, limit: Any) -> Any:
    if values.dtype.kind == "M":
        limit = pd.Timestamp(limit)
        if getattr(values.dtype, "tz", None) is not None and limit.tzinfo is None:
            limit = limit.tz_localize("UTC")
    elif values.dtype.kind not in "iuf":
        return np.zeros(len(values), dtype=bool)
    outside = getattr(values, how)(limit).fillna(False).to_numpy(dtype=bool)
    return (
        outside & ~np.isinf(values.to_numpy(dtype="float64", na_value=np.nan)) if values.dtype.kind == "f" else outside
    )


def _missing(missing: list[str], present: Sequence[Any], extra: list[str], suspicion: str) -> Told:
    names = [f"`{name}`" for name in missing[:5]] + (["…"] if len(missing) > 5 else [])
    close = [(name, found[0]) for name in missing if (found := difflib.get_close_matches(name, extra, n=1, cutoff=0.8))]
    hint = "; ".join(f"`{other}` may be `{name}`" for name, other in close[:3])
    there = ", ".join(map(str, list(present)[:8])) + (", …" if len(present) > 8 else "")
    hint = suspicion or (f"{hint}: rename it" if hint else f"the file has {there}")
    what = f"column{'s' if len(missing) > 1 else ''} {', '.join(names)} missing"
    facts = {
        "violations": [
            {"column": name, "rule": "present", "then": "stop", "count": None, "examples": []} for name in missing
        ]
    }
    return Told(what, hint, facts=facts)


def _is_null(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(map(str, values[:6])) + (", …" if len(values) > 6 else "")


def _shown(value: Any) -> str | None:
    if _is_null(value):
        return None
    text = str(value)
    return text if len(text) <= 60 else text[:60] + "…"
