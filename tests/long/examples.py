"""Every example at its defaults, with all alternative parameters at once, and with each alone: always `same`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from places import NAMES, example_project, scratch


def main(names: list[str]) -> int:
    """Print one line per comparison; the number of those that are not `same`."""
    with scratch() as folder:
        return sum(_example(folder / name, name) for name in names or NAMES)


def _example(folder: Path, name: str) -> int:
    from integration.projects import alternatives

    from nb2prod.operations.convert import convert

    began = time.monotonic()
    done = convert(example_project(folder, name))
    wrong = _report(name, "defaults", done.verdict.state, began)
    defaults = dict(done.pipeline.values) if done.pipeline else {}
    others = alternatives(f"{name}.ipynb")
    for label, values in [("all", others), *((key, {key: value}) for key, value in others.items())]:
        wrong += _verify(done.project.folder, name, label, {**defaults, **values})
    return wrong


def _verify(folder: Path, name: str, label: str, values: dict[str, object]) -> int:
    from integration.projects import set_parameters

    from nb2prod.errors import Nb2prodError
    from nb2prod.operations.verify import verify

    set_parameters(folder, values)
    began = time.monotonic()
    try:
        verdict = verify(folder).verdict
        state = f"{verdict.state} {verdict.reason} {[one.sentence() for one in verdict.differences]}"
        state = verdict.state if verdict.state == "same" else state
    except Nb2prodError as error:
        state = str(error)
    return _report(name, label, state, began)


def _report(name: str, label: str, state: str, began: float) -> int:
    print(f"{name:22} {label:16} {time.monotonic() - began:5.0f} s  {state}", flush=True)
    return state != "same"


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
