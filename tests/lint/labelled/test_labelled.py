"""Labelled cases: how many of the findings are right, and how many of the faults are found, by kind.

A case begins `=== LABELS: title`; labels are the codes that must be reported, `none` where nothing may be. The cells of
`preamble.txt` and, for leakage, `data.txt` come first.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import rules
from tests.lint.tables import notebook_of

_HERE = Path(__file__).parent
_LEAKAGE = frozenset({"NB501", "NB502", "NB503", "NB504", "NB505", "NB506", "NB507"})


def _cases(name: str) -> list[tuple[frozenset[str], str, str]]:
    found = []
    for block in re.split(r"^=== ", (_HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, _, body = block.partition("\n")
        labels, _, title = head.partition(": ")
        found.append((frozenset(labels.split()) - {"none"}, title, body))
    return found


def _codes(body: str, first: tuple[str, ...], codes: frozenset[str]) -> frozenset[str]:
    cells = [(_HERE / name).read_text(encoding="utf-8") for name in first]
    text = "".join(f"# %%\n{cell}\n" for cell in [*cells, body])
    mine = [rule for rule in rules() if rule.code in codes]
    before = len(first)
    return frozenset(one.code for one in diagnose(Context(notebook_of(text)), mine) if one.cell_index >= before)


class _Confusion:
    """Right and wrong answers of each kind."""

    def __init__(self) -> None:
        self.hit, self.wrong, self.missed = Counter[str](), Counter[str](), Counter[str]()
        self.lines: list[str] = []

    def add(self, wanted: frozenset[str], got: frozenset[str], title: str) -> None:
        self.hit.update(wanted & got)
        self.wrong.update(got - wanted)
        self.missed.update(wanted - got)
        if wanted != got:
            self.lines.append(f"  {title}: wanted {sorted(wanted)}, got {sorted(got)}")

    @property
    def precision(self) -> float:
        return self.hit.total() / max(1, self.hit.total() + self.wrong.total())

    @property
    def recall(self) -> float:
        return self.hit.total() / max(1, self.hit.total() + self.missed.total())

    def __str__(self) -> str:
        kinds = sorted({*self.hit, *self.wrong, *self.missed})
        rows = [
            f"{kind}  right {self.hit[kind]:3}  false {self.wrong[kind]:2}  missed {self.missed[kind]:2}"
            for kind in kinds
        ]
        return "\n".join([*rows, f"precision {self.precision:.3f}  recall {self.recall:.3f}", *self.lines])


def test_leakage_is_found_and_near_misses_are_not():
    cases, confusion = _cases("leakage.txt"), _Confusion()
    for wanted, title, body in cases:
        confusion.add(wanted, _codes(body, ("preamble.txt", "data.txt"), _LEAKAGE), title)
    print(f"\n{len(cases)} cases\n{confusion}")
    assert len(cases) >= 80
    assert all(sum(code in wanted for wanted, _, _ in cases) >= 3 for code in _LEAKAGE)
    assert confusion.precision >= 0.95, confusion
    assert confusion.recall >= 0.85, confusion


def test_unseeded_randomness_is_found_and_near_misses_are_not():
    cases, confusion = _cases("randomness.txt"), _Confusion()
    for wanted, title, body in cases:
        confusion.add(wanted, _codes(body, ("preamble.txt",), frozenset({"NB201"})), title)
    print(f"\n{len(cases)} cases\n{confusion}")
    assert len(cases) >= 40
    assert confusion.precision >= 0.95, confusion
    assert confusion.recall >= 0.90, confusion
