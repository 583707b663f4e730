"""Which secrets the notebook took up: names of environment variables and of files that hold credentials, no values."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

# Names that say where and how a program runs, and nothing that anybody would hide.
_ORDINARY = re.compile(
    r"(HOME|PATH|USER|USERNAME|LOGNAME|PWD|OLDPWD|SHELL|TERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|HOSTNAME|HOST|DISPLAY|"
    r"EDITOR|CI|DEBUG|COLUMNS|LINES|NO_COLOR|VIRTUAL_ENV|CONDA_\w+|PYTHON\w*|JUPYTER\w*|JPY_\w+|IPYTHON\w*|XDG_\w+|OMP_\w+|"
    r"MKL_\w+|OPENBLAS_\w+|NUMEXPR_\w+|CUDA_\w+|MPL\w+|NB2PROD_\w+|DVC_\w+|GIT_\w+|"
    r"\w+_(DIR|PATH|HOME|ROOT|FOLDER|FILE|REGION|LEVEL|THREADS|ENV|PORT|HOST))\Z"
)
_SENSITIVE = re.compile(
    r"pass|(?<=_)pwd|secret|token(?!izers)|credential|api_?key|private|auth(?!or|_sock)", re.IGNORECASE
)
_FILES = re.compile(
    r"(\.env(\..+)?|.+\.env|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.pypirc|credentials(\.\w+)?|secrets\.\w+|"
    r".*(credentials|service[_-]account|client_secret).*\.json)\Z",
    re.IGNORECASE,
)
_LAYERS = {"os", "_collections_abc", "collections.abc", "environs", "decouple", "dotenv.main", "dotenv", __name__}
_READERS = {"dotenv", "environs", "decouple", "pydantic_settings"}


def holds_credentials(path: str) -> bool:
    """Say whether a file of this name is one that holds credentials."""
    return _FILES.match(os.path.basename(path)) is not None


class Confidential:
    """Watches one kernel's reads of the environment and of files."""

    def __init__(self, stage: Any, tree: str, package: str, unseen: Callable[[], AbstractContextManager[None]]) -> None:
        self._stage, self._package, self._unseen = stage, package, unseen
        self._tree = os.path.realpath(tree) + os.sep
        self._names: dict[str, None] = {}
        self._files: dict[str, None] = {}
        self._asked = stage.ASKED
        self._given = dict(os.environ)

    def install(self) -> None:
        environment: Any = type(os.environ)
        real = environment.__getitem__

        def getitem(this: Any, key: Any) -> Any:
            if this is os.environ and isinstance(key, str) and self._is_asked_by_the_notebook():
                self._names[key] = None
            return real(this, key)

        environment.__getitem__ = getitem
        sys.addaudithook(self._hook)
        self._stage.answer_getpass()

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], (str, os.PathLike)) and holds_credentials(str(args[0])):
            with self._unseen():
                self._files[os.path.abspath(str(args[0]))] = None

    def _is_asked_by_the_notebook(self) -> bool:
        frame: Any = sys._getframe(2)
        while frame is not None and frame.f_globals.get("__name__") in _LAYERS:
            frame = frame.f_back
        if frame is None:
            return False
        name = str(frame.f_globals.get("__name__", ""))
        if name == "__main__" or name.partition(".")[0] in _READERS:
            return True
        own = name.startswith(f"{self._package}.") and not name.endswith("._stage")
        return own or str(frame.f_globals.get("__file__", "")).startswith(self._tree)

    def look(self) -> None:
        """Let fingerprints tell where the values are that are known by now."""
        self._stage.SECRETS.clear()
        self._stage.SECRETS.update(self._stage.secret_values(self.names(), [Path(path) for path in self._files]))

    def names(self) -> list[str]:
        """Name what was read, and what announces itself as a secret, whoever reads it."""
        known = {name for name in os.environ if _SENSITIVE.search(name)} | {*self._names, *self._asked}
        told = {name for name in known if _SENSITIVE.search(name) or not _ORDINARY.match(name)}
        return sorted(told - self._set_by_the_notebook(told))

    def _set_by_the_notebook(self, names: set[str]) -> set[str]:
        """Variables that were not there before, with a value that stands in no file: it is the notebook's own text."""
        new = {name for name in names if os.environ.get(name) != self._given.get(name)}
        texts = (
            [Path(path).read_text("utf-8", "replace") for path in self._files if os.path.isfile(path)] if new else []
        )
        return {name for name in new if not any(os.environ.get(name, "") in text for text in texts)}

    def record(self) -> dict[str, list[str]]:
        """Names and files, of the environment only those that were read."""
        read = {*self._names, *self._asked}
        return {"names": self.names(), "read": sorted(read & set(self.names())), "files": sorted(self._files)}
