"""The same observation of a notebook whose cells stand elsewhere: prose came or went, the code is the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nb2prod.pipeline.model import Repairs
from nb2prod.pipeline.observation import Mark, Observation

#: Index of a cell then → index now.
Moves = Mapping[int, int]


def moved_observation(observation: Observation, moves: Moves) -> Observation:
    """With the cells' indices of now."""
    return replace(
        observation,
        start=moved_mark(observation.start, moves),
        marks=tuple(moved_mark(mark, moves) for mark in observation.marks),
        outputs={moves[index]: outputs for index, outputs in observation.outputs.items()},
        seconds={moves[index]: seconds for index, seconds in observation.seconds.items()},
        sources=tuple(replace(source, cell=moves.get(source.cell, -1)) for source in observation.sources),
    )


def moved_mark(mark: Mark, moves: Moves) -> Mark:
    """With the cells' indices of now. A drawing of no cell (index -1) stays."""
    drawings = {moves.get(index, -1): seen for index, seen in mark.drawings.items()}
    return replace(mark, cells=tuple(moves[index] for index in mark.cells), drawings=drawings)


def moved_repairs(repairs: Repairs, moves: Moves) -> Repairs:
    """With the cells' indices of now."""
    return replace(repairs, unlifted=frozenset(moves[index] for index in repairs.unlifted))
