"""DVC: the engine of record, called as the user would call it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nb2prod.errors import OutsideError

_UNWRITTEN = re.compile(r"output '(.+)' does not exist")


def command(*arguments: str) -> list[str]:
    """DVC of nb2prod's own environment."""
    return [sys.executable, "-m", "dvc", *arguments]


def environment() -> dict[str, str]:
    """The process's environment with this interpreter's programs (papermill) first on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1", "PYTHONUTF8": "1"}


def root(folder: Path) -> Path | None:
    """The DVC repository that holds `folder`, or None."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".dvc").is_dir() and (candidate / ".dvc" / "config").exists():
            return candidate
    return None


def init(folder: Path, *, scm: bool) -> None:
    """Make `folder` a DVC repository that asks nobody for updates and reports nothing. Raises OutsideError."""
    _check(["init", "-q", *([] if scm else ["--no-scm"])], folder)
    _check(["config", "core.analytics", "false"], folder)
    _check(["config", "core.check_update", "false"], folder)


def commit(folder: Path, stages: Sequence[str] = ()) -> None:
    """Record in `dvc.lock` that the outputs on disk are the results. Raises OutsideError."""
    _check(["commit", "--force", *(stages or ["dvc.yaml"])], folder)


def status(folder: Path) -> dict[str, Any]:
    """What `dvc status` says of the folder's own stages: empty where there is nothing to do. Raises OutsideError."""
    done = _check(["status", "--json", "dvc.yaml"], folder)
    found = json.loads(done.stdout or "{}")
    return dict(found)


def unwritten(stage: str, text: str) -> OutsideError | None:
    """The error of a stage that did not write what it declares, if that is what DVC's text says."""
    found = _UNWRITTEN.search(text)
    if found is None:
        return None
    return OutsideError(
        f"stage `{stage}` did not write `{found.group(1)}`, which it declares as its output",
        hint="convert the notebook again with these parameters, so that its outputs are declared anew",
    )


@contextlib.contextmanager
def reproduce(folder: Path, arguments: Sequence[str], extra: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`dvc repro` as a child process whose output is read as it comes; ended with us, its children included.

    `extra`: further environment variables.
    """
    target = [] if any(not one.startswith("-") for one in arguments) else ["dvc.yaml"]
    process = subprocess.Popen(
        command("repro", *arguments, *target),
        cwd=folder,
        env={**environment(), **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    import signal

    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _check(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*arguments), cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise OutsideError(f"`dvc {' '.join(arguments)}` failed in {folder}", hint=done.stderr.strip()[-1500:])
    return done
