"""DVC's own reproduction of a pipeline, stage by stage, in this process.

Which stages are out of date, what is found in the run cache, what is recorded in `dvc.lock`: all that is DVC's code,
called as `dvc repro` calls it. Only the command of a stage is executed by somebody else, for whom DVC waits.

Stages may run side by side: each is reproduced in a thread of its own, but DVC's code is in one of them at a time. Who
executes a stage's command lets the others go on, and DVC's lock go with them, as DVC does while a command runs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters.dvc import environment as process_environment
from nb2prod.adapters.dvc import unwritten
from nb2prod.adapters.machine import process_name
from nb2prod.errors import OutsideError

#: Executes a stage's command: its name, the command, DVC's environment for it. Returns False for one that it leaves to
#: DVC. `clear` removes what an earlier attempt may have left of the stage's outputs.
Execute = Callable[[str, str, Mapping[str, str], Callable[[], None]], bool]


class Busy(Exception):
    """Another process is at work on this stage's files; DVC's message says which."""


class UnknownDvc(Exception):
    """This version of DVC lacks a part, which the message names, that is called here."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in the order in which DVC would reproduce it, and the stages that it needs."""

    name: str
    needs: frozenset[str]


class Reproduction:
    """One repository, opened by DVC. `steps` first, then `reproduce` for each, from any thread. Raises UnknownDvc."""

    def __init__(self, folder: Path, execute: Execute, note: Callable[[str], None]) -> None:
        from dvc.repo import Repo

        from nb2prod.adapters.dvc_parts import missing_part

        if part := missing_part():
            raise UnknownDvc(part)
        _quiet()
        self._folder = folder
        self._called_from = Path.cwd()
        self._execute = execute
        self._note = note
        self._baton = threading.Lock()
        self._repo = Repo(str(folder))
        self._repo.lock.lock = self._patient(self._repo.lock.lock)
        self._repo._lock_depth = 1  # nothing below takes the lock again: it is held, or handed on with the baton
        self._stages: dict[str, Any] = {}
        self._graph: Any = None
        self._known = _Known({}, None)
        self._unsaved: list[str] = []
        self._done: set[str] = set()
        self.executed: list[str] = []
        self._tracking = contextlib.ExitStack()
        self._tracking.enter_context(self._repo.scm_context(quiet=True))
        _repair_rwlock(Path(self._repo.tmp_dir))
        _install_seams()
        _open[id(self._repo)] = self

    @property
    def temporary(self) -> Path:
        """DVC's folder for temporary files."""
        return Path(self._repo.tmp_dir)

    def close(self) -> None:
        """Tell git what is new, where DVC is set up to do so, and let go of DVC's databases."""
        self._tracking.close()
        _open.pop(id(self._repo), None)
        self._repo.close()

    def steps(self, single: str | None = None) -> tuple[Step, ...]:
        """The stages of the pipeline's `dvc.yaml` and what they depend on, in DVC's order; or a single one."""
        from dvc.repo.reproduce import collect_stages, get_active_graph, plan_repro

        target = str(self._folder / "dvc.yaml")
        with self._holding():
            stages = collect_stages(self._repo, [f"{target}:{single}" if single else target])
            self._graph = None if single else get_active_graph(self._repo.index.graph)
            ordered = stages if single else plan_repro(self._graph, stages)
            self._stages = {self._name(stage): stage for stage in ordered}
            self._known = _Known.read(self._folder / "dvc.lock")
            self._unsaved = [name for name, stage in self._stages.items() if not self._is_in_lock(stage)]
            self._done = set()
        return tuple(Step(name, self._needs(stage)) for name, stage in self._stages.items())

    def _is_in_lock(self, stage: Any) -> bool:
        return stage.path_in_repo.endswith(".dvc") or self._name(stage) in self._known.stages

    def _name(self, stage: Any) -> str:
        """The stage's own name in the pipeline; with its file for those of other files."""
        ours = Path(stage.path) == self._folder / "dvc.yaml" and getattr(stage, "name", None)
        return str(stage.name) if ours else str(stage.addressing)

    def _needs(self, stage: Any) -> frozenset[str]:
        if self._graph is None:
            return frozenset()
        return frozenset(self._name(one) for one in self._graph.successors(stage)) & self._stages.keys()

    def reproduce(self, name: str, *, force: bool) -> bool:
        """Bring a stage up to date and record it, as `dvc repro` does; whether there was anything to do.

        Raises Busy, OutsideError, and what `execute` raises.
        """
        from dvc.exceptions import DvcException
        from dvc.lock import LockError

        stage = self._stages[name]
        with self._holding(anew=False):
            upstream = list(self._graph.successors(stage)) if self._graph is not None else []
            try:
                changed = stage.reproduce(upstream=upstream, force=force, interactive=False)
            except LockError as error:
                raise Busy(str(error)) from error
            except DvcException as error:
                raise _told(name, error) from error
            self._done.add(name)
            if changed:
                self._record(name)
            return bool(changed)

    def _record(self, name: str) -> None:
        """Write to `dvc.lock`: at once what is in there, what is new in DVC's order, for the file keeps the order."""
        if name not in self._unsaved and not self._known.holds(self._stages[name]):
            _dump(self._stages[name])
        while self._unsaved and self._unsaved[0] in self._done:
            _dump(self._stages[self._unsaved.pop(0)])

    def record_rest(self) -> None:
        """Write what still waits for a stage that failed."""
        with self._holding():
            for name in [name for name in self._unsaved if name in self._done]:
                _dump(self._stages[name])
            self._unsaved = []

    def status(self) -> Mapping[str, Any]:
        """What `dvc status` says of the pipeline: empty where there is nothing to do."""
        with self._holding():
            return dict(self._repo.status(targets=[str(self._folder / "dvc.yaml")]))

    def files(self) -> tuple[Path, ...] | None:
        """All files and folders that the last answer of `status` depends on; None where it is not files alone."""
        with self._holding():
            return _files(self._repo, list(self._stages.values()))

    @contextlib.contextmanager
    def _holding(self, *, anew: bool = True) -> Iterator[None]:
        """Be the one thread in DVC, with DVC's lock. `anew`: DVC reads everything again, as at a command's start.

        Between stages DVC reads again only what a stage's command may have changed; it does so itself.
        """
        with self._inside():
            self._repo.lock.lock()
            try:
                if anew:
                    self._repo._reset()
                yield
            finally:
                self._repo.lock.unlock()

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        """Be the one thread in DVC, in the pipeline's folder: some paths are relative to where it is called."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        self._baton.acquire()
        os.chdir(self._folder)

    def _leave(self) -> None:
        os.chdir(self._called_from)
        self._baton.release()

    def _patient(self, lock: Callable[[], None]) -> Callable[[], None]:
        """Wait for DVC's lock as long as it takes, and say who holds it. DVC itself gives up after three seconds."""
        from dvc.lock import LockError

        def wait() -> None:
            told = False
            while True:
                try:
                    return lock()
                except LockError:
                    if not told:
                        holder = _holder(self._repo.lock.lockfile)
                        self._note(f"waiting for the lock of this repository, held by {holder}")
                    told = True

        return wait

    def run_command(self, stage: Any) -> None:
        """What DVC calls, without its lock, to execute a stage. The other threads go on in the meantime."""
        name = self._name(stage)
        self.executed.append(name)
        environment = _environment(stage)
        self._leave()
        try:
            known = isinstance(stage.cmd, str) and self._execute(
                name, stage.cmd, environment, lambda: self._clear(stage)
            )
            if not known:
                _shell(name, stage, environment)
        finally:
            self._enter()

    def _clear(self, stage: Any) -> None:
        """Remove the outputs again, as DVC did before the first attempt."""
        with self._inside():
            self._repo.lock.lock()
            try:
                stage.remove_outs(ignore_remove=False, force=False)
            finally:
                self._repo.lock.unlock()


def _quiet() -> None:
    """DVC's progress is not shown; what it warns of is kept from the terminal too, errors arrive as exceptions."""
    logger = logging.getLogger("dvc")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.ERROR)
    logger.propagate = False


def _repair_rwlock(folder: Path) -> None:
    """DVC writes this file in place: killed at that moment, it leaves one that it cannot read. DVC says: remove it."""
    import json

    path = folder / "rwlock"
    try:
        json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return
    except ValueError:
        time.sleep(0.2)  # unless somebody is writing it just now
        with contextlib.suppress(ValueError, FileNotFoundError):
            json.loads(path.read_text("utf-8"))
            return
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Known:
    """The stages in `dvc.lock`, and the file's state when they were read."""

    stages: Mapping[str, Any]
    path: Path | None
    state: tuple[int, int, int] = (0, 0, 0)

    @classmethod
    def read(cls, path: Path) -> _Known:
        """The file's stages; none where there is no file."""
        from dvc.utils.serialize import load_yaml

        if not path.exists():
            return cls({}, None)
        state = _state(path)
        return cls(load_yaml(str(path)).get("stages", {}), path, state)

    def holds(self, stage: Any) -> bool:
        """Whether the file already says of the stage just what DVC would write."""
        from dvc.stage.serialize import to_lockfile

        if self.path is None or not self.path.exists() or _state(self.path) != self.state:
            return False
        return bool(to_lockfile(stage).get(stage.name) == self.stages.get(stage.name))


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _dump(stage: Any) -> None:
    stage.dump(update_pipeline=False)


def _told(name: str, error: Exception) -> Exception:
    """An error of ours that passed through DVC as it was; one of DVC's in our words."""
    cause = error.__cause__
    text = f"{error}" + (f": {cause}" if cause is not None else "")
    if missing := unwritten(name, text):
        return missing
    return OutsideError(f"DVC cannot reproduce stage `{name}`: {text}", hint="`dvc repro` says more")


def _holder(path: str) -> str:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return process_name(int(Path(path).read_text("utf-8").split()[0]))
    return "another process"


def _environment(stage: Any) -> dict[str, str]:
    """What DVC gives to a command, started in the pipeline's folder."""
    from dvc.stage.run import prepare_kwargs

    found = dict(prepare_kwargs(stage)["env"])
    return {**found, "DVC_STAGE": str(stage.name)} if getattr(stage, "name", None) else found


def _shell(name: str, stage: Any, environment: Mapping[str, str]) -> None:
    """A command that nb2prod does not know: as DVC runs it, in a shell. Raises OutsideError."""
    from dvc.stage.exceptions import StageCmdFailedError
    from dvc.stage.run import _enforce_cmd_list, _run, get_executable, prepare_kwargs

    where = {**prepare_kwargs(stage), "env": {**environment, "PATH": process_environment()["PATH"]}}
    for command in _enforce_cmd_list(stage.cmd):
        with tempfile.TemporaryFile() as said:
            try:
                _run(get_executable(), command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, **where)
            except StageCmdFailedError as error:
                said.seek(max(0, said.tell() - 4000))
                text = said.read().decode("utf-8", "replace").strip()
                raise OutsideError(f"stage `{name}` failed: {error}", hint=text) from error


# ── The two places where DVC calls us ────────────────────────────────────────────────────────────────────

_open: dict[int, Reproduction] = {}


def _install_seams() -> None:
    """DVC runs a stage's command through us, and replaces `dvc.lock` whole instead of writing it in place."""
    import dvc.dvcfile
    import dvc.stage.run

    plain = dvc.stage.run.cmd_run
    if getattr(plain, "is_seam", False):
        return

    def cmd_run(stage: Any, dry: bool = False, run_env: Any = None) -> None:
        ours = _open.get(id(stage.repo))
        if ours is None or dry:
            plain(stage, dry=dry, run_env=run_env)
        else:
            ours.run_command(stage)

    cmd_run.is_seam = True  # type: ignore[attr-defined]
    dvc.stage.run.cmd_run = cmd_run
    dvc.dvcfile.modify_yaml = _whole(dvc.dvcfile.modify_yaml)


def _whole(modify: Any) -> Any:
    @contextlib.contextmanager
    def modify_whole(path: Any, fs: Any = None) -> Iterator[Any]:
        target = Path(path)
        scratch = next((one / ".dvc" / "tmp" for one in target.parents if (one / ".dvc" / "tmp").is_dir()), None)
        temporary = scratch / f"{target.name}.{os.getpid()}" if scratch else target
        if scratch:
            temporary.unlink(missing_ok=True)
            if target.exists():
                shutil.copy2(target, temporary)
        try:
            with modify(str(temporary), fs=fs) as data:
                yield data
            if scratch:
                temporary.replace(target)
        finally:
            if scratch:
                temporary.unlink(missing_ok=True)

    return modify_whole


# ── What DVC's answer depends on ─────────────────────────────────────────────────────────────────────────


def _files(repo: Any, stages: Sequence[Any]) -> tuple[Path, ...] | None:
    from dvc.dependency.base import Dependency
    from dvc.dependency.param import ParamsDependency
    from dvc.output import Output

    paths = [*_settings(repo)]
    for stage in stages:
        if stage.is_callback or stage.always_changed or stage.frozen or stage.is_import:
            return None
        entries = [*stage.deps, *stage.outs]
        if any(type(one) not in (Dependency, ParamsDependency, Output) for one in entries):
            return None
        if any(one.protocol != "local" for one in entries):
            return None
        paths += [Path(stage.path), Path(stage.path).with_suffix(".lock")]
        paths += [Path(one.fs_path) for one in entries]
        paths += [path for out in stage.outs for path in _cached(out)]
    return tuple(dict.fromkeys(paths))


def _settings(repo: Any) -> Iterator[Path]:
    root = Path(repo.root_dir)
    yield from (root / ".dvc" / name for name in ("config", "config.local"))
    yield root / ".dvcignore"


def _cached(out: Any) -> Iterator[Path]:
    """The objects in DVC's cache: without them a stage is not up to date for DVC."""
    if not out.use_cache or not out.hash_info:
        return
    yield Path(out.cache.oid_to_path(out.hash_info.value))
    if out.hash_info.isdir:
        yield from (Path(out.cache.oid_to_path(hashed.value)) for _, _, hashed in out.get_obj())
