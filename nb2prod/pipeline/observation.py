"""What one run of the notebook showed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

_IMMUTABLE = re.compile(
    r"(builtins\.)?(bool|int|float|complex|str|bytes|NoneType|range)\Z|numpy\.(bool|u?int|float)\d*_?\Z"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A name's value at one moment. `format` is the first rung of the ladder that carries it exactly, if any.

    `size`: bytes that it holds; `stored`: bytes that its file will have (its group's, where it has one).
    `blind`: whether it holds something that nobody can look into.
    `classes`: the notebook's own that it needs; `modules`: those of all classes and functions that it refers to.
    """

    name: str
    fingerprint: str
    type: str
    kind: str
    size: int | None = None
    stored: int | None = None
    format: str | None = None
    why: str = ""
    shares: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    modules: frozenset[str] = frozenset()
    blind: bool = False

    @property
    def is_immutable(self) -> bool:
        """Whether nobody can change it in place."""
        return bool(_IMMUTABLE.match(self.type))

    @property
    def comparable(self) -> bool:
        """Whether its fingerprint says something about its content."""
        return self.kind != "opaque"


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a cell, reduced to what must be equal: `kind` is stream, result, or error."""

    kind: str
    data: tuple[tuple[str, str], ...]


#: How the name of a source begins that is a database in a file; its path follows.
DATABASE_FILE = "sqlite file "


@dataclass(frozen=True, slots=True)
class Source:
    """What a cell (index) read from others: its name, without credentials, and what changes when it does."""

    cell: int
    name: str
    token: str

    @property
    def is_file(self) -> bool:
        """Whether it is a database in a file outside of the project: nobody has to be asked how it is."""
        return self.name.startswith(DATABASE_FILE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the observer refused: `kind` is "file", "host" or "unrecorded" (done, and nobody could keep it).

    `cell`: its cell (index), None before the first.
    """

    kind: str
    what: str
    cell: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    """The kernel's state after a segment of cells, and what happened to files since the mark before.

    Files are relative to the project's root, POSIX; absolute where they lie outside of it. `local_modules`: the
    project's own modules that are imported by now, with their files. `listed`: folders whose names were listed;
    `globbed`: patterns that were looked for (`data/*.csv`).
    `folders`: all that there are now. `written_first`: files that were opened for writing before anybody read them.
    `probed`: paths that somebody asked about (`os.path.exists`), there or not.
    `drawings`: by cell, the figures that were turned into images, as fingerprints of their artists.
    `entered`: folders that became the working directory. `deleted`: files that are gone. `module_changes`: variables
    of the project's own modules (`tools.CACHE`) that changed after they were imported. `refused`: so far.
    `imports`: what each of the project's modules imports, by its text; "*" where that may be anything.
    `loose_modules`: files of imported modules that are neither the project's nor of a distribution in site-packages.
    `programs`: names of those that were started by now, "?" for one that nobody can name. `databases`: files outside of
    the project that were opened as such, and that nothing was written to.
    """

    cells: tuple[int, ...]
    variables: Mapping[str, Variable]
    random: Mapping[str, str]
    ambient: Mapping[str, str]
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    network: tuple[str, ...] = ()
    unseeded: tuple[str, ...] = ()
    clock: bool = False
    local_modules: Mapping[str, str] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    written_first: frozenset[str] = frozenset()
    probed: frozenset[str] = frozenset()
    drawings: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    entered: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    module_changes: frozenset[str] = frozenset()
    globbed: frozenset[str] = frozenset()
    loose_modules: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()
    databases: frozenset[str] = frozenset()

    def lists(self, path: str) -> bool:
        """Whether somebody who listed names saw this one, or a folder above it."""
        if any(folder == "." or path.startswith(f"{folder}/") for folder in self.listed):
            return True
        return self.matches(path)

    def matches(self, path: str) -> bool:
        """Whether a pattern that was looked for fits this name, or a folder above it."""
        parts = path.split("/")
        return any(fnmatchcase("/".join(parts[: one.count("/") + 1]), one) for one in self.globbed)

    def shows(self, look: str) -> bool:
        """Whether that part of the process could be looked at."""
        return self.ambient.get(look, "None") != "None"

    def changed_since(self, before: Mark | None) -> frozenset[str]:
        """Names bound, rebound, changed in place or deleted since the mark before, random state included."""
        old = before.variables if before else {}
        names = {name for name, value in self.variables.items() if _differs(old.get(name), value)}
        names |= old.keys() - self.variables.keys()
        random = before.random if before else {}
        moved = {f"$rng:{name}" for name, state in self.random.items() if state != random.get(name, "")}
        return frozenset(names | (moved if before else set()))


def _differs(old: Variable | None, new: Variable) -> bool:
    return old is None or (old.fingerprint, old.type, old.kind) != (new.fingerprint, new.type, new.kind)


@dataclass(frozen=True, slots=True)
class Observation:
    """One run of the notebook: a mark after each segment, each cell's outputs, its seconds and its imports."""

    start: Mark
    marks: tuple[Mark, ...]
    outputs: Mapping[int, tuple[Output, ...]]
    seconds: Mapping[int, float]
    deterministic: bool = True
    sources: tuple[Source, ...] = ()
    secrets: frozenset[str] = frozenset()

    def mark_after(self, cell: int) -> Mark:
        """The first mark that includes the cell. Raises KeyError."""
        for mark in self.marks:
            if cell in mark.cells:
                return mark
        raise KeyError(cell)

    def changes(self) -> tuple[tuple[Mark, frozenset[str]], ...]:
        """Each mark with what changed in its segment."""
        before = (self.start, *self.marks)
        return tuple((mark, mark.changed_since(old)) for old, mark in zip(before, self.marks, strict=False))
