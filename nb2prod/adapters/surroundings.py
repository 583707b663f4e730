"""The project around a notebook: its files, what it declares, which modules are its own, what is installed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from nb2prod.lint.packages import normalised

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([^;#@]*)")
_MOST_FOLDERS = 12


class Project:
    """Answers from the disk; each folder's declarations are read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exists(self, path: str) -> bool | None:
        """Whether there is such a file or folder, or DVC's or Git LFS's stand-in for it."""
        try:
            target = self._folder / path
            return target.exists() or target.with_name(f"{target.name}.dvc").exists()
        except (OSError, ValueError):
            return None

    @cached_property
    def _folders(self) -> tuple[Path, ...]:
        """The notebook's folder and those above, up to the repository's root; alone where there is none."""
        return _up_to_root(self._folder)

    @property
    def declared(self) -> Mapping[str, str] | None:
        """The nearest folder's declarations count."""
        found = (_declarations(folder) for folder in self._folders)
        return next((one for one in found if one is not None), None)

    @property
    def local_modules(self) -> frozenset[str]:
        """Modules beside the notebook, at the root, and in a `src` there."""
        root = self._folders[-1]
        return frozenset(name for folder in {*self._folders, root / "src"} for name in _modules(folder))

    def installed(self, distribution: str) -> str | None:
        """The version in the interpreter that runs nb2prod."""
        return _installed(distribution)


def forget() -> None:
    """Read folders and declarations anew: a process that lives long calls this now and then."""
    for known in (_up_to_root, _modules, _declarations, _installed):
        known.cache_clear()


def project_root(folder: Path) -> Path:
    """The repository's root, or the folder itself where there is none."""
    return _up_to_root(folder)[-1]


@lru_cache(maxsize=1024)
def _installed(distribution: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except (PackageNotFoundError, ValueError):
        return None


@lru_cache(maxsize=256)
def _up_to_root(folder: Path) -> tuple[Path, ...]:
    chain = (folder, *folder.parents)[:_MOST_FOLDERS]
    root = next((at for at, one in enumerate(chain) if (one / ".git").exists()), 0)
    return chain[: root + 1]


@lru_cache(maxsize=256)
def _modules(folder: Path) -> frozenset[str]:
    """Importable names in a folder."""
    try:
        with os.scandir(folder) as entries:
            listed = [(one.name, _is_folder(one)) for one in entries]
    except OSError:
        return frozenset()
    files = {name[:-3] for name, _ in listed if name.endswith(".py") and name != ".py"}
    return frozenset(files | {name for name, is_folder in listed if is_folder and not name.startswith(".")})


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Or a link to one."""
    return entry.is_dir(follow_symlinks=False) or (entry.is_symlink() and Path(entry).is_dir())


@lru_cache(maxsize=256)
def _declarations(folder: Path) -> Mapping[str, str] | None:
    """Distribution → specifier, from every file in the folder that declares; None where there is none."""
    found: dict[str, str] = {}
    declares = False
    for file in sorted(folder.glob("requirements*.txt")) + sorted(folder.glob("requirements/*.txt")):
        declares = True
        found |= dict(_requirements(_text(file).splitlines()))
    for name, read in _READERS.items():
        if (folder / name).is_file():
            entries = read(folder / name)
            declares = declares or entries is not None
            found |= dict(entries or ())
    return found | _locked(folder) if declares else None


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError:
        return ""
    # `pip freeze > requirements.txt` of a Windows shell writes UTF-16.
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return data.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def _requirements(lines: Any) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _REQUIREMENT.match(line) if isinstance(line, str) else None
        if match:
            yield normalised(match[1]), match[2].strip()


def _toml(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError:
        return {}


def _pyproject(file: Path) -> list[tuple[str, str]] | None:
    """PEP 621 and poetry; None where it declares no project."""
    document = _toml(file)
    project, poetry = document.get("project"), document.get("tool", {}).get("poetry")
    if not isinstance(project, dict) and not isinstance(poetry, dict):
        return None
    project, poetry = project or {}, poetry or {}
    lines = [*project.get("dependencies", []), project.get("name", "")]
    for group in [*project.get("optional-dependencies", {}).values(), *document.get("dependency-groups", {}).values()]:
        lines += group
    tables = [poetry.get("dependencies", {}), *(g.get("dependencies", {}) for g in poetry.get("group", {}).values())]
    return [*_requirements(lines), *((normalised(name), _poetry(spec)) for one in tables for name, spec in one.items())]


def _poetry(spec: Any) -> str:
    """`"1.2.3"` is a pin in poetry's own way of writing."""
    text = spec if isinstance(spec, str) else ""
    return f"=={text}" if re.fullmatch(r"[\d.]+", text) else text


def _environment(file: Path) -> list[tuple[str, str]]:
    """conda's `environment.yml`: `- name=1.2`, and pip's lines below."""
    found = []
    for line in _text(file).splitlines():
        match = re.match(r"\s*-\s*(?:[\w.-]+::)?([A-Za-z0-9][\w.-]*)\s*(=*[^#\s]*)", line)
        if match and not line.rstrip().endswith(":"):
            pin = re.sub(r"^=(?!=)", "==", match[2])
            found.append((normalised(match[1]), pin.split("=h")[0]))
    return found


def _pipfile(file: Path) -> list[tuple[str, str]]:
    document = _toml(file)
    tables = [document.get("packages", {}), document.get("dev-packages", {})]
    return [(normalised(name), spec if isinstance(spec, str) else "") for one in tables for name, spec in one.items()]


_READERS = {
    "pyproject.toml": _pyproject,
    "environment.yml": _environment,
    "environment.yaml": _environment,
    "conda.yml": _environment,
    "Pipfile": _pipfile,
}


def _locked(folder: Path) -> dict[str, str]:
    """What a lock file pins."""
    found: dict[str, str] = {}
    for name in ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"):
        for package in _toml(folder / name).get("package", _toml(folder / name).get("packages", [])):
            if isinstance(package, dict) and package.get("version"):
                found[normalised(str(package.get("name")))] = f"=={package['version']}"
    for name in ("constraints.txt", "requirements.lock"):
        found |= {key: spec for key, spec in _requirements(_text(folder / name).splitlines()) if spec.startswith("==")}
    return found
