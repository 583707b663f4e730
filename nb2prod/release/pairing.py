"""The rows that two versions both held out: what each was given of them may differ, the rows may not.

Rows are told apart by the contract's id column, or by the frames' own index. An index may count something else from one
version to the next (new data, sorted anew): it is believed only where the truth of all paired rows is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nb2prod.release.overlap import Stage


@dataclass(frozen=True, slots=True)
class Pairs:
    """Positions of the same rows in both hold-outs. `told`: which rows these are, in words."""

    ours: Any
    theirs: Any
    told: str


def pair(ours: Mapping[str, Any], theirs: Mapping[str, Any], by_id: str | None) -> Pairs | str:
    """The rows in both, or why they cannot be told. `ours`, `theirs`: arrays `names` and `truth`. `by_id`: the column
    that both are named by, None where it is the index.
    """
    if "names" not in ours or "names" not in theirs:
        return "neither an id column nor an index tells their rows apart"
    common, mine, other = np.intersect1d(ours["names"], theirs["names"], return_indices=True)
    if by_id is None and not np.array_equal(ours["truth"][mine].astype(str), theirs["truth"][other].astype(str)):
        return "rows with the same index have another truth: the index does not name the same rows"
    order = np.argsort(mine)
    what = f"`{by_id}`" if by_id else "their index"
    return Pairs(mine[order], other[order], f"{len(common)} rows that both versions held out, by {what}")


def same_features(ours: Sequence[Stage], theirs: Sequence[Stage], data: str, other: str) -> bool:
    """Whether the same code with the same parameters made both hold-outs."""
    return data == other and _recipe(ours, data) == _recipe(theirs, other)


def _recipe(stages: Sequence[Stage], path: str) -> dict[str, Any]:
    """Code and parameters of the stages that an artifact comes from."""
    maker = next((one for one in stages if path in one.outs), None)
    if maker is None:
        return {}
    found: dict[str, Any] = {maker.name: [_code(maker), maker.params]}
    for dep in maker.deps:
        found |= _recipe(stages, dep)
    return found


def _code(stage: Stage) -> dict[str, str]:
    return {path: md5 for path, md5 in stage.deps.items() if path.endswith((".py", ".ipynb"))}
