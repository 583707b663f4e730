"""What the analysis says of a cell covers what the cell does: random programs are run and watched.

`NB2PROD_PROGRAMS=20000 pytest tests/dataflow/test_soundness.py` looks further.
"""

from __future__ import annotations

import os

import pytest

from nb2prod.dataflow.collect import collect_cell
from nb2prod.dataflow.environment import Environment
from nb2prod.notebook.model import Cell

from .programs import PRELUDE, Namespace, Writer, watch

PROGRAMS = int(os.environ.get("NB2PROD_PROGRAMS", "1000"))
BATCHES = 10


def faults(seed: int) -> list[str]:
    """What the analysis missed in the program of a seed."""
    cells = [PRELUDE, *Writer(seed).program()]
    environment, namespace = Environment(), Namespace()
    for index, source in enumerate(cells):
        facts = collect_cell(Cell(f"c{index}", index, "code", source), environment).facts
        seen = watch(namespace, source)
        if seen is None:
            return []
        written = facts.defines | facts.may_define
        found = {
            "read but not in uses": seen.read - facts.uses,
            "in defines but not bound": facts.defines - seen.bound,
            "bound but neither in defines nor in may_define": seen.bound - written,
            "changed but in neither mutates nor may_mutate": seen.changed - facts.mutates - facts.may_mutate - written,
        }
        missed = [f"seed {seed}: {what}: {sorted(names)}" for what, names in found.items() if names]
        if missed:
            return [*missed, "\n---\n".join(cells[1 : index + 1])]
    return []


@pytest.mark.parametrize("batch", range(BATCHES))
def test_facts_cover_what_random_programs_do(batch: int) -> None:
    size = PROGRAMS // BATCHES
    for seed in range(batch * size, (batch + 1) * size):
        found = faults(seed)
        assert not found, "\n".join(found)


def test_most_random_programs_get_past_their_definitions() -> None:
    """The test above would say nothing if the programs stopped at once."""
    reached = 0
    for seed in range(200):
        namespace = Namespace()
        cells = [PRELUDE, *Writer(seed).program()]
        reached += all(watch(namespace, source) is not None for source in cells[:4])
    assert reached > 100
