"""Check a broken notebook in this process, and say what went wrong with that."""

from __future__ import annotations

import contextlib
import io
import json
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.lint.mutations import CANARY, mutated

# Of processor time: the machine may be busy with something else.
SECONDS = 5
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CALLS = (["--format", "text"], ["--format", "json"], ["--format", "sarif"], ["--format", "github"], ["--diff"])
_FORBIDDEN = (
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "socket.connect",
    "ctypes.dlopen",
    "pickle.find_class",
)


class Hang(BaseException):
    """It took too long. No `Exception`: nobody may catch it by accident."""


def trouble(seed: int, folder: Path) -> list[str]:
    """What is wrong with how `check` takes the notebook of a seed: empty when all is well."""
    name, data = mutated(seed)
    path = folder / f"case{seed}.ipynb"
    path.write_bytes(data)
    options = _CALLS[seed % len(_CALLS)]
    began = time.monotonic()
    try:
        with _limited(SECONDS), _seen() as forbidden:
            code, out, err = _called(["check", str(path), *options])
        wrong = [*_wrong(code, out, err, options), *(f"did {event}" for event in forbidden)]
    except Hang:
        wrong = [f"took more than {SECONDS} s"]
    if any(Path(at, CANARY).exists() for at in (folder, Path.cwd())):
        wrong.append("ran the notebook's code")
    if "--diff" in options and path.read_bytes() != data:
        wrong.append("changed the notebook")
    path.unlink()
    return [f"seed {seed} ({name}, {' '.join(options)}, {time.monotonic() - began:.1f} s): {one}" for one in wrong]


def _called(arguments: list[str]) -> tuple[int, str, str]:
    from nb2prod.cli import main

    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as left:
            code = left.code
    return int(code or 0), out.getvalue(), err.getvalue()


def _wrong(code: int, out: str, err: str, options: list[str]) -> Iterator[str]:
    if code not in (0, 1, 2):
        yield f"exit code {code}: {err[:300]}"
    if "Traceback" in err or "internal error" in err:
        yield f"a traceback: {err[:300]}"
    for stream, text in (("out", out), ("err", err)):
        found = _CONTROLS.search(text)
        if found:
            yield f"{found[0]!r} in std{stream}: {text[max(0, found.start() - 40) : found.end() + 40]!r}"
    if code == 2 and not ("error: " in err and "hint: " in err):
        yield f"no reason or no hint: {err[:200]!r}"
    if code != 2 and options[-1] in ("json", "sarif"):
        json.loads(out)


@contextlib.contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


_watching: list[list[str]] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _watching and event in _FORBIDDEN:
        _watching[-1].append(f"{event} {args!r:.80}")


@contextlib.contextmanager
def _seen() -> Iterator[list[str]]:
    if _hook not in _HOOKED:
        _HOOKED.append(_hook)
        sys.addaudithook(_hook)
    _watching.append([])
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


_HOOKED: list[Any] = []
