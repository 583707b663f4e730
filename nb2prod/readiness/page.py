"""`docs/readiness.md`: the criteria, what each rests on, and what they answer. Made from the criteria themselves."""

from __future__ import annotations

from collections.abc import Iterator

from nb2prod.contract.evidence import Subject
from nb2prod.readiness.criterion import LEVELS, Criterion
from nb2prod.readiness.ground import Ground
from nb2prod.readiness.grounds.registry import grounds
from nb2prod.readiness.mapping import Ask, Table, tables
from nb2prod.readiness.registry import criteria

_HEAD = """\
# Readiness: the criteria of `nb2prod ready`

Made from `nb2prod/readiness/`; `nb2prod ready` asks these of a notebook or a pipeline, and executes nothing.

A criterion is **met** where everything that it rests on was seen to hold, **not met** where something was seen not
to hold, and **unknown** otherwise. Evidence counts as long as what it was seen on is unchanged; it is *stale*, and
so unknown, when one of the parts named below changed after it. `--level` asks the criteria of that level and of
those below it, no others; the score is the percentage of these that are met, and exit code 1 means that it is not
100. `--format md` prints a page for a review, `--format json` what scripts read.

What people have to say (the decision, the owner, …) stands in `production.yaml`, which is written with open
questions when `nb2prod ready` is first asked of a pipeline. Records of what was tried are JSON files in the
`evidence/` of the pipeline, meant to be committed.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_levels(), *(line for one in criteria() for line in _criterion(one)), *_mappings()])


def _levels() -> Iterator[str]:
    for level, story in LEVELS.items():
        yield f"## Level {level}: {story}"
        yield ""
        for one in criteria():
            if one.level == level:
                yield f"- [{one.id}](#{one.id}): {one.title}"
        yield ""


def _criterion(criterion: Criterion) -> Iterator[str]:
    yield f"## {criterion.id}"
    yield ""
    yield f"**{criterion.title}.** *{criterion.question}* Asked from level {criterion.level} on."
    yield ""
    yield f"Source: {criterion.source}."
    yield ""
    yield criterion.page
    yield f"How to meet it: {criterion.how}"
    yield ""
    yield "| rests on | how to get there | goes stale with |"
    yield "|---|---|---|"
    for key in criterion.rests_on:
        yield _ground(grounds()[key])
    yield ""


def _ground(ground: Ground) -> str:
    step = ground.step.format(notebook="NB", folder="pipeline", name="NAME")
    return f"| {ground.what} | {step} | {_stale_with(ground)} |"


def _stale_with(ground: Ground) -> str:
    """What is looked at each time cannot be stale; a rehearsal stays one."""
    if len(ground.parts) == len(Subject.__dataclass_fields__):
        return "any change"
    return ", ".join(ground.parts) or ("never" if ground.key.startswith("evidence.") else "looked at each time")


def _mappings() -> Iterator[str]:
    yield "## Which criteria answer what is asked elsewhere"
    for table in tables():
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield from (
        "",
        f"### {table.title}",
        "",
        f"Source: {table.source}.",
        "",
        "| | asks | criteria | |",
        "|---|---|---|---|",
    )
    yield from map(_ask, table.asks)


def _ask(ask: Ask) -> str:
    links = ", ".join(f"[{one}](#{one})" for one in ask.criteria)
    return f"| {ask.name} | {ask.what} | {links} | {ask.note} |"
