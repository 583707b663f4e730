"""Values that are never written: known by the names of what holds them, and read anew from there."""

from __future__ import annotations

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from nb2prod.adapters.files import write_text
from nb2prod.errors import CellFailed


@dataclass(frozen=True, slots=True)
class Confidential:
    """What a run took up. `names`: environment variables, read or announcing a secret; `read`: those that were read.

    `files`: files that hold credentials.
    """

    names: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def is_taken_up(self) -> bool:
        """Whether the run read any of it: then nothing that its kernel held or showed is kept on this machine."""
        return bool(self.read or self.files)

    def __or__(self, other: Confidential) -> Confidential:
        """Both."""
        pairs = ((self.names, other.names), (self.read, other.read), (self.files, other.files))
        return Confidential(*(tuple(sorted({*one, *more})) for one, more in pairs))


def to_confidential(record: Mapping[str, Sequence[str]]) -> Confidential:
    """The observer's record as a plain one."""
    return Confidential(tuple(record["names"]), tuple(record["read"]), tuple(record["files"]))


class Values:
    """The values of now."""

    def __init__(self, known: Confidential) -> None:
        self._values = _stage_module().secret_values(known.names, [Path(path) for path in known.files])

    def named_in(self, data: bytes) -> str:
        """The name of the value that stands in there; empty where none does."""
        return next((name for name, forms in self._values.items() if any(form in data for form in forms)), "")

    def named_in_file(self, path: Path) -> str:
        """The same for a file's content."""
        if not self._values or path.stat().st_size == 0:
            return ""
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            found = (name for name, forms in self._values.items() if any(data.find(form) >= 0 for form in forms))
            return next(found, "")

    def named_in_path(self, path: str) -> str:
        """The same for the name of a file. A value that is a path itself says where the file lies."""
        data, root = path.encode("utf-8", "surrogateescape"), "/".encode("utf-32-le")
        known = {name: forms for name, forms in self._values.items() if not forms[-1].startswith(root)}
        return next((name for name, forms in known.items() if any(form in data for form in forms)), "")

    def redact_file(self, path: Path) -> None:
        """Put names in place of values, where there are any."""
        if path.is_file() and self.named_in_file(path):
            write_text(path, self.redacted(path.read_text(encoding="utf-8", errors="surrogateescape")))

    def redacted(self, text: str) -> str:
        """The text with names in place of values."""
        for name, forms in self._values.items():
            for form in sorted(forms[:-1], key=len, reverse=True):
                text = text.replace(form.decode("utf-8", "surrogateescape"), f"<{name}>")
        return text


def redacted(failed: CellFailed, values: Values) -> CellFailed:
    """The same failure, with names in place of secret values."""
    texts = [values.redacted(text) for text in (failed.message, failed.hint, failed.traceback, failed.value)]
    return CellFailed(texts[0], hint=texts[1], traceback=texts[2], name=failed.name, value=texts[3])


def holds_credentials(path: str) -> bool:
    """Whether a file of this name is one that holds credentials."""
    from nb2prod.adapters.kernels import observer_file

    watching = _module("_nb2prod_confidential_here", observer_file().with_name("confidential.py"))
    return bool(watching.holds_credentials(path))


def _stage_module() -> ModuleType:
    """The generated pipelines' one file of ours, which knows the forms of a value."""
    from nb2prod.adapters.kernels import stage_file

    return _module("_nb2prod_stage_here", stage_file())


@lru_cache(maxsize=2)
def _module(name: str, file: Path) -> ModuleType:
    import importlib.util

    specification = importlib.util.spec_from_file_location(name, file)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
