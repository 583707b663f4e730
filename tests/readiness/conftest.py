"""One project that is ready by all criteria, made once; each test works on a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from readiness import project


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> Path:
    """The project's folder. Not to be changed: take `folder`."""
    folder = tmp_path_factory.mktemp("ready") / "project"
    project.make(folder)
    return folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """A copy of the project."""
    return Path(shutil.copytree(whole, tmp_path / "project", symlinks=True))
