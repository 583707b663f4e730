"""One conversion per project and test session, shared by all workers; each test works on a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from integration import loans, projects
from nb2prod.operations.convert import convert
from nb2prod.operations.release import release


@pytest.fixture(scope="session")
def shared(tmp_path_factory, worker_id) -> Callable[[str, Callable[[Path], None]], Path]:
    """`shared(name, make)`: the folder that `make(folder)` filled once, whichever worker came first."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def get(name: str, make: Callable[[Path], None]) -> Path:
        folder, ready = base / "shared" / name, base / "shared" / f"{name}.ready"
        folder.parent.mkdir(exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not ready.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                ready.touch()
        return folder

    return get


@pytest.fixture(scope="session")
def converted_sales(shared) -> Path:
    """The sales project, converted and committed. Not to be changed: take `sales`."""

    def make(folder: Path) -> None:
        done = convert(projects.sales(folder), folder / "pipeline")
        assert done.verdict.state == "same"
        projects.commit(folder, "pipeline")

    return shared("sales", make)


@pytest.fixture
def sales(converted_sales, tmp_path) -> Path:
    """A copy of the converted sales project."""
    return Path(shutil.copytree(converted_sales, tmp_path / "sales", symlinks=True))


@pytest.fixture(scope="session")
def loans_ready(shared) -> Path:
    """The loans project, converted and committed, nothing released. Not to be changed: take `loans.copied`."""
    return shared("loans", loans.make)


@pytest.fixture(scope="session")
def loans_released(shared, loans_ready) -> Path:
    """The same with version 1. Not to be changed."""

    def make(folder: Path) -> None:
        root = loans.copied(loans_ready, folder)
        release(root / "pipeline")
        projects.commit(root, "evidence")

    return shared("loans-v1", make)


@pytest.fixture(scope="session")
def loans_three(shared, loans_released) -> Path:
    """The same with versions 1 to 3, none deployed. Not to be changed."""

    def make(folder: Path) -> None:
        root = loans.copied(loans_released, folder)
        for columns in (3, 5):
            loans.refit_on(root, columns)
            release(root / "pipeline")
            projects.commit(root, "evidence")

    return shared("loans-v3", make)
