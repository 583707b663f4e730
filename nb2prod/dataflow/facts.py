"""The facts about a run of statements, and how two runs compose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Parts:
    """A path folded as far as it is known: literal text and names of parameters, in order."""

    pieces: tuple[tuple[str, bool], ...]  # (text or parameter name, is it a parameter)

    def filled(self, values: dict[str, object]) -> str:
        """The path with the parameters' values put in."""
        return "".join(str(values[text]) if parameter else text for text, parameter in self.pieces)

    @property
    def parameters(self) -> Names:
        """The parameters that it is computed from."""
        return frozenset(text for text, parameter in self.pieces if parameter)


@dataclass(frozen=True, slots=True)
class FileAccess:
    """A file that the code names: `mode` is "read", "write" or "probe": it asks whether the file is there."""

    path: Parts
    mode: str


@dataclass(frozen=True, slots=True)
class Callable:
    """What calling (or keeping) a function or class may touch outside itself.

    `arguments`: the positional ones. `returns`: globals whose objects a call's result may share state with.
    `returns_callable`: the result may carry code. `stateful`: it remembers something from call to call. `cached`: it
    remembers its results, as `functools.lru_cache` has it.
    """

    reads: Names = NONE
    writes: Names = NONE
    mutates: Names = NONE
    may_mutate: Names = NONE
    ambient: Names = NONE
    argument_mutations: tuple[tuple[str, bool], ...] = ()  # (parameter, certain)
    arguments: tuple[str, ...] = ()
    files: tuple[FileAccess, ...] = ()
    dynamic: tuple[str, ...] = ()
    returns_callable: bool = False
    returns: Names = NONE
    stateful: bool = False
    cached: bool = False

    def union(self, other: Callable) -> Callable:
        """Either of the two may be meant."""
        return Callable(
            self.reads | other.reads,
            self.writes | other.writes,
            self.mutates & other.mutates,
            self.may_mutate | other.may_mutate | (self.mutates ^ other.mutates),
            self.ambient | other.ambient,
            tuple(dict.fromkeys(self.argument_mutations + other.argument_mutations)),
            self.arguments or other.arguments,
            tuple(dict.fromkeys(self.files + other.files)),
            tuple(dict.fromkeys(self.dynamic + other.dynamic)),
            self.returns_callable or other.returns_callable,
            self.returns | other.returns,
            self.stateful or other.stateful,
            self.cached or other.cached,
        )

    @property
    def is_closed(self) -> bool:
        """Whether a call changes nothing outside, itself included."""
        touches = self.writes or self.mutates or self.may_mutate or self.ambient or self.files or self.dynamic
        return not (touches or self.stateful)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run of statements does to the names around it.

    `uses`: needed from outside before it is certainly bound here. `defines`: certainly bound at the end.
    `may_define`: bound on some path. `mutates`: changed in place by a known effect; `may_mutate`: perhaps changed.
    """

    uses: Names = NONE
    defines: Names = NONE
    may_define: Names = NONE
    deletes: Names = NONE
    mutates: Names = NONE
    may_mutate: Names = NONE
    ambient: Names = NONE
    files: tuple[FileAccess, ...] = ()
    dynamic: tuple[str, ...] = ()

    @property
    def writes(self) -> Names:
        """Every name whose value this certainly or conditionally writes."""
        return self.defines | self.may_define | self.mutates | self.deletes

    def interrupted(self) -> Facts:
        """The same, where an error may end it early: nothing is certain."""
        return replace(self, defines=NONE, may_define=self.may_define | self.defines)

    def then(self, after: Facts) -> Facts:
        """This run followed by another."""
        return Facts(
            uses=self.uses | (after.uses - self.defines),
            defines=(self.defines - after.deletes) | after.defines,
            may_define=self.may_define | after.may_define | (self.defines & after.deletes),
            deletes=(self.deletes - after.defines) | after.deletes,
            mutates=self.mutates | after.mutates,
            may_mutate=self.may_mutate | after.may_mutate,
            ambient=self.ambient | after.ambient,
            files=tuple(dict.fromkeys(self.files + after.files)),
            dynamic=tuple(dict.fromkeys(self.dynamic + after.dynamic)),
        )


def compose(runs: Iterable[Facts]) -> Facts:
    """All runs, one after the other."""
    # Pairwise from the bottom up, because each composition costs what its parts are large.
    level = list(runs)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [one.then(other) for one, other in pairs] + level[len(level) - len(level) % 2 :]
    return level[0] if level else Facts()


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A top-level statement. `kind`: import, definition, setting, constant or other.

    `replayable`: running it again in another stage gives the same and does nothing else, provided that the
    names in `facts.uses` mean the same there. `recomputable`: running it again gives equal objects, though new ones.
    """

    text: str
    kind: str
    facts: Facts
    replayable: bool
    line: int = 1
    recomputable: bool = False


@dataclass(frozen=True, slots=True)
class CellFacts:
    """A code cell: its statements and their composition."""

    index: int
    statements: tuple[StatementFacts, ...]
    facts: Facts
    error: tuple[str, int] | None = None
    magic: str | None = None
    callables: tuple[tuple[str, Callable], ...] = ()

    @property
    def is_replayable(self) -> bool:
        """Whether the whole cell may be copied into another stage."""
        return self.magic is None and bool(self.statements) and all(one.replayable for one in self.statements)

    @property
    def is_definitions(self) -> bool:
        """Whether the cell holds function and class definitions and imports only, at least one definition."""
        kinds = {statement.kind for statement in self.statements}
        return self.magic is None and "definition" in kinds and kinds <= {"definition", "import"}
