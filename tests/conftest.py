"""What all tests share: no settings of the person who runs them, and a place of their own for temporary files."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pytest

_TEMPLATES = str(Path(__file__).parents[1] / "templates")


@pytest.fixture(scope="session")
def worker_module():
    """`worker_module(name)`: a module of the program that predicts, which no environment has installed."""

    def load(name):
        sys.path.insert(0, _TEMPLATES)
        try:
            return importlib.import_module(f"nb2prod_worker.{name}")
        finally:
            sys.path.remove(_TEMPLATES)

    return load


@pytest.fixture(scope="session", autouse=True)
def _own_surroundings(tmp_path_factory):
    """Git's, DVC's and Jupyter's user settings are left out."""
    home = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("DVC_GLOBAL_CONFIG_DIR", str(home / "dvc"))
        patch.setenv("JUPYTER_CONFIG_DIR", str(home / "jupyter"))
        patch.setenv("JUPYTER_DATA_DIR", str(home / "jupyter-data"))
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        patch.setenv("DVC_NO_ANALYTICS", "1")
        for name in ("PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "NB2PROD_WARM"):
            patch.delenv(name, raising=False)
        yield
