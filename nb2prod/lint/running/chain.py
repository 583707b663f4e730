"""Which cells only follow from others: names that something happened to, carried along the notebook."""

from __future__ import annotations

from collections.abc import Iterable

from nb2prod.lint.context import CodeView, Context


class Chain:
    """Names that are spoiled, by the cell that spoiled them first."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._origin: dict[str, int] = {}

    def cause(self, view: CodeView) -> tuple[str, int] | None:
        """A spoiled name that the cell uses, and the cell that spoiled it; None where it uses none."""
        uses = self._context.facts(view).facts.uses
        return next(((name, self._origin[name]) for name in sorted(uses & self._origin.keys())), None)

    def spoil(self, names: Iterable[str], origin: int) -> None:
        """These names are no longer what they should be."""
        for name in names:
            self._origin.setdefault(name, origin)

    def follow(self, view: CodeView, origin: int) -> None:
        """The cell follows from a spoiled one: so does what it writes."""
        self.spoil(written_by(self._context, view), origin)

    def heal(self, view: CodeView) -> None:
        """The cell binds names anew, from what is not spoiled."""
        for name in self._context.facts(view).facts.defines:
            self._origin.pop(name, None)


def written_by(context: Context, view: CodeView) -> frozenset[str]:
    """The names that a cell binds or certainly changes."""
    facts = context.facts(view).facts
    return frozenset(name for name in facts.defines | facts.may_define | facts.mutates if not name.startswith("$"))


def unfinished(context: Context, view: CodeView, line: int) -> frozenset[str]:
    """What the statements from the failing line on would have written."""
    facts = context.facts(view)
    nodes = [one.node for one in view.parsed.statements]
    if view.parsed.magic is not None or len(nodes) != len(facts.statements):
        return written_by(context, view)
    late = [one.facts for node, one in zip(nodes, facts.statements, strict=True) if (node.end_lineno or 1) >= line]
    names = (one.defines | one.may_define | one.mutates for one in late)
    return frozenset(name for part in names for name in part if not name.startswith("$"))
