"""A copy of the project to run in, and what happens to its files while something runs there.

Reads are seen by the files' access times, set to the epoch beforehand: the kernel moves them forward whatever
reads (Python, Arrow, a subprocess). Where a file system keeps no access times, the observer's audit hook remains.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nb2prod.errors import OutsideError

_NEVER = {
    ".git",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
}
_NEVER_BELOW = {(".dvc", "cache"), (".dvc", "tmp")}
# Larger files are linked instead of copied where nothing writes them: a run must not cost a second copy of the data.
LARGE = 64 * 2**20
# Large files of which nobody knows whether the notebook writes them are copied, up to this much in all.
COPIED = 2 * 2**30


def project_files(root: Path, excluded: Iterable[Path] = ()) -> Iterator[Path]:
    """All files of a project that its code may mean, relative to `root`; histories, caches, environments left out."""
    out = {path.resolve() for path in excluded}
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = sorted(name for name in names if not _is_left_out(here / name, root, out))
        yield from ((here / name).relative_to(root) for name in sorted(files) if (here / name).resolve() not in out)


def _is_left_out(path: Path, root: Path, out: set[Path]) -> bool:
    relative = path.relative_to(root).parts
    return (
        path.name in _NEVER or relative[-2:] in _NEVER_BELOW or path.resolve() in out or (path / "pyvenv.cfg").exists()
    )


def copy_files(
    root: Path, destination: Path, files: Iterable[Path], only_read: Callable[[Path], bool] = lambda _: True
) -> None:
    """Copy files into another tree, keeping their places. Raises OutsideError.

    Large ones are linked where `only_read` says that nothing writes them: who writes through a link changes the user's
    own file.
    """
    room = COPIED
    for relative in files:
        source, target = root / relative, destination / relative
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_symlink() and not source.exists():
                continue
            size = source.stat().st_size
            if size > LARGE and (size > room or only_read(relative)):
                target.symlink_to(source.resolve())
            else:
                room -= size if size > LARGE else 0
                shutil.copy2(source, target)
        except OSError as error:
            raise OutsideError(f"cannot copy {source}: {error.strerror}", hint="is the disk full?") from error


def place(source: Path, target: Path) -> None:
    """The same file under a second name, or a copy: either may go away before the other. Raises OutsideError."""
    if source.is_dir():
        for path in source.iterdir():
            place(path, target / path.name)
        return
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:  # a file system without hard links, or another one
        copy_file(source, target)


def copy_file(source: Path, target: Path) -> None:
    """A copy with the same times. Raises OutsideError."""
    try:
        shutil.copy2(source, target)
    except OSError as error:
        raise OutsideError(f"cannot copy {source}: {error.strerror}", hint="is the disk full?") from error


def move_folder(source: Path, target: Path) -> None:
    """Move a folder, to another file system too; what is new on the way is its owner's only. Raises OutsideError."""
    try:
        target.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        shutil.move(source, target)
    except OSError as error:
        raise OutsideError(f"cannot move {source} to {target}: {error.strerror}", hint="is the disk full?") from error


def linked_files(tree: Path, files: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """Size and time of change of the files outside that the tree's links stand for, by their path in the tree."""
    links = [path for path in files if (tree / path).is_symlink() and (tree / path).exists()]
    infos = {path.as_posix(): (tree / path).stat() for path in links}
    return {path: (info.st_size, info.st_mtime_ns) for path, info in infos.items()}


class Watch:
    """Which files below `root` were read, written and deleted since the last look."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, tuple[int, int, int]] = {}
        self.look()

    def folders(self) -> frozenset[str]:
        """All folders below the root, POSIX, relative to it."""
        found = (Path(folder).relative_to(self.root) for folder, _, _ in os.walk(self.root))
        return frozenset(path.as_posix() for path in found if not _NEVER.intersection(path.parts))

    def _linked(self, name: str) -> str:
        """The file of the tree that a link stands for: who makes the link needs the file."""
        target = (self.root / name).resolve()
        top = self.root.resolve()
        return (
            target.relative_to(top).as_posix() if target.is_relative_to(top) and (self.root / name).is_symlink() else ""
        )

    def unread(self, paths: Iterable[str]) -> None:
        """Nobody but nb2prod has read these since the last look."""
        for path in paths:
            file = self.root / path
            if path in self._known and file.is_file() and not file.is_symlink():
                os.utime(file, ns=(0, file.stat().st_mtime_ns))

    def look(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """(read, written, deleted) since the last call, POSIX, relative to the root."""
        reads, now = set(), {}
        for path in project_files(self.root):
            name = path.as_posix()
            if (self.root / path).is_symlink() and not (self.root / path).exists():
                now[name] = (0, 0, 0)
                continue
            info = (self.root / path).stat()
            now[name] = (info.st_ino, info.st_size, info.st_mtime_ns)
            if (self.root / path).is_symlink():
                continue  # its access time is the user's own
            if info.st_atime_ns > 0 and self._known.get(name) == now[name]:
                reads.add(name)
            os.utime(self.root / path, ns=(0, info.st_mtime_ns))
        first = not self._known
        writes = set() if first else {name for name, state in now.items() if self._known.get(name) != state}
        reads |= {target for name in writes if (target := self._linked(name)) in now}
        deleted = self._known.keys() - now.keys()
        self._known = now
        return frozenset(reads), frozenset(writes), frozenset(deleted)
