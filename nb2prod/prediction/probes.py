"""Malformed inputs that are tried on purpose, and whether the answer to each is one that a person can act on.

Each probe spoils a small file of held-out rows in one way. A good answer is an error that says what, where and what to
do, or the spoilt rows set aside, or (where nothing is wrong after all) the very answers to the rows as they were.
Whatever happens, no row may be lost: each is answered or set aside, or nothing is written at all.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ERROR, ASIDE, ANSWERED = "error", "quarantine", "answered"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file: its header and its rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self, delimiter: str = ",") -> str:
        """As it is written."""
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([self.header, *self.rows])
        return out.getvalue()

    def with_cell(self, column: str, value: str) -> Sheet:
        """Another value in the middle row."""
        place, row = self.header.index(column), len(self.rows) // 2
        spoilt = (*self.rows[row][:place], value, *self.rows[row][place + 1 :])
        return Sheet(self.header, (*self.rows[:row], spoilt, *self.rows[row + 1 :]))


@dataclass(frozen=True, slots=True)
class Probe:
    """`content`: of the file. `good`: the answers that are good ones. `rows`: how many the file holds; None where that
    cannot be said. `same`: the answers must be those to the rows as they were.
    """

    name: str
    content: bytes
    good: tuple[str, ...]
    rows: int | None
    suffix: str = ".csv"
    same: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe was answered. `said`: the message and the hint of an error. `scores`: the answers, in order."""

    kind: str
    said: str = ""
    answered: int = 0
    aside: int = 0
    scores: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A probe, its answer, and what is wrong with that, if anything is."""

    name: str
    answer: Answer
    flaw: str = ""

    @property
    def passed(self) -> bool:
        """Whether a person can act on it and nothing was lost."""
        return not self.flaw


def probes_of(sheet: Sheet, columns: Mapping[str, Mapping[str, Any]], parquet: bytes) -> tuple[Probe, ...]:
    """All that can be tried on these rows. `columns`: the schema's. `parquet`: the same rows in that format."""
    return (*_structure(sheet, columns), *_cells(sheet, columns), *_files(sheet, parquet))


def _structure(sheet: Sheet, columns: Mapping[str, Mapping[str, Any]]) -> Iterator[Probe]:
    header, rows = sheet.header, sheet.rows
    asked = next((at for at, name in enumerate(header) if name in columns), 0)  # the model need not take all of them
    without = Sheet(_but(asked, header), tuple(_but(asked, row) for row in rows))
    more = Sheet((*header, "nobody_asked"), tuple((*row, "7") for row in rows))
    turned = Sheet(header[::-1], tuple(row[::-1] for row in rows))
    yield _probe("missing column", without, (ERROR,))
    yield _probe("extra column", more, (ANSWERED,), same=True)
    yield _probe("reordered columns", turned, (ANSWERED,), same=True)
    yield _probe("no rows", Sheet(header, ()), (ANSWERED,))
    yield _probe("one row", Sheet(header, rows[:1]), (ANSWERED,), same=True)


def _but(place: int, cells: tuple[str, ...]) -> tuple[str, ...]:
    return (*cells[:place], *cells[place + 1 :])


def _cells(sheet: Sheet, columns: Mapping[str, Mapping[str, Any]]) -> Iterator[Probe]:
    number = _first(sheet, columns, lambda rules: str(rules["type"]).lower().startswith(("int", "uint", "float")))
    listed = _first(sheet, columns, lambda rules: bool(rules.get("categories")))
    strict = _first(sheet, columns, lambda rules: not rules.get("nulls", True))
    refused = (ERROR, ASIDE)
    if number:
        yield _probe("text in a column of numbers", sheet.with_cell(number, "n/k"), refused)
        yield _probe("an infinite number", sheet.with_cell(number, "inf"), refused)
    empty = strict or sheet.header[0]
    yield _probe("an empty cell", sheet.with_cell(empty, ""), refused if strict else (*refused, ANSWERED))
    if listed:
        yield _probe("an unseen category", sheet.with_cell(listed, "never seen before"), refused)


def _files(sheet: Sheet, parquet: bytes) -> Iterator[Probe]:
    text = sheet.text()
    last = text.rstrip("\n").rpartition("\n")[2]
    cut = text[: len(text) - 1 - max(1, len(last) // 2)]
    yield Probe("an empty file", b"", (ERROR,), None)
    yield Probe("another delimiter", sheet.text(";").encode(), (ERROR,), None)
    yield Probe("another encoding", text.encode("utf-16"), (ERROR,), None)
    yield Probe("Latin-1 text", _latin(sheet), (ERROR,), None)
    yield Probe("a file cut short", cut.encode(), (ERROR, ASIDE), len(sheet.rows))
    yield Probe("a quote without an end", text.replace("\n", '\n"', 1).encode(), (ERROR,), None)
    yield Probe("a row with more cells", _longer(sheet), (ERROR,), None)
    yield Probe("Parquet cut short", parquet[: len(parquet) // 2], (ERROR,), None, ".parquet")
    yield Probe("CSV that is called Parquet", text.encode(), (ERROR,), None, ".parquet")


def _latin(sheet: Sheet) -> bytes:
    return Sheet((*sheet.header, "where"), tuple((*row, "Zürich") for row in sheet.rows)).text().encode("latin-1")


def _longer(sheet: Sheet) -> bytes:
    middle = len(sheet.rows) // 2
    rows = [(*row, "1") if number == middle else row for number, row in enumerate(sheet.rows)]
    return Sheet(sheet.header, tuple(rows)).text().encode()


def _probe(name: str, sheet: Sheet, good: tuple[str, ...], *, same: bool = False) -> Probe:
    return Probe(name, sheet.text().encode(), good, len(sheet.rows), ".csv", same)


def _first(
    sheet: Sheet, columns: Mapping[str, Mapping[str, Any]], fits: Callable[[Mapping[str, Any]], bool]
) -> str | None:
    return next((name for name in sheet.header if name in columns and fits(columns[name])), None)


def judged(probe: Probe, answer: Answer, plain: Sequence[Any]) -> Outcome:
    """`plain`: the answers to the rows as they were."""
    return Outcome(probe.name, answer, _flaw(probe, answer, plain))


def _flaw(probe: Probe, answer: Answer, plain: Sequence[Any]) -> str:
    if answer.kind not in probe.good:
        return f"the answer was `{answer.kind}`, and a good one is {' or '.join(probe.good)}"
    if answer.kind == ERROR:
        return "" if answer.said.strip() else "an error that says nothing"
    if probe.rows is not None and answer.answered + answer.aside != probe.rows:
        return f"{probe.rows} rows went in, {answer.answered} were answered and {answer.aside} set aside"
    if probe.same and not all(map(_alike, answer.scores, plain)):
        return "the answers are others than to the same rows as they were"
    return ""


def _alike(one: Any, other: Any) -> bool:
    """Equal words, and numbers that are equal but for rounding: libraries add up one row otherwise than twenty."""
    pairs = list(zip(str(one).split(" "), str(other).split(" "), strict=False))
    return all(
        a == b or (_is_number(a) and _is_number(b) and math.isclose(float(a), float(b), rel_tol=1e-9)) for a, b in pairs
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
