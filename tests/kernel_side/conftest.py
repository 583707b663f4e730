"""The kernel-side files are templates, not part of the package: tests load them by path, as a pipeline would."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
STAGE = TEMPLATES / "package" / "_stage.py"
OBSERVER = TEMPLATES / "kernel" / "observer.py"

_PRELUDE = f"""
import importlib.util, sys, types
package = types.ModuleType("churn")
package.__path__ = [{str(STAGE.parent)!r}]
sys.modules["churn"] = package
from churn import _stage
"""


def _load_stage():
    spec = importlib.util.spec_from_file_location("churn._stage", STAGE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def stage_module():
    return _load_stage()


@pytest.fixture
def stage(stage_module, tmp_path, monkeypatch):
    """`_stage`, imported in an empty folder."""
    monkeypatch.setattr(stage_module, "HOME", tmp_path)
    stage_module._watched.clear()
    return stage_module


@pytest.fixture
def run_python(tmp_path):
    """Run code in a fresh interpreter where `_stage` is imported, under a given hash seed; return its output."""

    def run(code: str, hash_seed: int = 0) -> str:
        script = tmp_path / "script.py"
        script.write_text(_PRELUDE + code, "utf-8")
        done = subprocess.run(
            [sys.executable, str(script)],
            cwd=tmp_path,
            env={"PYTHONHASHSEED": str(hash_seed), "PATH": "", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
