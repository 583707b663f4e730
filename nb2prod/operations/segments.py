"""Long segments of the observed run, kept on this machine: what they made is put back instead of run again.

Only where all that a segment depends on is as it was, and only as far as the kernel then holds just what it held: every
variable's content and sharing, random states and settings are compared afterwards. Anything else, and it is run.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nb2prod
from nb2prod.adapters import records
from nb2prod.adapters.files import digest
from nb2prod.adapters.kernels import Session, kernel_files, observer_file
from nb2prod.adapters.tree import copy_file, move_folder
from nb2prod.notebook.model import Cell
from nb2prod.operations import elsewhere
from nb2prod.pipeline.moved import moved_mark
from nb2prod.pipeline.observation import Mark, Output, Variable
from nb2prod.pipeline.program import Program
from nb2prod.pipeline.segment_key import needed_after, segment_key
from nb2prod.pipeline.weight import seconds_to_move

# Shorter ones are run: to keep a segment costs about a second.
LONG_SECONDS = 1.0
_LARGEST = 2 * 2**30
_MOST = 4
# Code that gets at secrets: then nothing of the kernel's content is written anywhere.
_SECRETS = re.compile(
    r"environ|getenv|getpass|dotenv|keyring|netrc|secret|passw|token|credential|api_?key|\.env\b", re.IGNORECASE
)


class Diverged(Exception):
    """What was put back is not what was kept: the kernel is of no more use."""


@dataclass(frozen=True, slots=True)
class KeptSegment:
    """A segment's run. Cells are numbered within the segment.

    `changed`: what it bound or changed; of it `names` are stored, the rest are `sources`: imports and definitions.
    `left_out`: what no file holds and later code does not need. `gone`: what it deleted. `settings`: what imports
    changed of the process. `reads`: hash by path; `probed`: whether the path was there. `outside`: the state of
    what it may have looked at there. `ids`: (id, index) of its cells, where random numbers or clocks count.
    """

    mark: Mark
    outputs: Mapping[int, tuple[Output, ...]]
    seconds: Mapping[int, float]
    written: Mapping[str, str | None]
    changed: tuple[str, ...]
    left_out: tuple[str, ...]
    names: tuple[str, ...]
    gone: tuple[str, ...]
    modules: tuple[str, ...]
    sources: tuple[str, ...]
    settings: Mapping[str, str]
    reads: Mapping[str, str | None]
    probed: Mapping[str, bool]
    outside: Mapping[str, str | None]
    ids: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What a segment gave: its mark, and by cell outputs and seconds; hashes of the files that it wrote."""

    mark: Mark
    outputs: Mapping[int, tuple[Output, ...]]
    seconds: Mapping[int, float]
    written: Mapping[str, str | None]


class Segments:
    """The kept segments of one notebook, while it runs: `begin` and `end` each segment in turn.

    `folder`: where they are kept; without one nothing is.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._used: set[str] = set()
        #: Whether the run rests on segments of an earlier one.
        self.has_put_back = False
        self._around: Any = None
        # From where on a module of the project holds something else than it was imported with, or the notebook holds
        # a secret: nobody stores that.
        self._is_stopped = False
        self._key: str | None = None
        self._kept: KeptSegment | None = None
        # Variables that were left out, as they were: later code does not need them, the comparison does.
        self._absent: dict[str, Variable] = {}
        self._written: set[str] = set()

    def begin(
        self, session: Session, program: Program, segment: Sequence[Cell], tree: Path, start: Mark, before: Mark
    ) -> bool:
        """Put the segment back, if it is kept; else it is to be run. Raises Diverged."""
        self._key = self._kept = None
        if (
            self._folder is None
            or self._is_stopped
            or any(_SECRETS.search(cell.source) for cell in program.notebook.code_cells)
        ):
            return False
        self._key = segment_key(program, segment, start, before, self._surroundings(session, program))
        self._kept = self._find(program, segment, tree) if self._key else None
        if self._kept is not None and self._key is not None:
            self._used.add(self._key)
            self._put_back(self._kept, session, tree)
            self.has_put_back = True
        return self._kept is not None

    def end(
        self, session: Session, program: Program, segment: Sequence[Cell], tree: Path, before: Mark, made: Made
    ) -> Made:
        """What the segment gave. Keeps it where it took long. Raises Diverged for what was put back in vain."""
        self._is_stopped = self._is_stopped or bool(made.mark.module_changes)
        made = replace(made, mark=self._with_absent(made.mark))
        self._written |= made.written.keys()
        cells = [cell.index for cell in segment]
        if self._kept is not None:
            self._absent |= {name: self._kept.mark.variables[name] for name in self._kept.left_out}
            now = self._with_absent(made.mark)
            return _confirmed(self._kept, now, before, cells)
        outputs = {index: made.outputs[index] for index in cells}
        made = replace(made, outputs=outputs, seconds={index: made.seconds[index] for index in cells})
        if self._key is not None and sum(made.seconds.values()) >= LONG_SECONDS:
            self._keep(session, program, segment, tree, before, made)
        return made

    def _with_absent(self, mark: Mark) -> Mark:
        for name in self._absent.keys() & mark.variables.keys():
            del self._absent[name]
        return replace(mark, variables={**self._absent, **mark.variables})

    def _surroundings(self, session: Session, program: Program) -> object:
        if self._around is None:
            found = session.environment()
            files = [digest(file) for file in kernel_files()]
            self._around = [nb2prod.__version__, program.notebook.kernel, elsewhere.installed_in(found), files]
        return self._around

    def _place(self) -> Path:
        assert self._folder is not None and self._key is not None
        return self._folder / self._key

    def _find(self, program: Program, segment: Sequence[Cell], tree: Path) -> KeptSegment | None:
        """The segment, if the files that it looked at are as they were, and nothing needs what was left out."""
        found = records.load(self._place() / "segment.json.gz", KeptSegment)
        if found is None or len(found.outputs) != len(segment):
            return None
        cells = tuple((cell.id, cell.index) for cell in segment)
        if (found.mark.unseeded or found.mark.clock) and found.ids != cells:
            return None
        needed = needed_after(program, segment[-1].index)
        if found.left_out and (needed is None or needed & {*found.left_out}):
            return None
        same = all(digest(tree / path) == known for path, known in found.reads.items())
        same = same and all((tree / path).exists() == there for path, there in found.probed.items())
        return found if same and elsewhere.holds(found.outside) else None

    def _put_back(self, kept: KeptSegment, session: Session, tree: Path) -> None:
        lists = map(list, (kept.names, kept.gone, kept.modules, kept.sources))
        answer = session.ask_file(_kernel_file(), "put_back", str(self._place()), *lists)
        if "why" in answer:
            raise Diverged(str(answer["why"]))
        for path in kept.mark.writes:
            source = self._place() / "files" / path
            if not Path(path).is_absolute() and source.exists():
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
                copy_file(source, tree / path)
        for path in kept.mark.deleted:
            (tree / path).unlink(missing_ok=True)

    def _keep(
        self, session: Session, program: Program, segment: Sequence[Cell], tree: Path, before: Mark, made: Made
    ) -> None:
        """Keep what the segment made, if that is all that it did. Raises OutsideError."""
        mark = made.mark
        changed = {name for name in mark.changed_since(before) if not name.startswith("$")}
        there = changed & mark.variables.keys()
        needed = needed_after(program, segment[-1].index)
        left_out = {name for name in there if mark.variables[name].kind == "opaque"} - (needed or there)
        if not _is_whole(before, mark, there - left_out) or not _is_worth(made, there - left_out):
            return
        statements = [one for cell in segment for one in program.facts[cell.index].statements]
        again = [one for one in statements if one.kind in ("import", "definition")]
        names = there - left_out - {name for one in again for name in one.facts.writes}
        moved = [name for name, state in mark.random.items() if state and state != before.random.get(name, "")]
        made_here = session.scratch / "segment"
        shutil.rmtree(made_here, ignore_errors=True)
        made_here.mkdir(mode=0o700)
        answer = session.ask_file(_kernel_file(), "keep", str(made_here), sorted(names), moved)
        if "why" in answer:
            shutil.rmtree(made_here, ignore_errors=True)
            return
        place = self._place()
        shutil.rmtree(place, ignore_errors=True)
        move_folder(made_here, place)
        for path in mark.writes:
            if not Path(path).is_absolute() and (tree / path).exists():
                (place / "files" / path).parent.mkdir(parents=True, exist_ok=True)
                copy_file(tree / path, place / "files" / path)
        looked_at = (mark.reads - mark.writes) | set(mark.local_modules.values())
        numbers = {cell.index: number for number, cell in enumerate(segment)}
        kept = KeptSegment(
            mark=moved_mark(mark, numbers),
            outputs={numbers[index]: shown for index, shown in made.outputs.items()},
            seconds={numbers[index]: seconds for index, seconds in made.seconds.items()},
            written=made.written,
            changed=tuple(sorted(there - left_out)),
            left_out=tuple(sorted(left_out)),
            names=tuple(sorted(names)),
            gone=tuple(sorted(changed - there)),
            modules=tuple(answer["modules"]),
            sources=tuple(one.text for one in again),
            settings={name: value for name, value in mark.ambient.items() if before.ambient.get(name) != value},
            reads={path: digest(tree / path) for path in sorted(looked_at)},
            probed={path: (tree / path).exists() for path in sorted(mark.probed - mark.writes)},
            outside=elsewhere.around(tree, self._sources_until(program, segment), mark, self._written),
            ids=tuple((cell.id, cell.index) for cell in segment),
        )
        records.save(place / "segment.json.gz", kept)
        self._used.add(self._key or "")

    def _sources_until(self, program: Program, segment: Sequence[Cell]) -> list[str]:
        return [cell.source for cell in program.notebook.code_cells if cell.index <= segment[-1].index]

    def stop(self) -> None:
        """Keep nothing more, nor what this run kept or used: the notebook holds a secret."""
        self._is_stopped = True
        self._key = None
        self._remove_used()

    def forget(self) -> None:
        """Remove what was put back in vain."""
        self._remove_used()
        self.has_put_back = False

    def _remove_used(self) -> None:
        if self._folder is not None:
            for key in self._used:
                shutil.rmtree(self._folder / key, ignore_errors=True)
        self._used.clear()

    def settle(self) -> None:
        """Keep the segments of this conversion, and the newest of the others."""
        if self._folder is None or not self._folder.exists():
            return
        others = [one for one in self._folder.iterdir() if one.name not in self._used]
        for old in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[_MOST:]:
            shutil.rmtree(old, ignore_errors=True)


NO_SEGMENTS = Segments(None)


def _confirmed(kept: KeptSegment, now: Mark, before: Mark, cells: Sequence[int]) -> Made:
    """What was put back, with the kernel's state of now. Raises Diverged where that is not the state of then."""
    expected = {name: value for name, value in before.variables.items() if name not in kept.gone}
    expected |= {name: kept.mark.variables[name] for name in (*kept.changed, *kept.left_out)}
    for name in sorted(expected.keys() | now.variables.keys()):
        if _content(expected.get(name)) != _content(now.variables.get(name)):
            raise Diverged(f"`{name}` is another one")
    if now.random != kept.mark.random or now.ambient != {**before.ambient, **kept.settings}:
        raise Diverged("random states or settings are others")
    mark = moved_mark(kept.mark, dict(enumerate(cells)))
    mark = replace(mark, variables=now.variables, random=now.random, ambient=now.ambient, folders=now.folders)
    return Made(
        mark,
        {cells[number]: shown for number, shown in kept.outputs.items()},
        {cells[number]: seconds for number, seconds in kept.seconds.items()},
        {path: known if path[0] != "/" else digest(Path(path)) for path, known in kept.written.items()},
    )


def _content(value: Variable | None) -> object:
    return (value.fingerprint, value.type, value.kind, sorted(value.shares)) if value else None


def _is_whole(before: Mark, mark: Mark, changed: set[str]) -> bool:
    """Whether these variables, random states and files of the project are all that the segment changed."""
    values = [mark.variables[name] for name in changed]
    apart = all(value.shares <= changed for value in values)
    known = all(value.comparable or value.kind == "module" for value in values)
    size = sum(value.size or 0 for value in values)
    moved = mark.entered or mark.ambient.get("cwd") != before.ambient.get("cwd")
    quiet = not (moved or mark.network or mark.databases or mark.listed or mark.module_changes)
    return apart and known and quiet and size <= _LARGEST


def _is_worth(made: Made, changed: set[str]) -> bool:
    """Whether it took longer than to write what it made: large data would be held twice for nothing."""
    size = sum(made.mark.variables[name].size or 0 for name in changed)
    return sum(made.seconds.values()) > seconds_to_move(size)


def _kernel_file() -> Path:
    return observer_file().with_name("snapshots.py")
