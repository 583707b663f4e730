"""Files and hosts that the process touched, and the programs that it started."""

from __future__ import annotations

import fnmatch
import functools
import glob
import os
import shutil
import stat
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from _nb2prod_watching import OWN, Pausable, absolute, first_caller, ipython_shell

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Files(Pausable):
    """Files and hosts that the process touched, from Python's audit events.

    Libraries that open files in C (Arrow, HDF5) and subprocesses raise no such events.
    """

    def __init__(self, root: str, naming: Any, current: Callable[[], Any]) -> None:
        """`naming`: how programs are named. `current`: the files of the observer that is in charge, if one is."""
        self._root = root
        self._naming = naming
        self._current = current
        self.ignored = _ignored_folders()
        self._seen: dict[tuple[str, str], None] = {}
        self._hosts: dict[str, None] = {}
        self._databases: dict[str, Any] = {}
        self._connected: set[str] = set()
        self._globbed: set[str] = set()
        self.programs: set[str] = set()
        self._handlers: dict[str, Callable[..., None]] = {
            "open": self._open,
            "sqlite3.connect": self._connect,
            "os.listdir": self._list,
            "os.scandir": self._list,
            "glob.glob": lambda pattern, *_: self._glob(pattern),
            "pathlib.Path.glob": lambda folder, pattern: self._glob(Path(folder, pattern)),
            "os.chdir": lambda path: self._add(path, "chdir"),
            "os.remove": lambda path, *_: self._add(path, "delete"),
            "os.rename": self._rename,
            **dict.fromkeys(("subprocess.Popen", "os.exec", "os.posix_spawn"), self._start),
            "os.system": lambda command: self.programs.update(self._naming.of_command(os.fsdecode(command))),
            "socket.connect": lambda _, address: self._host(address),
            "socket.getaddrinfo": lambda host, *_: self._host((host,)),
        }

    def install(self) -> None:
        """Hook in for good: an audit hook cannot be removed, so it looks up who is current."""
        handlers = self._handlers

        def hook(event: str, args: tuple[Any, ...]) -> None:
            handler = handlers.get(event)
            if handler is None or self._paused or self is not (self._current() or self):
                return
            try:
                handler(*args)
            except Exception:  # a name that is no path: an error here would fail the notebook's own call
                return

        sys.addaudithook(hook)
        for name in ("stat", "lstat", "access"):
            self._notice_questions(name)

    def _notice_questions(self, name: str) -> None:
        """Whether a file is there raises no audit event; whoever asks through `os` is seen here."""
        real = getattr(os, name)

        @functools.wraps(real)
        def asked(path: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._paused and isinstance(path, (str, os.PathLike)):
                self._add(path, "probe")
            return real(path, *args, **kwargs)

        setattr(os, name, asked)
        for supported in (os.supports_dir_fd, os.supports_fd, os.supports_effective_ids, os.supports_follow_symlinks):
            if real in supported:
                supported.add(asked)

    def take(self) -> tuple[list[dict[str, str]], list[str]]:
        """Return what was seen since the last time."""
        for path, before in list(self._databases.items()):
            self._databases[path] = now = _state(path)
            if now != before:
                self._add(path, "write")
            elif path in self._connected:
                self._add(path, "database")
        self._connected.clear()
        files = [{"path": path, "access": access} for path, access in self._seen]
        hosts = list(self._hosts)
        self._seen.clear()
        self._hosts.clear()
        return files, hosts

    def _start(self, program: Any, arguments: Any, *_: Any) -> None:
        self.programs.update(self._naming.of_call(program, arguments))

    def started(self) -> list[str]:
        """Return the programs that were started by now, by their names and by where these lead in this process."""
        places = {shutil.which(name) for name in self.programs} - {None}
        return sorted(self.programs | places)  # type: ignore[operator]

    def _open(self, path: Any, mode: Any, flags: Any) -> None:
        writes = bool(set(mode) & set("wax+")) if isinstance(mode, str) else bool((flags or 0) & _WRITE_FLAGS)
        if not (writes and _is_folder(path)):  # `tempfile` names the folder first, then the file in it
            self._add(path, "write" if writes else "read")

    def _connect(self, path: Any) -> None:
        """A database file outside of the tree is read, until it is another; one inside is known by its times."""
        text = os.fsdecode(path)
        full = absolute(unquote(text[5:].partition("?")[0]) if text.startswith("file:") else text)
        if full.startswith(self._root + os.sep) or _state(full) == (None, None):
            self._add(path, "write")
            return
        self._databases.setdefault(full, _state(full))
        self._connected.add(full)

    def _list(self, path: Any) -> None:
        by_pattern = isinstance(path, (str, os.PathLike, type(None))) and absolute(path or ".") in self._globbed
        if not (by_pattern and _asked_by_pattern()):
            self._add(path or ".", "list")

    def _glob(self, pattern: Any) -> None:
        """Whoever looks for `*.csv` sees these names only; a pattern for folders, or for all files, is a listing."""
        folder, _, names = absolute(os.fsdecode(pattern)).rpartition(os.sep)
        if glob.has_magic(folder) or "**" in names or fnmatch.fnmatch(".gitignore", names):
            self._globbed.clear()
            return
        self._globbed.add(folder)
        if f"{folder}{os.sep}".startswith(self._root + os.sep):
            self._seen[f"{folder}{os.sep}{names}", "glob"] = None

    def _rename(self, source: Any, target: Any, *_: Any) -> None:
        self._add(source, "delete")
        self._add(target, "write")

    def _add(self, path: Any, access: str) -> None:
        if isinstance(path, int):
            return
        full = absolute(os.fsdecode(path))
        if access == "probe" and (not full.startswith(self._root + os.sep) or (full, access) in self._seen):
            return
        if _asked_by_import():
            return
        if not full.startswith(self.ignored) and not full.endswith((".pyc", os.devnull)):
            self._seen[full, access] = None

    def _host(self, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else address
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        if name not in ("127.0.0.1", "::1", "localhost", "None", ""):
            self._hosts[name] = None


_stat = os.stat  # as it was before questions about files were noticed


def _state(database: str) -> tuple[Any, Any]:
    """Return what changes when something is written to the database: there, or into the log beside it."""
    return _times(database), _times(f"{database}-wal")


def _times(path: str) -> tuple[int, int] | None:
    try:
        found = _stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _is_folder(path: Any) -> bool:
    try:
        return stat.S_ISDIR(_stat(path).st_mode)
    except OSError:
        return False


def _ignored_folders() -> tuple[str, ...]:
    """List the folders of the interpreter, its libraries and the system."""
    folders = {path for name, path in sysconfig.get_paths().items() if name not in ("data", "scripts")}
    folders |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    prefixes = (Path(sys.prefix), Path(sys.base_prefix))
    folders |= {str(prefix / name) for prefix in prefixes for name in ("etc", "share")}
    folders |= {"/dev", "/proc", "/sys", "/etc", "/usr/share", "/usr/lib"}
    # What libraries keep for themselves, a list of fonts for instance: there in one run, not yet in the one before.
    caches = [os.environ.get(name) for name in ("XDG_CACHE_HOME", "MPLCONFIGDIR")]
    folders |= {path for path in caches if path and not absolute(".").startswith(absolute(path) + os.sep)}
    shell = ipython_shell()
    if shell:
        folders.add(str(Path(shell.profile_dir.location).parent))
    return tuple(absolute(folder) + os.sep for folder in sorted(folders))


_IMPORT_SYSTEM = {
    "_frozen_importlib", "_frozen_importlib_external", "importlib._bootstrap",
    "importlib._bootstrap_external", "importlib.metadata", "inspect", "linecache", "pkgutil", "tokenize",
    "zipimport",
}  # fmt: skip
_FILE_LAYERS = {"codecs", "contextlib", "functools", "genericpath", "io", "os", "pathlib", "zipfile"} | OWN


def _asked_by_pattern() -> bool:
    """Say whether the names of a folder are asked for by `glob`, or by `Path.glob`."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in OWN | {"os"}:
        frame = frame.f_back
    module = str(frame.f_globals.get("__name__")) if frame is not None else ""
    return module == "glob" or (module.startswith("pathlib") and frame.f_code.co_name not in ("iterdir", "walk"))


def _asked_by_import() -> bool:
    """Say whether a module is being looked for: modules are reported by name, not as files."""
    return first_caller(3, _FILE_LAYERS) in _IMPORT_SYSTEM
