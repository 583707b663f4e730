"""What is heavy to move from one stage to another, and where making it again would be cheaper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nb2prod.pipeline.model import Artifact, Boundary, Stage

#: Bytes from which a boundary is worth a sentence.
HEAVY = 64 * 2**20
# Bytes per second that a value travels at: written, read back and compared, hashed by DVC, and read by the next stage.
# An assumption, of the order of what frames of numbers took on one core; it only decides what is proposed.
_SPEED = 60e6


def heavy(stages: Sequence[Stage], seconds: Mapping[int, float], least: int | None = None) -> tuple[Boundary, ...]:
    """Boundaries of at least `least` bytes (default: HEAVY). `seconds`: what each cell took."""
    least = HEAVY if least is None else least
    return tuple(one for stage in stages for one in _into(stages, stage, seconds) if one.stored >= least)


def _into(stages: Sequence[Stage], consumer: Stage, seconds: Mapping[int, float]) -> Iterator[Boundary]:
    for producer in stages:
        moved = [one for one in consumer.inputs if one.stage == producer.name]
        stored = sum(one.stored or 0 for one in moved)
        if moved:
            proposal = _proposal(stages, producer, consumer, moved, stored, seconds)
            yield Boundary(producer.name, consumer.name, stored, proposal)


def _proposal(
    stages: Sequence[Stage],
    producer: Stage,
    consumer: Stage,
    moved: Sequence[Artifact],
    stored: int,
    seconds: Mapping[int, float],
) -> str:
    cells = {index for one in moved for index in one.made_in}
    moving, making = seconds_to_move(stored), sum(seconds.get(index, 0.0) for index in cells)
    if not cells <= seconds.keys() or moving <= making:
        return ""
    ways = []
    if stages.index(consumer) == stages.index(producer) + 1:
        ways.append(f"remove the tag `stage:{consumer.name}`, and both are one stage")
    if not producer.inputs:
        ways.append("tag what makes it `setup`, and each stage makes it itself")
    names = ", ".join(name for one in moved for name in one.names)
    costs = f"moving `{names}` takes about {moving:.0f} s, making it took {making:.1f} s"
    return f"{costs}: {', or '.join(ways)}" if ways else ""


def seconds_to_move(stored: int) -> float:
    """How long so many bytes take from one stage to the next, or to be kept."""
    return stored / _SPEED


def sentence(boundary: Boundary) -> str:
    """For people."""
    said = f"from {boundary.producer} to {boundary.consumer}: {amount(boundary.stored)} to write"
    return f"{said}; {boundary.proposal}" if boundary.proposal else said


def amount(number: int) -> str:
    """A number of bytes, as people say it."""
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
