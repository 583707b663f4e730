"""Which notebooks a command line means: files, folders and patterns; what git ignores is left out of folders."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from nb2prod.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_NEVER = frozenset({".ipynb_checkpoints", "node_modules", "__pycache__", "site-packages"})


def notebooks(arguments: Iterable[Path], exclude: Iterable[str] = ()) -> list[Path]:
    """The files, each once, in the order of the arguments; a folder's in the order of their names.

    Raises UsageError for an argument that means no file.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        for path in _meant(argument):
            if not any(fnmatch(path.as_posix(), pattern) for pattern in exclude):
                found[path] = None
    return list(found)


def _meant(argument: Path) -> Iterable[Path]:
    if argument.is_dir():
        return _below(argument)
    if argument.exists() or not glob.has_magic(str(argument)):
        return [argument]
    matches = [Path(name) for name in sorted(glob.glob(str(argument), recursive=True))]  # noqa: PTH207 - absolute patterns too
    if not matches:
        raise UsageError(f"no file matches {argument}", hint="quote the pattern, and see that it names notebooks")
    return [path for one in matches for path in (_below(one) if one.is_dir() else [one])]


def _below(folder: Path) -> Iterator[Path]:
    """The notebooks in a folder, however deep, that git would track."""
    ignores = [spec for above in _above(folder) if (spec := _Ignore.of(above)) is not None]
    yield from _walk(folder, folder.resolve(), ignores)


def _above(folder: Path) -> list[Path]:
    """The folders between the repository's root and this one, from the top."""
    resolved = folder.resolve()
    root = next((one for one in (resolved, *resolved.parents) if (one / ".git").exists()), None)
    if root is None:
        return []
    parts = resolved.relative_to(root).parts
    return [root.joinpath(*parts[:depth]) for depth in range(len(parts))]


def _walk(folder: Path, resolved: Path, ignores: list[_Ignore]) -> Iterator[Path]:
    """`resolved`: the same folder without links, which no folder below it adds."""
    own = _Ignore.of(folder)
    ignores = [*ignores, own] if own else ignores
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith(".") or entry.name in _NEVER or not (is_folder or entry.name.endswith(".ipynb")):
            continue
        if any(one.hides(resolved / entry.name, is_folder) for one in ignores):
            continue
        path = folder / entry.name
        if not is_folder:
            yield path
        elif not (path / "pyvenv.cfg").exists():
            yield from _walk(path, resolved / entry.name, ignores)


class _Ignore:
    """One .gitignore."""

    def __init__(self, folder: Path, spec: GitIgnoreSpec) -> None:
        self._folder = folder.resolve()
        self._spec = spec

    @classmethod
    def of(cls, folder: Path) -> _Ignore | None:
        """The folder's, if it has one."""
        file = folder / ".gitignore"
        if not file.is_file():
            return None
        from pathspec import GitIgnoreSpec

        return cls(folder, GitIgnoreSpec.from_lines(file.read_text(encoding="utf-8", errors="replace").splitlines()))

    def hides(self, resolved: Path, is_folder: bool) -> bool:
        """Whether git leaves out what lies there."""
        relative = resolved.relative_to(self._folder).as_posix()
        return self._spec.match_file(relative + "/" * is_folder)
