"""What a pipeline needs installed: the whole closure, pinned, or the lock that the project already has.

1. `Environment` describes the interpreter that ran the notebook: its distributions, and the values that
   markers (`python_version < "3.12"`) are decided by;
2. `closure` follows the requirements from the roots, as pip would have in that interpreter: markers and
   extras are honoured, names are compared in their normal form;
3. `requirements_text` pins each. What no index has (an editable project, a local file) is named in a comment,
   without the path where it lies on this machine;
4. `existing_lock` finds a uv, poetry, pixi or conda lock: it is kept, and `install_commands` install from it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from nb2prod.writers.recipe import argument, interpreter

# A folder that is there on every machine, for what an installation leaves behind.
_SCRATCH = '"${TMPDIR:-/tmp}"'
# GitHub's machines say where conda is; the conda image has it here.
_CONDA = '"${CONDA:-/opt/conda}"/bin/conda'


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed distribution. `url` is its direct URL (PEP 610), as pip writes it: `git+https://…@commit`.

    `place`: the folder of an editable one that lies in the repository, relative to its root. `conda`: whether conda
    installed it.
    """

    name: str
    version: str
    requires: tuple[str, ...]
    editable: bool = False
    url: str | None = None
    place: str | None = None
    conda: bool = False


@dataclass(frozen=True, slots=True)
class CondaPackage:
    """What conda installed, Python or not. `channel` is where it came from, as conda recorded it."""

    name: str
    version: str
    build: str
    channel: str


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter: its version, its markers' values, what is installed, and what was imported while it ran.

    `conda`: the packages of its environment, where that is one of conda's. `indexes`: what pip asks there.
    """

    python: str
    markers: Mapping[str, str]
    distributions: tuple[Distribution, ...]
    imported: tuple[str, ...]
    conda: tuple[CondaPackage, ...] = ()
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExistingLock:
    """A lock that a project has: its kind, its file, and the commands that install it.

    `files` are what those commands read; `prefix` is the folder of the environment that they make, where
    that is not the active interpreter's (`Recipe.locked` and `Recipe.prefix`).
    """

    kind: str
    path: str
    install: tuple[str, ...]
    files: tuple[str, ...] = ()
    prefix: str = ""


def closure(environment: Environment, roots: Iterable[str]) -> tuple[Distribution, ...]:
    """The installed distributions that the roots need, themselves included, sorted by their normal names.

    A root may ask for extras: `pandas[parquet]`. What is not installed is left out (see `missing`).
    """
    installed = _by_name(environment)
    return tuple(installed[name] for name in sorted(_reached(environment, roots) & installed.keys()))


def own_projects(environment: Environment, roots: Iterable[str], modules: Iterable[str]) -> tuple[str, ...]:
    """Folders of the repository that are installed as editable ones and that the notebook needs.

    `modules`: files of the repository that it imports, relative to its root.
    """
    needed = {one.place for one in closure(environment, roots) if one.place is not None}
    files = tuple(modules)
    for one in environment.distributions:
        if one.place is not None and any(one.place == "." or path.startswith(f"{one.place}/") for path in files):
            needed.add(one.place)
    return tuple(sorted(needed))


def missing(environment: Environment, roots: Iterable[str]) -> tuple[str, ...]:
    """The normal names that the roots need and that are not installed, sorted."""
    return tuple(sorted(_reached(environment, roots) - _by_name(environment).keys()))


def _by_name(environment: Environment) -> dict[str, Distribution]:
    return {canonicalize_name(item.name): item for item in environment.distributions}


def _reached(environment: Environment, roots: Iterable[str]) -> set[str]:
    """Normal names reached from the roots: a distribution is visited once for each set of extras."""
    installed = _by_name(environment)
    waiting = [_parsed(root) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        if name in installed:
            waiting.extend(_needed(installed[name], extras, environment.markers))
    return {name for name, _ in seen}


def _needed(distribution: Distribution, extras: Collection[str], markers: Mapping[str, str]) -> Iterator[Requirement]:
    """The requirements that hold here, with these extras."""
    for text in distribution.requires:
        requirement = _parsed(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**markers, "extra": extra}) for extra in ("", *extras)):
            yield requirement


def _parsed(text: str) -> Requirement:
    """A requirement; of one that old tools wrote and the standard refuses, the name: rather one too many."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        name = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", text)
        if name is None:
            raise
        return Requirement(name[1].rstrip("._-"))


def requirements_text(environment: Environment, roots: Iterable[str]) -> str:
    """The text of `requirements.txt`: a header that says where it comes from, then a line for each."""
    roots = tuple(roots)
    found = closure(environment, roots)
    header = [*_header(environment, found), *_missing_lines(environment, roots)]
    return "".join(f"{line}\n" for line in [*header, *map(_line, found)])


def _header(environment: Environment, found: Iterable[Distribution]) -> Iterator[str]:
    yield f"# Python {environment.python}"
    yield "# Written by nb2prod from the interpreter that ran the notebook: what was imported while it ran, its"
    yield "# kernel, and all that these need, each in the version that was there."
    local = [item.name for item in found if "+" in item.version and requirement(item) == _pinned(item)]
    if local:
        yield f"# A local version (+…) is not on the default index: {', '.join(local)}. Give pip the"
        yield "# index that has it, with --extra-index-url or in pip's configuration."
    for index in private_indexes(environment):
        yield f"# pip asked {index} there: another machine needs it too, where one of these is on no other index."


def private_indexes(environment: Environment) -> tuple[str, ...]:
    """The indexes that were set up there, pip's default aside, without what one logs in with."""
    public = (_public(url) for url in environment.indexes)
    return tuple(dict.fromkeys(url for url in public if url))


def _missing_lines(environment: Environment, roots: Iterable[str]) -> Iterator[str]:
    for name in missing(environment, roots):
        yield f"# {name}: required, but not installed in that interpreter."


def _line(distribution: Distribution) -> str:
    reference = requirement(distribution)
    if reference is not None:
        return reference
    if distribution.place is not None:
        where = f"this repository's own, in {distribution.place!r}"
        return f"# {_pinned(distribution)}: {where}; CI and containers install it."
    kind = "an editable project" if distribution.editable else "a local file"
    return f"# {_pinned(distribution)}: {kind} where the notebook ran; no index has it, install it yourself."


def _pinned(distribution: Distribution) -> str:
    return f"{canonicalize_name(distribution.name)}=={distribution.version}"


def requirement(distribution: Distribution) -> str | None:
    """How pip is asked for this distribution; None where another machine cannot have it."""
    if distribution.editable:
        return None
    if distribution.url is None:
        return _pinned(distribution)
    url = _public(distribution.url)
    return f"{canonicalize_name(distribution.name)} @ {url}" if url else None


def _public(url: str) -> str | None:
    """A URL as another machine may see it: no path of this one, no password, no signed query."""
    parts = urlsplit(url)
    if not parts.netloc or parts.scheme.removeprefix("git+") in ("", "file"):
        return None
    user, _, host = parts.netloc.rpartition("@")
    # `git@host` is the name that everybody logs in with; any other user may be somebody, or be a token.
    netloc = f"git@{host}" if user == "git" else host
    return urlunsplit(parts._replace(netloc=netloc, query=""))


def existing_lock(names: Collection[str]) -> ExistingLock | None:
    """The lock among the files in a project's root: what pins most, in the order uv, poetry, pixi, conda."""
    makers = {
        "uv.lock": _uv,
        "poetry.lock": _poetry,
        "pixi.lock": _pixi,
        "conda-lock.yml": _conda_lock,
        "environment.yml": _conda,
    }
    return next((maker(names) for name, maker in makers.items() if name in names), None)


def _uv(names: Collection[str]) -> ExistingLock:
    """uv installs into the active interpreter (not `.venv`) and leaves what else is there (`--inexact`)."""
    install = (
        "python -m pip install uv",
        "UV_PROJECT_ENVIRONMENT=\"$(python -c 'import sys; print(sys.prefix)')\""
        " python -m uv sync --frozen --inexact --no-install-project",
    )
    return ExistingLock("uv", "uv.lock", install, ("pyproject.toml", "uv.lock"))


def _poetry(names: Collection[str]) -> ExistingLock:
    """poetry has an environment of its own here: its requirements must not change the locked ones."""
    install = (
        f"python -m venv {_SCRATCH}/poetry",
        f"{_SCRATCH}/poetry/bin/python -m pip install poetry poetry-plugin-export",
        # Hashes would make pip refuse a dependency from git.
        f"{_SCRATCH}/poetry/bin/poetry export --without-hashes --output {_SCRATCH}/poetry/locked.txt",
        f"python -m pip install -r {_SCRATCH}/poetry/locked.txt",
    )
    return ExistingLock("poetry", "poetry.lock", install, ("pyproject.toml", "poetry.lock"))


def _pixi(names: Collection[str]) -> ExistingLock:
    manifest = "pixi.toml" if "pixi.toml" in names else "pyproject.toml"
    install = (
        f"{_CONDA} create --yes --quiet --prefix {_SCRATCH}/pixi --channel conda-forge pixi",
        f"{_SCRATCH}/pixi/bin/pixi install --frozen",
    )
    return ExistingLock("pixi", "pixi.lock", install, (manifest, "pixi.lock"), ".pixi/envs/default")


def _conda_lock(names: Collection[str]) -> ExistingLock:
    install = (
        f"{_CONDA} create --yes --quiet --prefix {_SCRATCH}/conda-lock --channel conda-forge conda-lock",
        f"{_SCRATCH}/conda-lock/bin/conda-lock install --conda {_CONDA} --prefix ./.conda conda-lock.yml",
    )
    return ExistingLock("conda", "conda-lock.yml", install, ("conda-lock.yml",), ".conda")


def _conda(names: Collection[str]) -> ExistingLock:
    return conda_lock("environment.yml")


def conda_lock(path: str) -> ExistingLock:
    """An environment as conda describes it."""
    install = (f"{_CONDA} env create --yes --quiet --prefix ./.conda --file {argument(path)}",)
    return ExistingLock("conda", path, install, (path,), ".conda")


def install_commands(folder: str, lock: ExistingLock | None, papermill: str, dvc: str) -> tuple[str, ...]:
    """The commands, from the repository's root, that install what is locked, papermill and DVC.

    `papermill` and `dvc` are versions. Where the closure holds one of them, give its version there: pip
    refuses two versions of one name.
    """
    tools = f"papermill=={papermill} dvc=={dvc}"
    if lock is None:
        return (f"python -m pip install -r {argument(f'{folder}/requirements.txt')} {tools}",)
    return (*lock.install, f"{interpreter(lock.prefix)} -m pip install {tools}")
