"""What a run may depend on outside of its project: places that its code names, modules that no distribution owns, and
programs that it starts.

Libraries in C and programs read such places unseen, and a module that was found through `sys.path` or an editable
install has no version that tells its content. Whoever keeps a run keeps the state of these beside it.
"""

from __future__ import annotations

import hashlib
import os
import re
import runpy
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nb2prod.adapters.files import read_text
from nb2prod.adapters.kernels import observer_file
from nb2prod.pipeline.observation import Mark

# A whole text in quotes, which may hold blanks, or a word, as in `!cat /data/x`.
_PLACE = re.compile(r"""(?<=['"])~?/[^'"\n]+(?=['"])|(?<![\w.~<])~?/[^\s'"();,|<>]+""")
_WINDOWS = re.compile(r"""(?<=['"])[A-Za-z]:[\\/][^'"\n]+""")
_PROGRAM = "program:"
_NOBODYS = ("/dev", "/proc", "/sys")
# Of a folder with more files than this nobody can tell quickly whether it is as it was.
_MOST = 2000


def around(root: Path, sources: Sequence[str], mark: Mark, written: Iterable[str]) -> dict[str, str | None]:
    """The state of each place that these cells or the project's imported modules name, each loose module and program.

    `written`: places that the run itself writes. Where the state of a place cannot be told, it is empty.
    """
    programs = {name for source in sources for name in _kernels().of_source(source)} | mark.programs
    modules = [read_text(root / path) or "" for path in mark.local_modules.values() if path.endswith(".py")]
    found = {place for source in (*sources, *modules) for place in _named(source)} | mark.loose_modules
    own = {*written, str(root)}
    places = {place: _state(place) for place in sorted(found) if not _is_below(place, own)}
    return places | {_PROGRAM + name: _kernels().state(name) for name in sorted(programs)}


def holds(known: Mapping[str, str | None]) -> bool:
    """Whether each place is as it was."""
    return all(state != "" and _now(place) == state for place, state in known.items())


def _now(place: str) -> str | None:
    if place.startswith(_PROGRAM):
        return str(found) if (found := _kernels().state(place.removeprefix(_PROGRAM))) is not None else None
    return _state(place)


@lru_cache(maxsize=1)
def _kernels() -> SimpleNamespace:
    """The file that says in the kernel which programs are started."""
    return SimpleNamespace(**runpy.run_path(str(observer_file().with_name("programs.py"))))


def _is_below(place: str, own: Iterable[str]) -> bool:
    return any(place == one or place.startswith(f"{one}{os.sep}") for one in own)


def _named(source: str) -> Iterable[str]:
    for text in [*_PLACE.findall(source), *_WINDOWS.findall(source)]:
        fixed = re.split(r"[{*?\[%]", text, maxsplit=1)[0]
        fixed = fixed if fixed == text else fixed.rpartition("/")[0]
        place = os.path.expanduser(fixed)  # noqa: PTH111 - leaves the home of nobody as it is written
        place = re.sub(r"^/{3,}", "/", place)  # sqlite:////data/x.db
        is_place = len(place) > 1 and not place.startswith(("//", "~")) and "\0" not in place
        if is_place and not _is_below(place, _NOBODYS):
            yield os.path.normpath(place)


def _state(place: str) -> str | None:
    """Size and time of change; of a folder, those of all below it. None where nothing is there."""
    path = Path(place)
    try:
        if not path.is_dir():
            info = path.stat()
            return f"{info.st_size} {info.st_mtime_ns}"
        entries = []
        for folder, names, files in os.walk(path):
            names[:] = sorted(name for name in names if name[0] != ".")
            entries += [_entry(Path(folder, name)) for name in sorted(files)]
            if len(entries) > _MOST:
                return ""
    except OSError:
        return None
    return hashlib.sha256("\n".join(entries).encode("utf-8", "surrogateescape")).hexdigest()


def _entry(path: Path) -> str:
    info = path.lstat()
    return f"{path} {info.st_size} {info.st_mtime_ns}"


def installed_in(environment: Mapping[str, Any]) -> list[Any]:
    """The interpreter, each installation of each distribution, and what else shapes a process before it begins."""
    found = [(one["name"], one["version"], one["installed"], one["direct_url"]) for one in environment["distributions"]]
    return [environment["python"], sorted(found, key=lambda one: one[0]), environment["process"]]
