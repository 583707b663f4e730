"""Which environment variables hold what nobody would show."""

from __future__ import annotations

from pathlib import Path

import pytest

from nb2prod.dataflow import secret_names
from nb2prod.dataflow.secret_names import asks_for_passwords, environment_names, is_ordinary

KERNEL = Path(__file__).parents[2] / "templates" / "kernel" / "confidential.py"


@pytest.mark.parametrize(
    "name", ["HOME", "PATH", "PWD", "OLDPWD", "LC_ALL", "TMPDIR", "DATA_DIR", "DB_PORT", "PYTHONPATH", "CI"]
)
def test_ordinary(name: str) -> None:
    assert is_ordinary(name)


@pytest.mark.parametrize(
    "name", ["SERVICE_KEY", "DB_PWD", "JUPYTER_TOKEN", "API_KEY_FILE", "SECRET_PATH", "DATABASE_URL"]
)
def test_not_ordinary(name: str) -> None:
    assert not is_ordinary(name)


@pytest.mark.parametrize(
    "name", ["OLDPWD", "PWD", "SSH_AUTH_SOCK", "XAUTHORITY", "GIT_AUTHOR_NAME", "TOKENIZERS_PARALLELISM"]
)
def test_these_announce_no_secret(name: str) -> None:
    assert not secret_names._SENSITIVE.search(name)


def test_the_kernel_has_the_same_names() -> None:
    module: dict[str, object] = {"__name__": "confidential"}
    exec(compile(KERNEL.read_text("utf-8"), str(KERNEL), "exec"), module)
    assert module["_ORDINARY"] == secret_names._ORDINARY
    assert module["_SENSITIVE"] == secret_names._SENSITIVE


def test_names_in_the_text() -> None:
    sources = ["import os\na = os.environ['A_KEY']", 'os.getenv("B_KEY", 1)', "os.environ.get( 'C_KEY')", "x['D_KEY']"]
    assert environment_names(sources) == {"A_KEY", "B_KEY", "C_KEY"}
    assert asks_for_passwords(["from getpass import getpass"])
    assert not asks_for_passwords(sources)
