"""What a cell's tags say: our spelling, papermill's, and Kale's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from nb2prod.errors import UsageError
from nb2prod.notebook.model import Cell, Notebook

STAGE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}\Z")
# Names that Windows keeps for itself: a stage gives its files their names.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)
PLAIN = ("parameters", "setup", "skip", "report", "metrics", "predict")
VALUED = ("stage", "input", "output")
KALE = {
    "imports": "setup",
    "functions": "setup",
    "pipeline-parameters": "parameters",
    "pipeline-metrics": "metrics",
}
KALE_VALUED = {"step": "stage", "block": "stage"}
_NBCLIENT = ("raises-exception", "skip-execution")
# Tags of Kale that say what the analysis finds by itself, or what Kubernetes needs.
KALE_IGNORED = re.compile(r"(prev|annotation|label|limit|image|cache):")


@dataclass(frozen=True, slots=True)
class Role:
    """What one cell is for. `stage` is the stage that it opens, if it opens one."""

    stage: str | None = None
    parameters: bool = False
    setup: bool = False
    skip: bool = False
    report: bool = False
    metrics: bool = False
    predict: bool = False
    raises: bool = False
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


def role_of(cell: Cell) -> Role:
    """Read a cell's tags. Raises UsageError for tags that contradict each other or are near misses."""
    meanings = [meaning for tag in cell.tags if (meaning := _meaning(cell, tag)) is not None]
    values = {key: tuple(value for name, value in meanings if name == key) for key in VALUED}
    plain = {name for name, _ in meanings} & set(PLAIN)
    _check_combination(cell, values["stage"], plain)
    return Role(
        stage=values["stage"][0] if values["stage"] else None,
        parameters="parameters" in plain,
        setup="setup" in plain,
        skip="skip" in plain,
        report="report" in plain,
        metrics="metrics" in plain,
        predict="predict" in plain,
        raises="raises-exception" in cell.tags,
        inputs=values["input"],
        outputs=values["output"],
    )


def acting(tags: Iterable[str]) -> list[str]:
    """The tags that decide what runs: ours, Kale's, and those that nbclient reads. Others are for readers' eyes."""
    known = {*PLAIN, *KALE, *_NBCLIENT}
    heads = (*VALUED, *KALE_VALUED)
    return sorted(tag for tag in tags if tag in known or tag.startswith("nb2prod-") or tag.partition(":")[0] in heads)


def roles_of(notebook: Notebook) -> dict[int, Role]:
    """The role of every cell by its index. Raises UsageError as `role_of`, and for a second parameters cell."""
    roles = {cell.index: role_of(cell) for cell in notebook.cells}
    owners = [cell for cell in notebook.cells if roles[cell.index].parameters]
    if len(owners) > 1:
        places = " and ".join(cell.label for cell in owners)
        raise UsageError(
            f"the tag `parameters` stands on {places}",
            hint="papermill reads one parameters cell: put all parameters into one of them",
        )
    return roles


def _meaning(cell: Cell, tag: str) -> tuple[str, str] | None:
    """(name, value) of a tag in our spelling, or None where the tag is somebody else's."""
    if tag == "injected-parameters":
        raise UsageError(
            f"{cell.label} was injected by papermill (tag `injected-parameters`): this is an executed notebook",
            hint="convert the notebook that papermill was given, or delete that cell",
        )
    if tag in PLAIN:
        return tag, ""
    if tag in KALE:
        return KALE[tag], ""
    name, colon, value = tag.partition(":")
    if colon and name in VALUED + tuple(KALE_VALUED):
        return KALE_VALUED.get(name, name), _checked_value(cell, tag, name, value.strip())
    _refuse_near_miss(cell, tag)
    return None


def _checked_value(cell: Cell, tag: str, name: str, value: str) -> str:
    if name in ("input", "output"):
        if not value:
            raise UsageError(f"tag `{_shown(tag)}` on {cell.label} names no file", hint=f"write `{name}:PATH`")
        return value
    if not STAGE_NAME.match(value):
        raise UsageError(
            f"tag `{_shown(tag)}` on {cell.label} is not a stage name",
            hint="a stage name is a letter followed by letters, digits, `_` or `-`, at most 100 of them",
        )
    if RESERVED.match(value):
        raise UsageError(
            f"tag `{tag}` on {cell.label}: Windows allows no file of the name `{value}`",
            hint="choose another name for the stage",
        )
    return value


def _shown(tag: str) -> str:
    """A tag on one short line."""
    line = " ".join(tag.split())
    return line if len(line) <= 60 else line[:60] + "…"


def _refuse_near_miss(cell: Cell, tag: str) -> None:
    """Most unknown tags belong to other tools; one that is almost ours is a slip that would change the result."""
    if KALE_IGNORED.match(tag):
        return
    head = re.split(r"[:\s=]", tag.strip(), maxsplit=1)[0].lower()
    known = [*PLAIN, *VALUED, *KALE_VALUED]
    close = [head] if head in known else difflib.get_close_matches(head, known, n=1, cutoff=0.8)
    if close:
        meant = f"{close[0]}:NAME" if close[0] in VALUED + tuple(KALE_VALUED) else close[0]
        raise UsageError(f"unknown tag `{_shown(tag)}` on {cell.label}", hint=f"did you mean `{meant}`?")


def _check_combination(cell: Cell, stages: tuple[str, ...], plain: set[str]) -> None:
    if len(stages) > 1:
        both = " and ".join(f"`stage:{name}`" for name in stages)
        raise UsageError(f"{cell.label} has two stage tags: {both}", hint="keep one: a cell belongs to one stage")
    if stages and cell.kind != "code":
        raise UsageError(
            f"`stage:{stages[0]}` stands on {cell.label}, which is not a code cell",
            hint="put the tag on the first code cell of the stage",
        )
    code_only = sorted(plain - {"skip"})
    if code_only and cell.kind != "code":
        raise UsageError(
            f"the tag `{code_only[0]}` stands on {cell.label}, which is not a code cell",
            hint="put it on the code cell that it is meant for, or remove it",
        )
    clash = plain & {"parameters", "skip", "setup", "report"}
    if "report" in plain:
        clash |= plain & {"metrics", "predict"}
    if len(clash) > 1 or (stages and clash):
        names = " and ".join(f"`{name}`" for name in sorted(clash) + [f"stage:{name}" for name in stages])
        raise UsageError(f"{cell.label} is tagged {names}", hint="these exclude each other: keep one")
