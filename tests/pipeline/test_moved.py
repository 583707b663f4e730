"""Prose that came or went: what was seen stays with its cell."""

from __future__ import annotations

from nb2prod.pipeline.moved import moved_observation
from nb2prod.pipeline.observation import Mark, Observation, Output, Source

MARK = Mark((), {}, {}, {})


def test_what_a_cell_read_from_others_goes_with_it() -> None:
    shown = (Output("stream", (("text/plain", "1"),)),)
    seen = Observation(
        MARK, (MARK,), {1: shown}, {1: 0.5}, sources=(Source(1, "https://h.org/a", "x"), Source(-1, "db", "y"))
    )
    moved = moved_observation(seen, {1: 3})
    assert [(one.cell, one.name) for one in moved.sources] == [(3, "https://h.org/a"), (-1, "db")]
    assert (moved.outputs, moved.seconds) == ({3: shown}, {3: 0.5})
