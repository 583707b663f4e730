"""The closure of what is needed, how it is pinned, and the locks that a project may already have."""

from __future__ import annotations

import pytest
import yaml
from packaging.requirements import Requirement

from nb2prod.writers.conda import environment_text
from nb2prod.writers.requirements import (
    CondaPackage,
    Distribution,
    Environment,
    closure,
    conda_lock,
    existing_lock,
    install_commands,
    missing,
    own_projects,
    requirements_text,
)

MARKERS = {
    "implementation_name": "cpython", "implementation_version": "3.11.9", "os_name": "posix",
    "platform_machine": "x86_64", "platform_python_implementation": "CPython", "platform_release": "6",
    "platform_system": "Linux", "platform_version": "1", "python_full_version": "3.11.9",
    "python_version": "3.11", "sys_platform": "linux",
}  # fmt: skip


def environment(*distributions: Distribution, imported: tuple[str, ...] = ()) -> Environment:
    return Environment("3.11.9", MARKERS, distributions, imported)


def plain(name: str, *requires: str) -> Distribution:
    return Distribution(name, "1.0", requires)


@pytest.mark.parametrize(
    ("requires", "roots", "names"),
    [
        ({"a": ["b"], "b": ["c"], "c": [], "d": []}, ["a"], "a b c"),
        ({"a": ["b"], "b": ["a"]}, ["a"], "a b"),
        ({"a": ['b ; python_version < "3.11"', 'c ; os_name == "posix"'], "b": [], "c": []}, ["a"], "a c"),
        ({"a": ['b ; extra == "x"'], "b": []}, ["a"], "a"),
        ({"a": ['b ; extra == "x"'], "b": []}, ["a[x]"], "a b"),
        ({"a": ["b[fast]"], "b": ['c ; extra == "fast"'], "c": []}, ["a"], "a b c"),
        ({"a": ["b", "c"], "c": ["b[fast]"], "b": ['d ; extra == "fast"'], "d": []}, ["a"], "a b c d"),
        ({"a": ['b ; extra == "Some.Extra"'], "b": []}, ["a[some-extra]"], "a b"),
        ({"Scikit_Learn": ["NumPy>=1"], "numpy": []}, ["scikit-learn"], "numpy Scikit_Learn"),
        ({"a": ["b (>=1.*)", "gone"], "b": []}, ["a"], "a b"),
        ({"a": []}, ["a", "gone"], "a"),
        ({"b": [], "a": [], "B.c": []}, ["b", "B-C", "a"], "a b B.c"),
    ],
)  # fmt: skip
def test_closure(requires: dict[str, list[str]], roots: list[str], names: str) -> None:
    found = closure(environment(*(plain(name, *needs) for name, needs in requires.items())), roots)
    assert " ".join(item.name for item in found) == names


def test_what_is_required_and_not_there_is_said() -> None:
    one = environment(plain("a", "Gone>=1"))
    assert missing(one, ["a"]) == ("gone",)
    assert "# gone: required, but not installed" in requirements_text(one, ["a"])


def test_the_text() -> None:
    one = environment(plain("pandas", "NumPy"), plain("NumPy"), plain("other"), imported=("pandas",))
    assert requirements_text(one, ["pandas"]) == (
        "# Python 3.11.9\n"
        "# Written by nb2prod from the interpreter that ran the notebook: what was imported while it ran, its\n"
        "# kernel, and all that these need, each in the version that was there.\n"
        "numpy==1.0\n"
        "pandas==1.0\n"
    )


@pytest.mark.parametrize(
    ("distribution", "line"),
    [
        (Distribution("A.b", "2", ()), "a-b==2"),
        (Distribution("torch", "2.4.0+cu121", ()), "torch==2.4.0+cu121"),
        (
            Distribution("a", "2", (), url="git+https://example.org/a.git@0123abc"),
            "a @ git+https://example.org/a.git@0123abc",
        ),
        (
            Distribution("a", "2", (), url="git+ssh://git@example.org/a.git@0123abc#subdirectory=x"),
            "a @ git+ssh://git@example.org/a.git@0123abc#subdirectory=x",
        ),
        (
            Distribution("a", "2", (), url="git+https://me:token@example.org/a.git@0123abc"),
            "a @ git+https://example.org/a.git@0123abc",
        ),
        (
            Distribution("a", "2", (), url="https://token@example.org/a.whl?signature=1#sha256=ab"),
            "a @ https://example.org/a.whl#sha256=ab",
        ),
    ],
)
def test_a_line(distribution: Distribution, line: str) -> None:
    last = requirements_text(environment(distribution), [distribution.name]).splitlines()[-1]
    assert last == line
    Requirement(last)


@pytest.mark.parametrize(
    "distribution",
    [
        Distribution("mine", "0.1", (), editable=True, url="file:///home/me/mine"),
        Distribution("mine", "0.1", (), editable=True, url="git+https://example.org/mine.git@0123"),
        Distribution("mine", "0.1", (), url="file:///home/me/mine-0.1.whl"),
        Distribution("mine", "0.1", (), url="file://localhost/home/me/mine-0.1.whl"),
        Distribution("mine", "0.1", (), url="git+file:///home/me/mine@0123"),
        Distribution("mine", "0.1", (), url="/home/me/mine"),
    ],
)
def test_what_no_index_has_is_a_comment_without_its_path(distribution: Distribution) -> None:
    text = requirements_text(environment(distribution), ["mine"])
    assert text.splitlines()[-1].startswith("# mine==0.1: ")
    assert all(line.startswith("#") for line in text.splitlines())
    assert "home" not in text


def test_a_private_index_is_said_without_what_one_logs_in_with() -> None:
    indexes = ("https://me:token@p.example/simple",)
    text = requirements_text(Environment("3.11.9", MARKERS, (plain("a"),), (), (), indexes), ["a"])
    assert "# pip asked https://p.example/simple there" in text
    assert "token" not in text


CONDA = (
    CondaPackage("python", "3.11.9", "h1_0", "https://channels.example/conda-forge/linux-64"),
    CondaPackage("numpy", "2.0.0", "py311h1_0", "https://channels.example/conda-forge/linux-64"),
    CondaPackage("mine", "1", "0", "https://me:password@conda.example/t/tk-123/team/noarch"),
)


def test_a_conda_environment() -> None:
    by_conda = Distribution("numpy", "2.0.0", (), conda=True)
    by_pip = Distribution("tiny", "0.1", (), url="git+https://example.org/tiny.git@0123")
    text = environment_text(Environment("3.11.9", MARKERS, (by_conda, by_pip), (), CONDA))
    assert yaml.safe_load(text) == {
        "channels": ["https://channels.example/conda-forge", "https://conda.example/team", "nodefaults"],
        "dependencies": [
            "python=3.11.9=h1_0",
            "numpy=2.0.0=py311h1_0",
            "mine=1=0",
            "pip",
            {"pip": ["tiny @ git+https://example.org/tiny.git@0123"]},
        ],
    }
    assert "log in to: https://channels.example/conda-forge, https://conda.example/team." in text
    assert "tk-123" not in text
    assert "password" not in text
    lock = conda_lock("p/environment.yml")
    assert "--file p/environment.yml" in lock.install[0]
    assert (lock.files, lock.prefix) == (("p/environment.yml",), ".conda")


OWN = Distribution("mine", "0.1", ("b",), editable=True, url="file:///home/me/p/packages/mine", place="packages/mine")
OTHER = Distribution("theirs", "0.1", (), editable=True, url="file:///home/me/p/theirs", place="theirs")


@pytest.mark.parametrize(
    ("roots", "modules", "expected"),
    [
        (["mine"], [], ("packages/mine",)),
        (["b"], ["packages/mine/src/mine/core.py"], ("packages/mine",)),
        (["b"], ["packages/mines/core.py"], ()),
        (["b"], [], ()),
    ],
)
def test_the_repositorys_own_packages(roots: list[str], modules: list[str], expected: tuple[str, ...]) -> None:
    assert own_projects(environment(OWN, OTHER, plain("b")), roots, modules) == expected


def test_own_packages_are_named_by_their_place_in_the_repository() -> None:
    text = requirements_text(environment(OWN, plain("b")), ["mine"])
    assert text.splitlines()[-2:] == [
        "b==1.0",
        "# mine==0.1: this repository's own, in 'packages/mine'; CI and containers install it.",
    ]
    assert "home" not in text


def test_a_local_version_asks_for_an_index_that_is_not_named() -> None:
    torch = Distribution("torch", "2.4.0+cu121", ())
    text = requirements_text(environment(torch), ["torch"])
    assert "not on the default index: torch." in text
    assert "--extra-index-url" in text
    assert "http" not in text
    assert "--extra-index-url" not in requirements_text(environment(plain("a")), ["a"])


@pytest.mark.parametrize(
    ("names", "kind", "path", "files", "prefix"),
    [
        (["uv.lock", "pyproject.toml", "poetry.lock"], "uv", "uv.lock", ("pyproject.toml", "uv.lock"), ""),
        (["poetry.lock"], "poetry", "poetry.lock", ("pyproject.toml", "poetry.lock"), ""),
        (["pixi.lock", "pixi.toml"], "pixi", "pixi.lock", ("pixi.toml", "pixi.lock"), ".pixi/envs/default"),
        (["pixi.lock"], "pixi", "pixi.lock", ("pyproject.toml", "pixi.lock"), ".pixi/envs/default"),
        (["environment.yml", "conda-lock.yml"], "conda", "conda-lock.yml", ("conda-lock.yml",), ".conda"),
        (["environment.yml"], "conda", "environment.yml", ("environment.yml",), ".conda"),
    ],
)  # fmt: skip
def test_an_existing_lock(names: list[str], kind: str, path: str, files: tuple[str, ...], prefix: str) -> None:
    lock = existing_lock(names)
    assert lock is not None
    assert (lock.kind, lock.path, lock.files, lock.prefix) == (kind, path, files, prefix)
    assert path in files


def test_no_lock() -> None:
    assert existing_lock(["requirements.txt", "pyproject.toml"]) is None


def test_install_commands() -> None:
    assert install_commands("-p q", None, papermill="2.7.0", dvc="3.67.1") == (
        "python -m pip install -r './-p q/requirements.txt' papermill==2.7.0 dvc==3.67.1",
    )
    uv, conda = existing_lock(["uv.lock"]), existing_lock(["environment.yml"])
    assert uv is not None
    assert conda is not None
    tools = "-m pip install papermill==2.7.0 dvc==3.67.1"
    assert install_commands("p", uv, papermill="2.7.0", dvc="3.67.1") == (*uv.install, f"python {tools}")
    assert install_commands("p", conda, papermill="2.7.0", dvc="3.67.1")[-1] == f".conda/bin/python {tools}"
