"""What a kernel saw: values, files, randomness and settings, for the observed run and for the proof.

nb2prod runs one expression in the kernel before the first cell::

    __import__("runpy").run_path("observer.py")["install"](stage_file="_stage.py", root="…", package="churn")

and from then on talks to the module ``_nb2prod_observer`` in ``sys.modules``. Nothing enters the notebook's
namespace, and nothing that goes wrong in here may break the notebook: an object that cannot be looked at is
reported as opaque, with the reason.

Randomness is pinned, not removed: global generators start from the same state in every run, and what asks the
system for entropy (``default_rng()``, ``random.Random()``, ``uuid4()``) gets it from a sequence that
:func:`pin` restarts. Both are remembered, so that a notebook without a seed is told so.
"""

from __future__ import annotations

import functools
import json
import os
import socket
import sys
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

NAME = "_nb2prod_observer"


def install(stage_file: str, root: str, package: str, seed: int = 0, clock: int = 0) -> None:
    """Start to observe this kernel.

    Args:
        stage_file: path of ``_stage.py``, whose fingerprints and formats are used.
        root: the tree that the notebook runs in; files below it are always reported.
        package: name of the pipeline's package: code from it counts as the notebook's own.
        seed: where the pinned generators and the entropy start.
        clock: on which day, and at what pace, the clocks run.
    """
    module = types.ModuleType(NAME)
    module.__file__ = __file__
    # Run once more as a lasting module: what `runpy` ran belongs to a temporary one.
    exec(compile(Path(__file__).read_text("utf-8"), __file__, "exec"), module.__dict__)
    sys.modules[NAME] = module
    module._start(stage_file, root, package, seed, clock)


def mark(out: str, live: Iterable[str] = (), setters: Iterable[str] = ()) -> None:
    """Write to `out` what the kernel holds now and what it did since the last mark.

    Args:
        out: path of the JSON file.
        live: the variables that later stages may read; only for them is a storage format tried.
        setters: functions of libraries; what they set is looked at.
    """
    _observer().mark(Path(out), list(live), list(setters))


def pin(label: str, moment: int = 0) -> None:
    """Restart the pinned entropy at `label` and the clocks at `moment`.

    So the same cell gets the same entropy and the same time in notebook and stage.
    """
    _observer().pin(label, moment)


def hold() -> None:
    """Remember the states of the global generators."""
    _observer().generators.hold()


def rewind() -> None:
    """Put the global generators back to the states that `hold` found."""
    _observer().generators.rewind()


# What a library's error says where the network is asked for; nb2prod recognises it there.
OFFLINE = "the network is off in `nb2prod check --run` (--allow-network turns it on)"


def block_network() -> None:
    """Fail every attempt of this process to reach another machine, for good: an audit hook cannot be removed."""
    local = {"localhost", "0.0.0.0", "::", "::1", "", "None", socket.gethostname()}

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            address = args[1]
        elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
            address = (args[0],)
        else:
            return
        if isinstance(address, tuple) and not _is_local(address, local):
            raise OSError(OFFLINE)

    sys.addaudithook(hook)


def _is_local(address: tuple[Any, ...], local: set[str]) -> bool:
    """Say whether an address is this machine's; its discard port stands for a proxy that leads nowhere."""
    host = address[0].decode("ascii", "replace") if isinstance(address[0], bytes) else str(address[0])
    return (host in local or host.startswith("127.")) and address[1:2] != (9,)


def guard(tree: str, kept: Iterable[str], offline: bool) -> None:
    """Keep the user's own folders as they are (`kept`), and the network closed (`offline`), while the tree is run in.

    Raises nothing: what is refused fails in the notebook's own call, and stands in the next mark.
    """
    _observer().guard(tree, kept, offline)


def record(folder: str, mode: str) -> None:
    """Record what is read from others in a folder, or replay it; `mode`: "record", "replay" or "look"."""
    _observer().record(folder, mode)


def refused(out: str) -> None:
    """Write to `out` what `guard` refused so far."""
    observer = _observer()
    with observer.files.paused():
        found = {"refused": observer.walls.refused if observer.walls else []}
        _write_json(Path(out), {**found, "confidential": observer.confidential.record()})


def unseeded() -> list[str]:
    """Name the sources of randomness used unseeded since the last mark: python, numpy, torch, entropy."""
    return _observer().unseeded()


def environment(out: str) -> None:
    """Write to `out` the interpreter, its installed distributions, and those that are imported."""
    with _observer().files.paused():
        _write_json(Path(out), _part("surroundings").environment())


def _observer() -> _Observer:
    return sys.modules[NAME]._current  # type: ignore[no-any-return]


_current: Any = None


def _start(stage_file: str, root: str, package: str, seed: int, clock: int) -> None:
    for name in ("watching", "file_sizes"):  # other parts import them
        _part(name)
    stage = _load_stage(stage_file, package)
    vars(sys.modules[NAME])["_current"] = _Observer(stage, root, package, seed, clock)


def _files_in_charge() -> Any:
    """Return the files that the kernel's observer watches; None while it is being made."""
    return getattr(sys.modules[NAME]._current, "files", None)


def _part(name: str) -> Any:
    """Return a file of this folder as a module, loaded once, that nobody can import by accident and no look sees."""
    full = f"_nb2prod_{name}"
    if full not in sys.modules:
        sys.modules[full] = types.ModuleType(full)
        code = Path(__file__).with_name(f"{name}.py").read_text("utf-8")
        exec(compile(code, f"{name}.py", "exec"), sys.modules[full].__dict__)
    return sys.modules[full]


def _load_stage(stage_file: str, package: str) -> Any:
    """Load a copy of ``_stage.py`` that nobody can import by accident."""
    module = types.ModuleType("_nb2prod_stage")
    module.__file__ = stage_file
    module.__package__ = package
    sys.modules[module.__name__] = module  # pickle looks its functions up by name
    exec(compile(Path(stage_file).read_text("utf-8"), stage_file, "exec"), module.__dict__)
    return module


class _Observer:
    """Everything that is watched in one kernel."""

    def __init__(self, stage: Any, root: str, package: str, seed: int, clock: int) -> None:
        self.stage = stage
        self.package = package
        self.root = stage.ROOT = os.path.abspath(root)  # noqa: PTH100 - links are part of the name
        self.entropy = _part("pinned").Entropy(seed)
        self.generators = _part("pinned").Generators(seed)
        self.clock = _part("pinned").Clock(clock)
        self.files = _part("files").Files(self.root, _part("programs"), _files_in_charge)
        self.modules = stage.Modules(root)
        self.modules.look = functools.partial(self._quietly, self.modules.look)
        self._formats: dict[Any, Any] = {}
        self._imports = _part("own_code").Imports(self.root)
        # Of each cell, by its number, the figures that it turned into images.
        self.cell = ""
        self.drawings: dict[str, list[str]] = {}
        self.walls: Any = None
        self.sources: Any = None
        self.confidential = _part("confidential").Confidential(stage, self.root, package, self.files.paused)
        self.entropy.install()
        self.clock.install()
        self.generators.install()
        _part("watching").after_import("numpy.random", self._numpy_imported)
        _part("watching").after_import("torch", self.generators.torch_imported)
        _part("watching").after_import("matplotlib.backend_bases", self._drawing_imported)
        self.files.install()
        self.confidential.install()

    def _numpy_imported(self, module: Any) -> None:
        self.entropy.numpy_imported(module)
        self.generators.numpy_imported(module)

    def _drawing_imported(self, module: Any) -> None:
        _part("drawings").watch(module, self._note_drawing, self._look_at)

    def guard(self, tree: str, kept: Iterable[str], offline: bool) -> None:
        with self.files.paused():
            kept = list(kept)
            _part("own_code").follow(tree, kept)
            self.walls = _part("walls").Walls(tree, kept, lambda: self.cell, self.files.paused)
            self.walls.raise_(offline=offline)
            for name in self.walls.DRIVERS if offline else ():
                _part("watching").after_import(name, self.walls.close_driver)

    def record(self, folder: str, mode: str) -> None:
        with self.files.paused():
            for name in ("http_exchanges", "databases"):  # the sources import them
                _part(name)
            self.sources = _part("sources").Sources(folder, mode, self.root, lambda: self.cell, self.files.paused)
            if self.walls:
                self.walls.is_recorded = lambda: self.sources.is_active
                self.sources.is_own_server = self.walls.is_own_server
            self.sources.install(_part("watching").after_import)

    def _look_at(self, value: Any) -> str:
        return self._quietly(self.stage.fingerprint, value)  # type: ignore[no-any-return]

    def _quietly(self, look: Callable[..., Any], *given: Any) -> Any:
        """Pickling and temporary files may draw random numbers: the notebook's sequences must not notice."""
        with self.files.paused(), self.entropy.paused(), self.clock.paused(), self.generators.kept():
            return look(*given)

    def _note_drawing(self, seen: str) -> None:
        self.drawings.setdefault(self.cell, []).append(seen)

    def pin(self, label: str, moment: int) -> None:
        self.cell = str(moment)
        self.entropy.pin(label)
        self.generators.pin(label)
        self.clock.pin(moment)

    def unseeded(self) -> list[str]:
        return self.generators.unseeded() + (["entropy"] if self.entropy.calls else [])

    def mark(self, out: Path, live: list[str], setters: list[str]) -> None:
        self._quietly(self._mark, out, live, setters)

    def _mark(self, out: Path, live: list[str], setters: list[str]) -> None:
        unseeded, settings = self.unseeded(), _part("settings")
        self.confidential.look()
        values = _part("variables").Variables(self.stage, self.package, live, self._formats, _shared(self.modules))
        files, network = self.files.take()
        untouched = self.generators.untouched()
        record = {
            "variables": values.records(),
            "groups": values.groups(),
            "random": settings.generators(self.stage, untouched),
            "untouched": untouched,
            "ambient": settings.ambient(self.stage, setters),
            "files": files,
            "network": network,
            "unseeded": unseeded,
            "clock": self.clock.looks,
            "drawings": self.drawings,
            "modules": settings.modules(self.root),
            "imports": self._imports.look(),
            "loose_modules": settings.loose_modules(self.root, self.files.ignored),
            "programs": self.files.started(),
            "module_changes": self.modules.take(),
            "confidential": self.confidential.record(),
            "refused": self.walls.refused if self.walls else [],
        }
        self.generators.next_period()
        self.entropy.calls = self.clock.looks = 0
        self.drawings = {}
        _write_json(out, record)


def _shared(modules: Any) -> set[int]:
    try:
        return modules.shared()  # type: ignore[no-any-return]
    except Exception:  # a user's object may fail in any way; the kernel must go on
        return set()


def _write_json(path: Path, record: Any) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(record, indent=1), "utf-8")
    temporary.replace(path)
