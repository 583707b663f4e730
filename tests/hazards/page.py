"""`docs/hazards.md`, made from the suite's records: `PYTHONPATH=tests python -m hazards.page` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hazards.hazard import Hazard
from hazards.hazards import CLASSES, HAZARDS
from hazards.rarities import RARITIES

PATH = Path(__file__).parents[2] / "docs" / "hazards.md"


def page() -> str:
    """The text of the page."""
    return "\n".join([*_head(), *_classes(), *_table()]) + "\n"


def _head() -> Iterator[str]:
    suite = [one for one in HAZARDS if one.title not in RARITIES]
    same = [one for one in suite if one.verdict.startswith("same")]
    merged = [one for one in same if one.stages < one.tagged]
    yield "# Hazards"
    yield ""
    yield "What Python, IPython and files can do to a notebook that is cut into stages, one small notebook each."
    yield "Made by `tests/hazards/page.py` from the records in `tests/hazards/`; `tests/hazards/test_hazards.py` converts"
    yield "every one, and `tests/long/hazard_oracle.py` runs notebook and pipeline side by side and compares what they print."
    yield ""
    yield f"{len(suite)} notebooks: {len(same)} `same` ({_share(same, suite)}), of all {len(merged)} in fewer stages than"
    yield f"tagged ({_share(merged, suite)}). None may be green but wrong. `refused`: nothing is written, and the message names"
    yield "the place, the reason and the remedy. `unverified`: the notebook itself varies from run to run."
    yield ""
    yield from _rare_head()


def _rare_head() -> Iterator[str]:
    rare = [one for one in HAZARDS if one.title in RARITIES]
    same = [one for one in rare if one.verdict.startswith("same")]
    merged = [one for one in same if one.stages < one.tagged]
    yield f"{len(rare)} more stand beside the suite (`tests/hazards/rarities.py`: corners of Python, further forms of one hazard,"
    yield f"notebooks that are refused by definition): {len(same)} `same`, {len(merged)} of them in fewer stages. With them the"
    both = [one for one in HAZARDS if one.verdict.startswith("same")]
    fewer = [one for one in both if one.stages < one.tagged]
    yield f"shares are {_share(both, HAZARDS)} `same` and {_share(fewer, HAZARDS)} in fewer stages."
    yield ""


def _share(some: list[Hazard], of: tuple[Hazard, ...] | list[Hazard]) -> str:
    return f"{100 * len(some) / len(of):.0f} %"


def _classes() -> Iterator[str]:
    yield "| class | notebooks | `same` | in fewer stages | beside |"
    yield "|---|---|---|---|---|"
    for class_, hazards in CLASSES.items():
        suite = [one for one in hazards if one.title not in RARITIES]
        same = [one for one in suite if one.verdict.startswith("same")]
        merged = sum(one.stages < one.tagged for one in same)
        yield f"| {class_} | {len(suite)} | {len(same)} | {merged} | {len(hazards) - len(suite)} |"
    yield ""


def _table() -> Iterator[str]:
    yield "| class | hazard | verdict | stages of tagged |"
    yield "|---|---|---|---|"
    for one in sorted(HAZARDS, key=lambda hazard: hazard.title in RARITIES):
        shape = "" if one.verdict == "refused" else f"{one.stages} of {one.tagged}"
        class_ = f"beside: {one.class_}" if one.title in RARITIES else one.class_
        yield f"| {class_} | {one.title} | {one.verdict} | {shape} |"


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
