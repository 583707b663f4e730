"""Notebooks of other people's, untagged and as they are: stages, crossings, merges, verdict, seconds, right or wrong.

    python tests/long/public_notebooks.py FOLDER [--kernel NAME] [--list FILE] [WORD…]

FOLDER holds a folder per project: notebooks with their data and modules. Each notebook (or those that FILE lists, a
path in FOLDER a line, and whose path holds a WORD) is converted in a copy of its project under git, by the proposal.
Then an oracle of its own: the notebook is run as one by papermill in another copy, the pipeline by `dvc repro -f`, and
what the user's cells printed and displayed must agree. Of nb2prod's comparison only the masks take part. What differs
between two plain runs of the notebook is not counted. `lock`: whether `dvc repro -f` left `dvc.lock` as it was.

One line a notebook, then the shares; the exit code is 1 where anything was wrong or failed by a fault of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import places

ROOT = Path(__file__).parents[2]
SECONDS = 1500
Texts = dict[str, list[tuple[str, str]]]


class Row(NamedTuple):
    """What became of one notebook. `answer`: same, same when seeded, unverified, refused, crash."""

    answer: str
    stages: tuple[str, ...] = ()
    crossings: int = 0
    merges: tuple[str, ...] = ()
    lock: str = "-"
    wrong: str = ""
    detail: str = ""


def main() -> int:
    """Examine one notebook after the other."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--kernel")
    parser.add_argument("--list", type=Path)
    given = parser.parse_args()
    folder = given.folder.resolve()
    counts: Counter[str] = Counter()
    print("notebook | stages | crossings | merges | verdict | lock | seconds | wrong")
    for path in _notebooks(folder, given.list, given.words):
        began = time.monotonic()
        with places.scratch() as scratch:
            try:
                row = examine(folder / path.parts[0], Path(*path.parts[1:]), given.kernel, scratch)
            except (RuntimeError, subprocess.SubprocessError) as error:  # the others must still be looked at
                row = Row("not examined", detail=str(error))
        _show(path, row, time.monotonic() - began)
        counts[row.answer] += 1
        counts["wrong"] += bool(row.wrong)
        counts["split"] += row.answer.startswith("same") and len(row.stages) >= 3
    _sum(counts)
    return int(bool(counts["wrong"] + counts["crash"]))


def _notebooks(folder: Path, listed: Path | None, words: list[str]) -> Iterable[Path]:
    found = sorted(folder.rglob("*.ipynb")) if listed is None else [folder / line for line in _lines(listed)]
    for path in found:
        inside = path.relative_to(folder)
        if not words or any(word in str(inside) for word in words):
            yield inside


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]


def _show(path: Path, row: Row, seconds: float) -> None:
    shape = f"{len(row.stages)} | {row.crossings} | {len(row.merges)}"
    print(f"{path} | {shape} | {row.answer} | {row.lock} | {seconds:.0f} | {row.wrong or 'no'}")
    for line in (", ".join(row.stages), *row.merges, *row.detail.splitlines()[-6:]):
        print(f"      {line}" if line else "", end="\n" if line else "")
    sys.stdout.flush()


def _sum(counts: Counter[str]) -> None:
    answers = {name: count for name, count in counts.items() if name not in ("wrong", "split")}
    total = sum(answers.values())
    print(", ".join(f"{count} {name}" for name, count in sorted(answers.items())))
    print(f"{counts['split']} of {total} same in three stages or more, {counts['wrong']} wrong")


def examine(project: Path, notebook: Path, kernel: str | None, scratch: Path) -> Row:
    """Convert it, run both sides as users do, compare."""
    made = _copy(project, scratch / "converted")
    _git(made)
    chosen = ["--kernel", kernel] if kernel else []
    where = (made / notebook).parent
    command = ["-m", "nb2prod", "convert", notebook.name, "--init", "--out", "pipeline", *chosen]
    done = _run(where, sys.executable, *command)
    if done.returncode:
        crash = "Traceback" in done.stderr and "(the notebook itself, not the pipeline)" not in done.stderr
        return Row("crash" if crash else "refused", detail=done.stderr if crash else done.stdout + done.stderr)
    record = json.loads((where / "pipeline" / "conversion.json").read_text("utf-8"))
    names = tuple(stage["name"] for stage in record["stages"])
    crossings = sum(len(stage["inputs"]) for stage in record["stages"])
    merges = tuple(f"{'+'.join(merge['stages'])}: {merge['reason']}" for merge in record["merges"])
    state, reason = record["verdict"]["state"], record["verdict"].get("reason", "")
    lock, wrong = _oracle(project, notebook, kernel, where / "pipeline", names, scratch)
    return Row(state, names, crossings, merges, lock, wrong, reason)


def _oracle(
    project: Path, notebook: Path, kernel: str | None, pipeline: Path, names: Iterable[str], scratch: Path
) -> tuple[str, str]:
    before = (pipeline / "dvc.lock").read_bytes()
    done = _run(pipeline, "dvc", "repro", "-f")
    if done.returncode:
        return "-", f"dvc repro failed: {_last(done.stderr or done.stdout)}"
    lock = "same" if (pipeline / "dvc.lock").read_bytes() == before else "changed"
    got: Texts = {}
    for name in names:
        got |= _texts(json.loads((pipeline / "runs" / f"{name}.ipynb").read_text("utf-8")))
    expected = _plain(project, notebook, kernel, scratch / "plain")
    differing = _differing(expected, got)
    if differing:
        again = _plain(project, notebook, kernel, scratch / "again")
        differing = [cell for cell in differing if expected[cell] == again.get(cell)]
    return lock, "; ".join(f"{cell}: {_first(expected[cell], got.get(cell))}" for cell in differing[:3])


def _differing(expected: Texts, got: Texts) -> list[str]:
    """Cells that show something else, or nothing although the notebook shows something."""
    return [cell for cell, shown in expected.items() if got.get(cell, []) != shown]


def _first(expected: list[tuple[str, str]], got: list[tuple[str, str]] | None) -> str:
    if got is None:
        return "is in no stage"
    pairs = [(one, other) for one, other in zip(expected, got, strict=False) if one != other]
    if not pairs:
        return f"shows {len(got)} things instead of {len(expected)}"
    (mime, old), (_, new) = pairs[0]
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    return f"{mime}: notebook {old[start : start + 40]!r}, pipeline {new[start : start + 40]!r}"


def _plain(project: Path, notebook: Path, kernel: str | None, target: Path) -> Texts:
    """The notebook in one piece."""
    path = _copy(project, target) / notebook
    out = target / "executed.ipynb"
    chosen = ["-k", kernel] if kernel else []
    done = _run(path.parent, "papermill", path.name, str(out), "--no-progress-bar", *chosen)
    if done.returncode:
        raise RuntimeError(f"papermill {notebook}: {_last(done.stderr)}")
    return _texts(_identified(json.loads(out.read_text("utf-8")), path))


def _identified(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """With the ids that nb2prod gives to cells that have none."""
    from nb2prod.adapters.notebooks import read_notebook

    cells = [cell for cell in document["cells"] if "injected-parameters" not in cell["metadata"].get("tags", ())]
    for own, cell in zip(read_notebook(path).cells, cells, strict=True):
        cell["id"] = own.id
    return document | {"cells": cells}


def _texts(document: dict[str, Any]) -> Texts:
    """What each of the user's code cells printed and displayed, masked."""
    from nb2prod.adapters.kernels import to_outputs
    from nb2prod.pipeline.compare import comparable

    found: Texts = {}
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            found[cell["id"]] = comparable(to_outputs(tuple(cell["outputs"])), "".join(cell["source"]), alike=False)
    return found


def _copy(project: Path, target: Path) -> Path:
    return Path(shutil.copytree(project, target / project.name))


def _git(folder: Path) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@localhost")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "as it is")):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def _run(folder: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this interpreter's environment; its output is text."""
    own = Path(sys.executable).parent
    command = [str(own / program) if (own / program).exists() else program, *words]
    paths = {"PATH": f"{own}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment = os.environ | paths | {"TMPDIR": tempfile.gettempdir()}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=SECONDS, check=False
    )


def _last(text: str) -> str:
    return " / ".join([line.strip() for line in text.splitlines() if line.strip()][-3:])[-300:]


if __name__ == "__main__":
    sys.exit(main())
