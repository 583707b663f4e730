"""Paths that a browser names: under the server's root, links resolved, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nb2prod.errors import UsageError


class OutOfBounds(UsageError):
    """A path that the server does not serve."""


class Missing(UsageError):
    """There is no such file."""


@dataclass(frozen=True, slots=True)
class Places:
    """`root`: the folder that the server serves, links resolved. `hidden`: whether it serves hidden files."""

    root: Path
    hidden: bool = False

    def path(self, name: object) -> Path:
        """The file or folder of that name. Raises OutOfBounds for one that is elsewhere, UsageError for no name."""
        if not isinstance(name, str) or "\0" in name or len(name) > 4096:
            raise UsageError("no path was given", hint="name a notebook as the file browser shows it")
        # With real-time collaboration a path begins with its drive's name.
        name = name.removeprefix("RTC:").lstrip("/")
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or (not self.hidden and any(part.startswith(".") and part != "." for part in parts)):
            raise OutOfBounds("that path is not served here", hint="name a path below the server's root")
        return self.confined(self.root / name)

    def confined(self, path: Path) -> Path:
        """The path with its links resolved. Raises OutOfBounds where that is not below the root."""
        try:
            found = path.resolve()
        except (OSError, RuntimeError, ValueError):
            raise OutOfBounds("that path cannot be resolved", hint="name another one") from None
        if not found.is_relative_to(self.root):
            raise OutOfBounds("that path leads out of the server's root", hint="name a path below it")
        return found

    def file(self, name: object) -> Path:
        """The same, for a file that must be there. Raises Missing where it is not."""
        path = self.path(name)
        if not path.is_file():
            raise Missing(f"there is no file {self.name(path)}", hint="save the notebook first")
        return path

    def name(self, path: Path) -> str:
        """How the browser calls a path below the root; the path itself where it is elsewhere."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
