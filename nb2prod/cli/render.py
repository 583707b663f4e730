"""How the command line draws: progress while it works, a verdict at the end. Reads well without colour."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from nb2prod.cli.plain import complain, plain, say

if TYPE_CHECKING:
    from nb2prod.operations.convert import Conversion
    from nb2prod.operations.diff import Changes
    from nb2prod.pipeline.verdict import Verdict


class Terminal:
    """Progress on standard error: one line that changes on a terminal, one line per part elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty() and not os.environ.get("CI")
        self._began = self._part = time.monotonic()
        self._text = ""
        self._cell = ""

    def phase(self, text: str) -> None:
        """End the line of the part before, begin the next."""
        self._finish()
        self._text, self._part = plain(text), time.monotonic()
        if self._live:
            self._draw("")

    def cell(self, text: str, number: int, total: int) -> None:
        """Show which cell runs."""
        self._cell = f"{number}/{total}"
        if self._live:
            self._draw(f"{number}/{total} {text}")

    def note(self, text: str) -> None:
        """A line of its own."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
        complain(f"  {text}")

    def close(self) -> None:
        """End the last line."""
        self._finish()
        self._text = ""

    def _draw(self, rest: str) -> None:
        sys.stderr.write(f"\r\x1b[K  {self._text}  {plain(rest)}  {time.monotonic() - self._part:.0f} s")
        sys.stderr.flush()

    def _finish(self) -> None:
        if not self._text:
            return
        if self._live:
            sys.stderr.write("\r\x1b[K")
        cells = f", {self._cell.partition('/')[2]} cells" if self._cell else ""
        print(f"  {self._text}: {time.monotonic() - self._part:.1f} s{cells}", file=sys.stderr)
        self._cell = ""


def show_conversion(done: Conversion) -> None:
    """What was made, and the verdict."""
    for note in done.notes:
        say(f"note: {note}")
    if done.pipeline is not None:
        for line in _stages(done.pipeline):
            say(line)
    for merge in done.merges:
        say(f"merged: {' + '.join(merge.stages)}: {merge.reason}")
    if done.installation is not None:
        written, unchanged = len(done.installation.written), done.installation.unchanged
        say(f"files: {written} written, {unchanged} unchanged in {_short(done.project.folder)}")
    show_verdict(done.verdict)


def show_changes(done: Changes) -> None:
    """What changed since the conversion, and what will run."""
    folder = _short(done.project.folder)
    if not done.reason:
        say(f"nothing changed since {folder} was converted")
        return
    say(f"{folder} is not what the notebook gives now: {done.reason}")
    for title, lines in (
        ("in the notebook:", done.cells),
        ("in the pipeline, as far as it can be told without running:", done.pipeline),
    ):
        for line in [title, *(f"  {one}" for one in lines)] if lines else []:
            say(line)
    say(_to_run(done))
    say("nothing was written")


def _to_run(done: Changes) -> str:
    if done.only_results:
        return f"to run: `nb2prod run {_short(done.project.folder)}` runs what depends on it"
    if done.affected is None:
        return "to run: what changed is not known here, neither from an earlier conversion nor from git's history"
    kept = f"; proved already: {', '.join(done.kept)}" if done.kept else ""
    if not done.affected:
        return "to run: nothing"
    return f"to run: the notebook, then at most stages {', '.join(done.affected)}{kept}"


def _stages(pipeline: Any) -> list[str]:
    width = max(len(stage.name) for stage in pipeline.stages)
    lines = []
    for stage in pipeline.stages:
        names = [_artifact(one) for one in stage.outputs]
        names += [file.root_path for file in stage.writes] + (["metrics"] if stage.metrics else [])
        lines.append(f"  {stage.name.ljust(width)} → {', '.join(names) or 'nothing that is kept'}")
    return ["stages:", *lines]


def _artifact(one: Any) -> str:
    if one.is_random_state:
        return "random state"
    names = ", ".join(one.names) if len(one.names) == 1 else f"({', '.join(one.names)})"
    return f"{names} [{one.format}{'' if one.size is None else f', {_bytes(one.size)}'}]"


def _bytes(size: int) -> str:
    """1 kB and more in the unit that keeps one to three digits before the point."""
    if size < 1000:
        return f"{size} B"
    power = min(len(str(size)) - 1, 12) // 3
    return f"{size / 1000**power:.3g} {' kMGT'[power]}B"


def show_verdict(verdict: Verdict) -> None:
    """The last line of `convert` and `verify`."""
    compared = sum(one.variables for one in verdict.stages), sum(one.outputs for one in verdict.stages)
    files = sum(one.files for one in verdict.stages)
    evidence = (
        f" ({compared[0]} variables, {compared[1]} cells' outputs, {files} files compared)" if verdict.stages else ""
    )
    for difference in verdict.differences:
        say(f"  {difference.sentence()}")
    opaque = sorted({name for one in verdict.stages for name in one.opaque})
    if opaque:
        say(f"compared by type only: {', '.join(opaque)}")
    say(f"verdict: {verdict.state}{evidence}")
    if verdict.reason:
        say(f"  {verdict.reason}")


def _short(path: Any) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("../..") else relative
