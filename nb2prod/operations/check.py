"""`nb2prod check`: read, run the rules, hand over the diagnostics."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from nb2prod.adapters.documents import read_document
from nb2prod.adapters.settings import settings_for
from nb2prod.adapters.sources import notebooks
from nb2prod.adapters.surroundings import Project, project_root
from nb2prod.errors import Nb2prodError
from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import rules
from nb2prod.lint.results import Checked, checked_of, shared_once
from nb2prod.lint.rule import Rule
from nb2prod.lint.select import selected
from nb2prod.lint.settings import Settings
from nb2prod.lint.suppression import unsuppressed
from nb2prod.lint.texts import Finds
from nb2prod.notebook.parse import parse

# Fewer notebooks than this are not worth a second process.
_WORTH_A_PROCESS = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """What the caller selects and ignores, beside what the project does."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def expect_known(self) -> None:
        """Raises UsageError for a code that no rule has."""
        selected(rules(), Settings(self.select, self.ignore), "")

    def rules_for(self, path: Path) -> tuple[Rule, ...]:
        """The rules that run on the notebook at `path`. Raises UsageError for a code that no rule has."""
        settings, root = settings_for(path.absolute().parent)
        relative = os.path.relpath(path.absolute(), root).replace(os.sep, "/")
        return selected(rules(), settings.overridden(self.select, self.ignore), relative)


def check(path: str | Path, *, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Checked:
    """The diagnostics of one notebook. Raises UsageError for what is no notebook, or a code that no rule has."""
    return _check(Path(path), Choice(tuple(select), tuple(ignore)))


def check_all(arguments: Iterable[Path], choice: Choice, *, jobs: int = 0) -> list[Checked]:
    """The diagnostics of all notebooks that the arguments mean; a file that cannot be read is a record with an error.

    `jobs`: processes, 0 for as many as there are processors. Raises UsageError for an argument that means no file.
    """
    choice.expect_known()
    paths = chosen(arguments)
    jobs = min(jobs or len(os.sched_getaffinity(0)), len(paths) // _WORTH_A_PROCESS)
    one = partial(_check_or_error, choice=choice)
    checked = _in_parallel(one, paths, jobs) if jobs > 1 else [one(path) for path in paths]
    return shared_once((project_root(path.absolute().parent), one) for path, one in zip(paths, checked, strict=True))


def chosen(arguments: Iterable[Path]) -> list[Path]:
    """The notebooks that the arguments mean, without those that the project excludes."""
    found = []
    for path in notebooks(arguments):
        settings, root = settings_for(path.absolute().parent)
        if not settings.exclude or path in notebooks([path], [f"{root.as_posix()}/{one}" for one in settings.exclude]):
            found.append(path)
    return found


def _in_parallel(one: partial[Checked], paths: Sequence[Path], jobs: int) -> list[Checked]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_all_start_methods, get_context

    # Nothing has started a thread yet, and a fork has the rules already. What a notebook needs besides, the tables and
    # IPython's reader of magics, is loaded here once instead of in each process.
    parse("%time 1")
    first, others = one(paths[0]), paths[1:]
    start = "fork" if "fork" in get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(jobs, get_context(start)) as pool:
        return [first, *pool.map(one, others, chunksize=max(1, len(others) // (jobs * 16)))]


def _check_or_error(path: Path, choice: Choice) -> Checked:
    try:
        return _check(path, choice)
    except Nb2prodError as error:
        return Checked(str(path), error=error.message, hint=error.hint)


@lru_cache(maxsize=1)
def _finds() -> Finds:
    """What this process found in texts: copies of a notebook hold the same."""
    return Finds()


def _check(path: Path, choice: Choice) -> Checked:
    notebook = read_document(path)
    context = Context(notebook, Project(path.absolute().parent), finds=_finds())
    found = diagnose(context, choice.rules_for(path))
    return checked_of(str(path), notebook, unsuppressed(notebook, found))
