"""pytest on a folder of tests, in the interpreter that has their libraries."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from nb2prod.errors import OutsideError

_RAN, _FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many tests ran, which did not pass, and pytest's own last words."""

    tests: int
    failed: tuple[str, ...]
    said: str


def run_tests(python: Sequence[str], folder: Path) -> Outcome:
    """Run what is in `folder`; nothing is written there. Raises OutsideError where pytest is missing or stops."""
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        report = Path(scratch) / "report.xml"
        done = subprocess.run(
            [*python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", str(folder)],
            cwd=folder.parent,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if "No module named pytest" in done.stderr:
            raise OutsideError(f"{python[0]} has no pytest", hint=f"{python[0]} -m pip install pytest")
        if done.returncode not in (_RAN, _FAILED) or not report.exists():
            said = (done.stdout + done.stderr).strip()[-800:]
            raise OutsideError(f"pytest could not run the tests of {folder} (exit code {done.returncode})", hint=said)
        cases = list(ElementTree.parse(report).iter("testcase"))
    failed = tuple(str(one.get("name")) for one in cases if any(part.tag in ("failure", "error") for part in one))
    return Outcome(len(cases), failed, "\n".join(done.stdout.strip().splitlines()[-20:]))
