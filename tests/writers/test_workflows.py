"""CI for GitHub and GitLab: what the jobs are, what they may do, and what three linters say of them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from writers import linters

from nb2prod.writers import github, gitlab, recipe, requirements
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
PRICES = replace(CHURN, name="prices", folder="pipelines/prices", notebook="notebooks/prices.ipynb")
FOLDER = "-p $(id) `id` 'x' \"y\" ${{ github.token }} [1]*"
NOTEBOOK = "-n b/$(id); 'q' ${{ secrets.X }}.ipynb"
HOSTILE = replace(
    CHURN,
    name="hostile",
    folder=FOLDER,
    notebook=NOTEBOOK,
    install=requirements.install_commands(FOLDER, None, papermill="2.7.0", dvc="3.67.1"),
    kernel="my kernel",
)
CONDA_LOCK = requirements.existing_lock(["environment.yml"])
assert CONDA_LOCK is not None
CONDA = replace(
    CHURN,
    name="conda",
    install=requirements.install_commands("pipelines/churn", CONDA_LOCK, papermill="2.7.0", dvc="3.67.1"),
    locked=CONDA_LOCK.files,
    prefix=CONDA_LOCK.prefix,
)
RECIPES = [CHURN, PRICES, HOSTILE, CONDA]
everyone = pytest.mark.parametrize("one", RECIPES, ids=lambda one: one.name)


def jobs(one: Recipe) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(github.workflow(one))["jobs"]
    return found


def steps(one: Recipe) -> Iterator[dict[str, Any]]:
    for job in jobs(one).values():
        yield from job["steps"]


def scripts(one: Recipe) -> list[str]:
    return [step["run"] for step in steps(one) if "run" in step]


def gitlab_lines(one: Recipe) -> list[str]:
    found = yaml.safe_load(gitlab.pipeline(one)).values()
    return [line for job in found for line in (*job["before_script"], *job["script"])]


def words(one: Recipe) -> set[str]:
    """All words of one-line commands, as a shell takes them."""
    lines = [line for text in (*scripts(one), *gitlab_lines(one)) for line in text.splitlines()]
    return {word for line in lines for word in shlex.split(line)}


def test_the_check_needs_no_data_and_no_secret() -> None:
    check = jobs(CHURN)["check"]
    assert [step.get("run") for step in check["steps"]][2:] == [
        'tool="$(mktemp -d)"\n'
        'python -m venv "$tool"\n'
        '"$tool/bin/python" -m pip install nb2prod==0.1.0\n'
        '"$tool/bin/nb2prod" convert notebooks/churn.ipynb --out pipelines/churn --check\n',
        "python -m pip install -r pipelines/churn/requirements.txt papermill==2.7.0 dvc==3.67.1",
        "python -m pip install pytest\npython -m pytest pipelines/churn/tests\n",
        "if [ -d pipelines/churn/sample-data ]; then\n"
        "  python -m pip install nb2prod==0.1.0\n"
        "  nb2prod run pipelines/churn --profile sample\n"
        "else\n"
        "  echo 'There is no sample of the data: nb2prod run --profile sample --keep makes one.'\n"
        "fi\n",
    ]
    assert "secrets" not in json.dumps(check)


def test_the_reproduction_is_asked_for() -> None:
    workflow = yaml.safe_load(github.workflow(CHURN))
    assert set(workflow["on"]) == {"push", "pull_request", "workflow_dispatch"}
    job = workflow["jobs"]["reproduce"]
    assert job["if"] == "github.event_name == 'workflow_dispatch' || github.event_name == 'schedule'"
    upload = job["steps"][-1]
    assert upload["if"] == "always()"
    assert upload["with"]["path"] == "pipelines/churn/runs/"
    assert job["steps"][0]["with"] == {"persist-credentials": False, "fetch-depth": 0}


def test_a_push_is_looked_at_where_it_touches_the_pipeline() -> None:
    assert yaml.safe_load(github.workflow(CHURN))["on"]["push"]["paths"] == [
        "pipelines/churn/**",
        "data/churn.csv",
        "data/churn.csv.dvc",
        "notebooks/churn.ipynb",
        ".github/workflows/churn.yml",
    ]


@everyone
def test_least_privilege_and_pinned_actions(one: Recipe) -> None:
    text = github.workflow(one)
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    assert all(job["permissions"] == {"contents": "read"} for job in workflow["jobs"].values())
    assert all(job["timeout-minutes"] for job in workflow["jobs"].values())
    uses = re.findall(r"uses: (.*)", text)
    assert len(uses) == 5
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses)


@everyone
def test_no_expression_in_a_script(one: Recipe) -> None:
    assert not [text for text in scripts(one) if "${{" in text]


@everyone
def test_paths_reach_the_shell_whole_and_are_no_options(one: Recipe) -> None:
    found = words(one)
    assert {recipe.argument("x"), "--check"} - {"x"} <= found
    dash = "./" if one is HOSTILE else ""
    assert {dash + one.notebook, dash + one.folder, f"{dash}{one.folder}/tests"} <= found
    assert not [word for word in found if word.startswith("-p ") or word.startswith("-n ")]


@pytest.mark.skipif(shutil.which("sh") is None, reason="no POSIX shell")
@everyone
def test_scripts_parse(one: Recipe) -> None:
    for text in (*scripts(one), "\n".join(gitlab_lines(one))):
        done = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_what_no_quoting_makes_harmless_is_refused() -> None:
    changes: list[dict[str, Any]] = [
        {"name": "a b"}, {"name": "../x"}, {"name": ""}, {"folder": "/abs"}, {"folder": "a/../../b"},
        {"notebook": "a\nb.ipynb"}, {"python": "3.11\nRUN x"}, {"nb2prod": "0.1; id"}, {"inputs": ("a\tb",)},
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(ValueError, match="not"):
            replace(CHURN, **change)


def test_two_pipelines_do_not_collide() -> None:
    assert github.path(CHURN) != github.path(PRICES)
    assert gitlab.path(CHURN) != gitlab.path(PRICES)
    first, second = (yaml.safe_load(github.workflow(one)) for one in (CHURN, PRICES))
    assert first["name"] != second["name"]
    assert first["concurrency"]["group"] != second["concurrency"]["group"]
    assert not {job["name"] for job in first["jobs"].values()} & {job["name"] for job in second["jobs"].values()}
    one, two = (yaml.safe_load(gitlab.pipeline(one)) for one in (CHURN, PRICES))
    assert set(one) == {"churn:check", "churn:reproduce"}
    assert not set(one) & set(two)


def test_gitlab_jobs() -> None:
    found = yaml.safe_load(gitlab.pipeline(CHURN))
    check, reproduce = found["churn:check"], found["churn:reproduce"]
    assert check["image"] == reproduce["image"] == "python:3.11-slim-trixie"
    assert check["interruptible"] is True
    assert reproduce["artifacts"]["when"] == "always"
    assert [rule.get("when") for rule in reproduce["rules"]] == [None, "manual", "manual"]
    assert "DVC_CONFIG_LOCAL" not in json.dumps(check)


def test_gitlab_watches_every_push_where_the_paths_are_too_many() -> None:
    many = replace(CHURN, inputs=tuple(f"data/{number}.csv" for number in range(30)))
    assert "changes" not in yaml.safe_load(gitlab.pipeline(many))["churn:check"]["rules"][1]


def test_a_conda_environment_comes_first_on_the_path() -> None:
    assert jobs(CONDA)["check"]["steps"][3]["run"].endswith('echo "$PWD"/.conda/bin >> "$GITHUB_PATH"\n')
    assert 'export PATH="$PWD"/.conda/bin:"$PATH"' in gitlab_lines(CONDA)
    assert yaml.safe_load(gitlab.pipeline(CONDA))["conda:check"]["image"].startswith("condaforge/miniforge3:")


def test_a_kernel_of_its_own_is_registered() -> None:
    assert recipe.install(HOSTILE)[-1] == "python -m ipykernel install --sys-prefix --name 'my kernel'"


def test_the_same_recipe_gives_the_same_bytes() -> None:
    assert github.workflow(CHURN) == github.workflow(replace(CHURN))
    assert gitlab.pipeline(CHURN) == gitlab.pipeline(replace(CHURN))


def write(folder: Path, where: Callable[[Recipe], str], what: Callable[[Recipe], str]) -> list[str]:
    paths = [folder / where(one) for one in RECIPES]
    for path, one in zip(paths, RECIPES, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(what(one), encoding="utf-8")
    return [str(path) for path in paths]


@pytest.mark.parametrize(
    ("schema", "where", "what"),
    [
        ("vendor.github-workflows", github.path, github.workflow),
        ("vendor.gitlab-ci", gitlab.path, gitlab.pipeline),
    ],
)
def test_schemas(tmp_path: Path, schema: str, where: Callable[[Recipe], str], what: Callable[[Recipe], str]) -> None:
    linters.schema(schema, write(tmp_path, where, what))


def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    linters.zizmor(write(tmp_path, github.path, github.workflow))


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    linters.actionlint(write(tmp_path, github.path, github.workflow))
