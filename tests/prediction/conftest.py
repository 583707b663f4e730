"""One pipeline for all tests, copied for each that changes it."""

from __future__ import annotations

import shutil

import pytest

from nb2prod.operations.schema import infer_schema
from tests.prediction import pipelines


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A repository whose model takes the file's own columns, and one whose function makes its features."""
    plain = pipelines.make(tmp_path_factory.mktemp("plain"))
    engineered = pipelines.make(tmp_path_factory.mktemp("engineered"), engineered=True)
    infer_schema(plain)
    shutil.copy(plain / "schema.yaml", engineered)  # so that no test waits for its own inference
    return {"plain": plain.parent, "engineered": engineered.parent}


@pytest.fixture
def project(made, tmp_path):
    """Copy one of them: the repository's folder."""

    def copy(kind: str = "plain", contract: str = ""):
        folder = tmp_path / f"project-{kind}"
        shutil.copytree(made[kind], folder)
        if contract:
            (folder / "pipeline" / "production.yaml").write_text("version: 1\n" + contract, encoding="utf-8")
        return folder

    return copy
