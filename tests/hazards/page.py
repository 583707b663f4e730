"""`docs/hazards.md`, made from the suite's records: `PYTHONPATH=tests python -m hazards.page` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hazards.hazard import Hazard
from hazards.hazards import CLASSES, HAZARDS

PATH = Path(__file__).parents[2] / "docs" / "hazards.md"


def page() -> str:
    """The text of the page."""
    return "\n".join([*_head(), *_classes(), *_table()]) + "\n"


def _head() -> Iterator[str]:
    same = [one for one in HAZARDS if one.verdict.startswith("same")]
    merged = [one for one in same if one.stages < one.tagged]
    yield "# Hazards"
    yield ""
    yield "What Python, IPython and files can do to a notebook that is cut into stages, one small notebook each."
    yield "Made by `tests/hazards/page.py` from the records in `tests/hazards/`; `tests/hazards/test_hazards.py` converts"
    yield "every one, and `tests/long/hazard_oracle.py` runs notebook and pipeline side by side and compares what they print."
    yield ""
    yield f"{len(HAZARDS)} notebooks: {len(same)} `same` ({_share(same, HAZARDS)}), of these {len(merged)} in fewer stages"
    yield f"than tagged ({_share(merged, same)}). None may be green but wrong. `refused`: nothing is written, and the message"
    yield "names the place, the reason and the remedy. `unverified`: the notebook itself varies from run to run."
    yield ""


def _share(some: list[Hazard], of: tuple[Hazard, ...] | list[Hazard]) -> str:
    return f"{100 * len(some) / len(of):.0f} %"


def _classes() -> Iterator[str]:
    yield "| class | notebooks | `same` | in fewer stages |"
    yield "|---|---|---|---|"
    for class_, hazards in CLASSES.items():
        same = [one for one in hazards if one.verdict.startswith("same")]
        yield f"| {class_} | {len(hazards)} | {len(same)} | {sum(one.stages < one.tagged for one in same)} |"
    yield ""


def _table() -> Iterator[str]:
    yield "| class | hazard | verdict | stages of tagged |"
    yield "|---|---|---|---|"
    for one in HAZARDS:
        shape = "" if one.verdict == "refused" else f"{one.stages} of {one.tagged}"
        yield f"| {one.class_} | {one.title} | {one.verdict} | {shape} |"


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
