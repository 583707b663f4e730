"""Verbs of the command line that answer with `--format json`: each question is a process of its own.

What is behind them loads libraries that a notebook's server or kernel should not hold.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nb2prod.errors import Nb2prodError, OutsideError, Refused, UsageError
from nb2prod.plain_text import plain

_SECONDS = 120.0


class NotInstalled(UsageError):
    """The installed nb2prod has no such verb."""


def expect_verb(verb: str) -> None:
    """Raises NotInstalled where this version has no such verb."""
    if find_spec(f"nb2prod.operations.{verb}") is None:
        raise NotInstalled(f"this nb2prod has no `{verb}` yet", hint="pip install --upgrade 'nb2prod[lab,production]'")


def asked(place: Path, arguments: Sequence[str]) -> dict[str, Any]:
    """The JSON answer of a verb that only looks. Raises what the verb complains about."""
    expect_verb(arguments[0])
    command = [sys.executable, "-m", "nb2prod", *arguments, "--format", "json"]
    try:
        done = subprocess.run(
            command, cwd=place, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise OutsideError(f"`{arguments[0]}` took too long", hint="ask for it in a terminal") from None
    return _answer(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def _answer(code: int, said: str, complained: str) -> dict[str, Any]:
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    if isinstance(found, dict):  # exit code 1 with a report is an answer
        return found
    lines = [line.strip() for line in plain(complained).splitlines() if line.strip()]
    hint = next((line.removeprefix("hint: ") for line in lines if line.startswith("hint: ")), "")
    message = " ".join(line.removeprefix("error: ") for line in lines if not line.startswith("hint: "))
    kind: type[Nb2prodError] = {2: UsageError, 3: OutsideError}.get(code, Refused)
    raise kind(message[:2000] or "there is no answer", hint=hint)
