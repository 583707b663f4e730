"""One notebook from its seed to its judgement."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from composed.conversion import Converted, convert_only
from composed.notebooks import Composed
from composed.oracle import Ran, difference, run_notebook, run_pipeline
from composed.soundness import missed
from composed.warm_kernels import Servers
from composed.writer import Writer

_ATTEMPTS = 12


@dataclass(slots=True)
class Judgement:
    """What became of a notebook. `state`: same, refused, unverified, different, crash, wrong, wrong elsewhere, …"""

    state: str
    detail: str = ""
    missed: list[str] = field(default_factory=list)
    stages: int = 0
    tagged: int = 0
    elsewhere: str = ""
    merges: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    digest: str = ""
    seconds: float = 0.0

    @property
    def is_wrong(self) -> bool:
        """Whether the promise is broken."""
        return self.state in ("wrong", "wrong elsewhere", "crash")


def runnable(servers: Servers, seed: int) -> Composed | None:
    """The seed's notebook without the cells that fail or vary by themselves; None where little is left."""
    notebook = Writer(seed).notebook()
    for _ in range(_ATTEMPTS):
        culprit = _culprit(servers, notebook)
        if culprit is None:
            return notebook if len(notebook.cells) > 2 else None
        notebook = without_part(notebook, culprit)
        if notebook is None:
            return None
    return None


def _culprit(servers: Servers, notebook: Composed) -> int | None:
    """The first cell that raises, at either value of the parameters, or prints another text the second time."""
    with tempfile.TemporaryDirectory(prefix="plain-") as name:
        folder = Path(name)
        first = run_notebook(servers, notebook, notebook.defaults, folder / "a")
        if first.error:
            return max(first.printed, default=0)
        second = run_notebook(servers, notebook, notebook.defaults, folder / "b")
        for number, text in first.printed.items():
            if second.printed.get(number) != text:
                return number
        if notebook.others:
            other = run_notebook(servers, notebook, notebook.others, folder / "c")
            if other.error:
                return max(other.printed, default=0)
            again = run_notebook(servers, notebook, notebook.others, folder / "d")
            return next((n for n, text in other.printed.items() if again.printed.get(n) != text), None)
    return None


def without_part(notebook: Composed, number: int) -> Composed | None:
    """Without a cell, or the last part of it; its tags stay as long as something does."""
    cell = notebook.cells[number]
    if "parameters" in cell.tags or number == 0:
        return None
    parts = cell.parts[:-1] or ("print('left out')",)
    if cell.parts == ("print('left out')",):
        return None
    changed = type(cell)(cell.tags, parts)
    return notebook.with_cells((*notebook.cells[:number], changed, *notebook.cells[number + 1 :]))


def judge(servers: Servers, notebook: Composed, *, only_digest: bool = False) -> Judgement:
    """Convert, run at both values of the parameters, and compare. `only_digest`: convert only."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="trial-"))
    try:
        found = _judge(servers, notebook, folder, only_digest)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found.seconds = time.monotonic() - began
    return found


def _judge(servers: Servers, notebook: Composed, folder: Path, only_digest: bool) -> Judgement:
    project = folder / "project"
    project.mkdir()
    try:
        done = convert_only(notebook.write(project))
    except Exception:  # any error but a refusal is a fault of ours
        return Judgement("crash", traceback.format_exc()[-3000:])
    tagged = sum(tag.startswith("stage:") for cell in notebook.cells for tag in cell.tags)
    found = Judgement("", tagged=tagged, repairs=done.repairs, missed=missed(done))
    if done.refusal is not None or done.pipeline is None or done.verdict is None:
        internal = type(done.refusal).__name__ == "OutsideError"
        found.state = {"Refused": "refused", "UsageError": "refused"}.get(type(done.refusal).__name__, "different")
        found.state = "crash" if internal else found.state
        found.detail = f"{type(done.refusal).__name__}: {done.refusal} {getattr(done.refusal, 'hint', '')}"
        return found
    found.stages, found.merges = len(done.pipeline.stages), [one.reason for one in done.pipeline.merges]
    found.digest = _digest(done)
    found.state = "same" if done.verdict.is_success else done.verdict.state
    found.detail = "" if done.verdict.state == "same" else f"{done.verdict.state}: {done.verdict.reason}"
    if found.state == "different":
        found.detail += "; ".join(one.sentence() for one in done.verdict.differences[:3])
    if done.verdict.is_success and not only_digest:
        _compare(servers, notebook, done, folder, found)
    return found


def _compare(servers: Servers, notebook: Composed, done: Converted, folder: Path, found: Judgement) -> None:
    assert done.pipeline is not None
    for label, values in (("", notebook.defaults), ("elsewhere", notebook.others)):
        if label and not notebook.others:
            return
        plain = run_notebook(servers, notebook, values, folder / f"plain{label}")
        ours = run_pipeline(servers, done.pipeline, done.files, notebook, values, folder / f"stages{label}")
        kind, detail = _verdict(notebook, plain, ours)
        if kind == "wrong" and label and _varies(servers, notebook, values, plain, folder):
            kind, detail = "varies", "the notebook prints something else from run to run at these values"
        if label:
            found.elsewhere = kind
        if kind == "wrong":
            found.state, found.detail = (f"wrong {label}".strip(), detail)
            return
        if kind != "same":
            found.detail = detail
            if not label:
                found.state = "wrong"
                return


def _varies(servers: Servers, notebook: Composed, values: dict[str, object], plain: Ran, folder: Path) -> bool:
    """Two shuffles of two items are often equal by chance: look more often before calling the pipeline wrong."""
    again = (run_notebook(servers, notebook, values, folder / f"again{number}") for number in range(6))
    return any(one.printed != plain.printed for one in again)


def _verdict(notebook: Composed, plain: Ran, ours: Ran) -> tuple[str, str]:
    skipped = {number for number, cell in enumerate(notebook.cells) if "skip" in cell.tags}
    shown = Ran({n: text for n, text in plain.printed.items() if n not in skipped}, plain.error, plain.files)
    if plain.error:
        return "notebook failed", plain.error
    if ours.error is None:
        wrong = difference(shown, ours)
        return ("wrong", wrong) if wrong else ("same", "")
    printed = {n: text for n, text in shown.printed.items() if n in ours.printed}
    # What a stage printed before one failed must be right too, but for the cell that failed.
    early = {n: text for n, text in printed.items() if ours.printed[n] != text}
    refusal = re.match(r"StageError|DVC:", ours.error)
    kind = "refused" if refusal else "failed"
    missing = re.match(r"FileNotFoundError: .*'(.*)'", ours.error)
    if missing and (missing.group(1) in notebook.files or missing.group(1) in plain.files):
        kind = "undeclared"
    first = min(early, default=None)
    note = f" (cell {first} printed {ours.printed[first]!r} instead of {early[first]!r})" if first is not None else ""
    return kind, f"stage {ours.stage}: {ours.error[:600]}{note}"


def _digest(done: Converted) -> str:
    """Of every byte that was generated, and of the artifacts."""
    state = hashlib.sha256()
    for name in sorted(done.files):
        state.update(f"{name}\0{done.files[name]}\0".encode())
    for name in sorted(done.results):
        state.update(name.encode() + b"\0" + done.results[name] + b"\0")
    return state.hexdigest()
