"""The story so far, kept on the way: what stands above the cell that is edited is not told anew with each change."""

from __future__ import annotations

import ast
import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass

from nb2prod.lint.context import CodeView
from nb2prod.lint.provenance.events import Story
from nb2prod.lint.provenance.machine import Machine

# So many cells lie between two states of a notebook that is opened.
_DISTANCE = 40


@dataclass(frozen=True, slots=True, eq=False)
class SoFar:
    """A machine that has read these cells, packed. `nodes`: what it refers to in their trees, which stays as it is."""

    read: tuple[CodeView, ...]
    packed: bytes
    nodes: dict[int, ast.AST]

    def is_start_of(self, views: Sequence[CodeView]) -> bool:
        """Whether a notebook of these cells begins with the ones that were read."""
        return len(self.read) <= len(views) and all(one is other for one, other in zip(self.read, views, strict=False))

    def machine(self) -> Machine:
        """The machine as it was; each call gives another one."""
        unpickler = pickle.Unpickler(io.BytesIO(self.packed))
        unpickler.persistent_load = lambda key: self.nodes[key]  # type: ignore[method-assign]
        machine: Machine = unpickler.load()
        return machine


class _Packer(pickle.Pickler):
    """Nodes of syntax trees stay outside: they are compared by identity."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.nodes: dict[int, ast.AST] = {}

    def persistent_id(self, obj: object) -> int | None:
        """The node's key; None for everything else."""
        if not isinstance(obj, ast.AST):
            return None
        self.nodes[id(obj)] = obj
        return id(obj)


def told(views: Sequence[CodeView], known: Sequence[SoFar], edited: int | None) -> tuple[Story, tuple[SoFar, ...]]:
    """The story of the cells, and states on the way: before the one at position `edited`, and, where all is new
    (None), at even distances.
    """
    usable = [one for one in known if len(one.read) <= (edited or 0) and one.is_start_of(views)]
    machine, start = (usable[-1].machine(), len(usable[-1].read)) if usable else (Machine(), 0)
    kept = [one for one in usable if len(one.read) % _DISTANCE == 0 or len(one.read) == edited]
    for stop in range(_DISTANCE, len(views), _DISTANCE) if edited is None else [edited]:
        if stop > start:
            _read(machine, views[start:stop])
            kept += _packed(machine, views[:stop])
            start = stop
    _read(machine, views[start:])
    machine.finish()
    return machine.story, tuple(kept)


def _read(machine: Machine, views: Sequence[CodeView]) -> None:
    for view in views:
        machine.cell = view.index
        machine.run(view.body)


def _packed(machine: Machine, views: Sequence[CodeView]) -> list[SoFar]:
    """The state; none where it cannot be packed."""
    file = io.BytesIO()
    packer = _Packer(file)
    try:
        packer.dump(machine)
    except RecursionError:  # thousands of frames, each derived from the one before
        return []
    return [SoFar(tuple(views), file.getvalue(), packer.nodes)]
