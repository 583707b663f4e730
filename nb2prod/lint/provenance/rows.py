"""Sets of rows and how they lie in each other.

A node is a set of rows: all that a file gave, a part of another node (a split's, a filter's), or a union of nodes.
Parts of one node are taken for disjoint, unless they are the same node: a filter's text that comes again gives the
same node again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

TRAIN, TEST = "train", "test"


@dataclass(eq=False, slots=True)
class Rows:
    """`split`: the event that made this part. `role`: train or test, where a split or a name says so.

    `label`: the first name that held these rows.
    """

    parent: Rows | None = None
    split: object | None = None
    role: str = ""
    components: tuple[Rows, ...] = ()
    loops: tuple[int, ...] = ()
    aggregate: bool = False
    label: str = ""
    parts: dict[object, Rows] = field(default_factory=dict)

    def part(self, key: object, *, split: object | None = None, role: str = "", loops: tuple[int, ...] = ()) -> Rows:
        """The part of these rows that `key` names; the same one for the same key."""
        if key not in self.parts:
            self.parts[key] = Rows(self, split, role, loops=loops)
        return self.parts[key]

    @property
    def known_role(self) -> str:
        """Its own role, or that of the rows it is part of."""
        return next((rows.role for rows in up(self) if rows.role), "")


def up(rows: Rows) -> Iterator[Rows]:
    """The rows and everything that they are part of."""
    at: Rows | None = rows
    while at is not None:
        yield at
        at = at.parent


def down(rows: Rows) -> Iterator[Rows]:
    """The rows and the rows that they were put together from."""
    seen: set[Rows] = set()
    pending = [rows]
    while pending:
        one = pending.pop()
        if one not in seen:
            seen.add(one)
            yield one
            pending.extend(one.components)


def union(components: tuple[Rows, ...], loops: tuple[int, ...] = ()) -> Rows:
    """All of them; one alone stays itself."""
    distinct = tuple(dict.fromkeys(components))
    return distinct[0] if len(distinct) == 1 else Rows(components=distinct, loops=loops)


def covers(whole: Rows, part: Rows) -> bool:
    """Whether `part` certainly lies in `whole`, by parts, unions and unions' parts."""
    if whole is part:
        return True
    if not whole.components:
        return any(rows is whole for rows in up(part))
    inside = set(down(whole))
    return any(rows in inside for rows in up(part))


def overlaps(one: Rows, other: Rows) -> bool:
    """Whether the two certainly share rows."""
    return covers(one, other) or covers(other, one)


def splits_above(rows: Rows) -> Iterator[Rows]:
    """The parts of known splits that the rows lie in, innermost first."""
    return (at for at in up(rows) if at.split is not None)
