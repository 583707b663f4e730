"""The Dockerfile and its list of what stays out of the image."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from nb2prod.writers import dockerfile, requirements
from nb2prod.writers.recipe import Recipe

CHURN = Recipe(
    name="churn",
    folder="pipelines/churn",
    notebook="notebooks/churn.ipynb",
    python="3.11",
    install=requirements.install_commands("pipelines/churn", None, papermill="2.7.0", dvc="3.67.1"),
    kernel=None,
    nb2prod="0.1.0",
    inputs=("data/churn.csv",),
)


def instructions(text: str) -> list[str]:
    """The instructions, each on one line, without comments."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return "\n".join(lines).replace(" \\\n", "").splitlines()


def test_the_order_of_layers() -> None:
    found = instructions(dockerfile.dockerfile(CHURN))
    assert found[0] == "FROM python:3.11-slim-trixie"
    assert found[4:] == [
        'COPY ["pipelines/churn/requirements.txt", "pipelines/churn/"]',
        "RUN python -m pip install -r pipelines/churn/requirements.txt papermill==2.7.0 dvc==3.67.1"
        " && dvc config --system core.no_scm true",
        "COPY --chown=pipeline:pipeline . .",
        "USER 10001",
        "RUN dvc root || dvc init --no-scm",
        "WORKDIR /project/pipelines/churn",
        'CMD ["dvc", "repro"]',
    ]


def test_own_packages_are_installed_from_the_sources() -> None:
    one = replace(CHURN, own=("packages/mine", "tools"))
    found = instructions(dockerfile.dockerfile(one))
    after = found.index("COPY --chown=pipeline:pipeline . .") + 1
    assert found[after] == (
        "RUN python -m pip install --no-deps --editable ./packages/mine"
        " && python -m pip install --no-deps --editable ./tools"
    )
    assert found[after + 1] == "USER 10001"
    assert {"!packages/mine", "!tools"} <= set(dockerfile.dockerignore(one).splitlines())
    whole = dockerfile.dockerignore(replace(CHURN, own=(".",))).splitlines()
    assert "*" not in whole
    assert "**/.env" in whole


def test_files_lie_in_the_pipelines_folder() -> None:
    assert dockerfile.path(CHURN) == "pipelines/churn/Dockerfile"
    assert dockerfile.ignore_path(CHURN) == "pipelines/churn/Dockerfile.dockerignore"


def test_a_hostile_folder_stays_one_word() -> None:
    folder = "p $(id) $HOME 'x' [1]"
    install = requirements.install_commands(folder, None, papermill="2.7.0", dvc="3.67.1")
    found = instructions(dockerfile.dockerfile(replace(CHURN, folder=folder, install=install)))
    source, target = json.loads(found[4].removeprefix("COPY "))
    assert source == r"p \$(id) \$HOME 'x' [[]1]/requirements.txt"
    assert target == r"p \$(id) \$HOME 'x' [1]/"
    assert shlex.split(found[5])[6] == f"{folder}/requirements.txt"
    assert shlex.split(found[9]) == ["WORKDIR", f"/project/{folder}"]


@pytest.mark.parametrize(
    ("names", "copied", "base"),
    [
        (["uv.lock"], ["pyproject.toml", "uv.lock"], "python:3.11-slim-trixie"),
        (["pixi.lock", "pixi.toml"], ["pixi.toml", "pixi.lock"], "condaforge/miniforge3:25.11.0-0"),
    ],
)
def test_an_existing_lock_is_what_is_copied_and_installed(names: list[str], copied: list[str], base: str) -> None:
    lock = requirements.existing_lock(names)
    assert lock is not None
    install = requirements.install_commands("pipelines/churn", lock, papermill="2.7.0", dvc="3.67.1")
    one = replace(CHURN, install=install, locked=lock.files, prefix=lock.prefix)
    found = instructions(dockerfile.dockerfile(one))
    assert found[0] == f"FROM {base}"
    assert [line for line in found if line.startswith("COPY [")] == [f'COPY ["{name}", "./"]' for name in copied]
    assert bool(lock.prefix) == ("ENV PATH=/project/.pixi/envs/default/bin:$PATH" in found)


def test_only_what_is_read_goes_in_and_no_secret() -> None:
    lines = dockerfile.dockerignore(CHURN).splitlines()
    assert lines[2:9] == [
        "*",
        "!**/.dvc/config",
        "!**/.dvcignore",
        "!data/churn.csv",
        "!data/churn.csv.dvc",
        "!notebooks",
        "!pipelines/churn",
    ]
    # The last match decides, so that nothing after these lets a secret in again.
    assert max(lines.index(line) for line in ("!notebooks", "!pipelines/churn")) < lines.index("**/.env")
    assert {"**/.git", "**/.dvc/config.local", "pipelines/churn/runs/*"} < set(lines)


def test_a_notebook_in_the_root_has_the_repository_for_its_folder() -> None:
    lines = dockerfile.dockerignore(replace(CHURN, notebook="churn.ipynb")).splitlines()
    assert "*" not in lines
    assert "**/.env" in lines


def test_a_pattern_matches_its_path_alone() -> None:
    lines = dockerfile.dockerignore(replace(CHURN, folder="p[1]*", notebook="#n/a.ipynb")).splitlines()
    assert {r"!p\[1\]\*", r"!\#n", r"p\[1\]\*/runs/*"} <= set(lines)
