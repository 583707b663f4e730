"""Where a run of cells is best cut in two: where the fewest values cross, rather below prose, rather in the middle."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate

from nb2prod.dataflow.facts import NONE, CellFacts, Facts, Names, compose

SMALLEST = 2  # cells of a stage
_STAYS = re.compile(r"\b(subplots|figure|gca|gcf|open|connect|iter|axes)\(")
_WEIGHT = 5


def best_cut(
    cells: Sequence[int], later: Sequence[int], facts: Mapping[int, CellFacts], below_prose: frozenset[int]
) -> int | None:
    """How many of `cells` the first part gets, or None where they are too few.

    `later`: the code cells behind them, which may need what they make.
    """
    positions = range(SMALLEST, len(cells) - SMALLEST + 1)
    if not positions:
        return None
    made = list(accumulate((_makes(facts[index]) for index in cells), Facts.then))
    after = compose(facts[index].facts for index in later)
    behind = list(accumulate((facts[index].facts for index in reversed(cells)), _before, initial=after))[::-1]
    stays = frozenset(name for index in cells for name in _staying(facts[index]))

    def cost(position: int) -> float:
        crossing = made[position - 1].writes & behind[position].uses
        values = len(crossing) + (_WEIGHT - 1) * len(crossing & stays)
        middle = abs(2 * position - len(cells)) / len(cells)
        return values + middle + (cells[position] not in below_prose)

    return min(positions, key=cost)


def _makes(cell: CellFacts) -> Facts:
    """What cannot simply run again."""
    return compose(statement.facts for statement in cell.statements if not statement.replayable)


def _before(later: Facts, earlier: Facts) -> Facts:
    return earlier.then(later)


def _staying(cell: CellFacts) -> Names:
    """Names of what no file can hold: figures, open files, connections."""
    return NONE.union(*(one.facts.defines for one in cell.statements if _STAYS.search(one.text)))
