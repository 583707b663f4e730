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

import builtins
import configparser
import fnmatch
import functools
import glob
import hashlib
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import locale
import os
import platform
import random
import re
import shutil
import socket
import stat
import sys
import sysconfig
import time
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
        _write_json(Path(out), _environment())


def _observer() -> _Observer:
    return sys.modules[NAME]._current  # type: ignore[no-any-return]


_current: Any = None


def _start(stage_file: str, root: str, package: str, seed: int, clock: int) -> None:
    stage = _load_stage(stage_file, package)
    vars(sys.modules[NAME])["_current"] = _Observer(stage, root, package, seed, clock)


def _beside(name: str) -> Any:
    """Load a file of this folder as a module that nobody can import by accident."""
    module = types.ModuleType(f"_nb2prod_{name}")
    sys.modules[module.__name__] = module
    exec(compile(Path(__file__).with_name(f"{name}.py").read_text("utf-8"), f"{name}.py", "exec"), module.__dict__)
    return module


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
        self.root = stage.ROOT = _absolute(root)
        self.entropy = _Entropy(seed)
        self.generators = _Generators(seed)
        self.files = _Files(self.root)
        self.clock = _Clock(clock)
        self.modules = stage.Modules(root)
        self.modules.look = functools.partial(self._quietly, self.modules.look)
        self._formats: dict[Any, Any] = {}
        self._imports = _beside("own_code").Imports(self.root)
        # Of each cell, by its number, the figures that it turned into images.
        self.cell = ""
        self.drawings: dict[str, list[str]] = {}
        self.walls: Any = None
        self.sources: Any = None
        self.confidential = _beside("confidential").Confidential(stage, self.root, package, self.files.paused)
        self.entropy.install()
        self.clock.install()
        self.generators.install()
        _after_import("numpy.random", self._numpy_imported)
        _after_import("torch", self.generators.torch_imported)
        _after_import("matplotlib.backend_bases", self._drawing_imported)
        self.files.install()
        self.confidential.install()

    def _numpy_imported(self, module: Any) -> None:
        self.entropy.numpy_imported(module)
        self.generators.numpy_imported(module)

    def _drawing_imported(self, module: Any) -> None:
        _beside("drawings").watch(module, self._note_drawing, self._look_at)

    def guard(self, tree: str, kept: Iterable[str], offline: bool) -> None:
        with self.files.paused():
            kept = list(kept)
            _beside("own_code").follow(tree, kept)
            self.walls = _beside("walls").Walls(tree, kept, lambda: self.cell, self.files.paused)
            self.walls.raise_(offline=offline)
            for name in self.walls.DRIVERS if offline else ():
                _after_import(name, self.walls.close_driver)

    def record(self, folder: str, mode: str) -> None:
        with self.files.paused():
            self.sources = _beside("sources").Sources(folder, mode, self.root, lambda: self.cell, self.files.paused)
            if self.walls:
                self.walls.is_recorded = lambda: self.sources.is_active
                self.sources.is_own_server = self.walls.is_own_server
            self.sources.install(_after_import)

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
        unseeded = self.unseeded()
        self.confidential.look()
        values = _Variables(self.stage, self.package, live, self._formats, _shared(self.modules))
        files, network = self.files.take()
        untouched = self.generators.untouched()
        record = {
            "variables": values.records(),
            "groups": values.groups(),
            "random": _random(self.stage, untouched),
            "untouched": untouched,
            "ambient": _ambient(self.stage, setters),
            "files": files,
            "network": network,
            "unseeded": unseeded,
            "clock": self.clock.looks,
            "drawings": self.drawings,
            "modules": _modules(self.root),
            "imports": self._imports.look(),
            "loose_modules": _loose_modules(self.root, self.files.ignored),
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


# ── Variables ────────────────────────────────────────────────────────────────────────────────────────────

_HISTORY = re.compile(r"_i{0,3}|_i?\d+|_{1,3}|_[doi]h|In|Out|exit|quit|get_ipython|__\w+__")


class _Variables:
    """The notebook's variables: what each is, who shares state with whom, how live ones are stored."""

    def __init__(
        self, stage: Any, package: str, live: list[str], formats: dict[Any, Any], in_modules: set[int]
    ) -> None:
        self._stage = stage
        self._in_modules = in_modules
        self._formats = formats
        self._values = _user_variables(package)
        self._live = [name for name in dict.fromkeys(live) if name in self._values]
        self._errors: dict[str, str] = {}
        # The walks live as long as this object: they keep alive the objects whose ids are compared.
        self._walks = {name: self._walk(name) for name in self._values}
        self._sharing = self._find_sharing()

    def _walk(self, name: str) -> Any:
        try:
            return self._stage.Walk(self._values[name])
        except Exception as error:  # a user's object may fail in any way; the kernel must go on
            self._errors[name] = f"it cannot be looked at ({type(error).__name__}: {error})"
            return None

    def _find_sharing(self) -> dict[str, set[str]]:
        """Map each variable to those that one of the two could change for the other."""
        sharing: dict[str, set[str]] = {name: set() for name in self._values}
        writers: dict[int, set[str]] = {}
        for name, walk in self._walks.items():
            for key in walk.shared if walk else ():
                writers.setdefault(key, set()).add(name)
        for name, walk in self._walks.items():
            for key in walk.shared | walk.readonly if walk else ():
                for writer in writers.get(key, set()) - {name}:
                    sharing[name].add(writer)
                    sharing[writer].add(name)
        return sharing

    def records(self) -> dict[str, Any]:
        return {name: self._record(name) for name in self._values}

    def _record(self, name: str) -> dict[str, Any]:
        value, walk = self._values[name], self._walks[name]
        kind = _kind(value, walk)
        key, why, stored = None, self._errors.get(name), None
        if name in self._live and walk:
            key, why, stored = self._format_of(value, walk)
        if key and walk.placed:
            key, why = None, "it names the project's folder, which is another one elsewhere"
        if key and walk.secret:
            key, why = None, f"it holds the value of {walk.secret}, which is never written"
        if key and self._in_modules & walk.shared:
            key, why = None, "it is part of what a module of the project holds"
        if kind == "opaque" and why is None:
            why = "only its type is known"
        return {
            "fingerprint": walk.fingerprint if walk else "unknown",
            "type": _type_name(type(value)),
            "kind": kind,
            "bytes": walk.size if walk else None,
            "shares": sorted(self._sharing[name]),
            "classes": sorted(walk.own) if walk else [],
            "modules": sorted(walk.modules) if walk else [],
            "format": key,
            "stored": stored,
            "why": why,
        }

    def _format_of(self, value: Any, walk: Any) -> tuple[str | None, str, int | None]:
        """What was tried for the same content is not tried again."""
        asked = (walk.fingerprint, _type_name(type(value)))
        if asked not in self._formats:
            self._formats[asked] = self._format(value, walk.size)
        return self._formats[asked]

    def _format(self, value: Any, size: int = 0) -> tuple[str | None, str, int | None]:
        try:
            key, why = self._stage.choose_format(value, size)
            return key, why, _beside("file_sizes").stored_bytes(self._stage, value, key, size) if key else None
        except Exception as error:  # as above: a user's object
            return None, f"it cannot be stored ({type(error).__name__}: {error})", None

    def groups(self) -> list[dict[str, Any]]:
        """Return the live variables that share state, directly or through one another, as one value each."""
        return [self._group(names) for names in self._components() if len(names) > 1]

    def _components(self) -> Iterator[list[str]]:
        left = set(self._live)
        while left:
            names, pending = set(), [min(left)]
            while pending:
                name = pending.pop()
                if name in left:
                    left.remove(name)
                    names.add(name)
                    pending.extend(self._sharing[name])
            yield sorted(names)

    def _group(self, names: list[str]) -> dict[str, Any]:
        together = tuple(self._values[name] for name in names)
        key, why, stored = self._format(together)
        why = why.replace("a tuple cannot be stored", f"{', '.join(names)} cannot be stored in one file", 1)
        try:
            print_ = self._stage.fingerprint(together)
        except Exception as error:  # as above: a user's object
            print_, why = None, f"it cannot be looked at ({type(error).__name__}: {error})"
        return {"names": names, "format": key, "stored": stored, "why": why, "fingerprint": print_}


def _user_variables(package: str) -> dict[str, Any]:
    """Return the names that the notebook bound, without IPython's own."""
    shell = _shell()
    names = shell.user_ns if shell else sys.modules["__main__"].__dict__
    hidden = shell.user_ns_hidden if shell else {}
    mine = sys.modules.get(f"{package}._stage", names)
    return {
        name: value
        for name, value in list(names.items())
        if not _HISTORY.fullmatch(name) and hidden.get(name, names) is not value and value is not mine
    }


def _shell() -> Any:
    getter = getattr(builtins, "get_ipython", None) or sys.modules["__main__"].__dict__.get("get_ipython")
    return getter() if getter else None


def _kind(value: Any, walk: Any) -> str:
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.BuiltinFunctionType) and not isinstance(value.__self__, (types.ModuleType, type(None))):
        return "value"  # a method bound to an object travels with it
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
        return "function"
    return "opaque" if walk is None or walk.opaque else "value"


def _type_name(kind: type) -> str:
    """Name a type by the shortest module that offers it: pandas.DataFrame, not pandas.core.frame's."""
    parts = str(kind.__module__).split(".")
    for end in range(1, len(parts)):
        module = sys.modules.get(".".join(parts[:end]))
        if module is not None and module.__dict__.get(kind.__name__) is kind:
            return ".".join([*parts[:end], kind.__name__])
    own = parts[0] in ("builtins", "__main__")
    return kind.__qualname__ if own else f"{kind.__module__}.{kind.__qualname__}"


# ── Ambient state ────────────────────────────────────────────────────────────────────────────────────────

# Set by Jupyter for each kernel, or changed by every shell: they say nothing about the notebook.
_KERNELS_OWN = re.compile(r"JPY_.*|JUPYTER_.*|PAPERMILL_.*|IPY.*|(COLUMNS|LINES|SHLVL|PWD|OLDPWD|_)$")


def _random(stage: Any, untouched: list[str]) -> dict[str, str | None]:
    """Return each generator's state; None where nobody seeded: that state is not the notebook's."""
    known = {name: state for name, state in stage.random_state().items() if name not in untouched}
    names = ("python", "numpy", "torch")
    return {name: stage.fingerprint(known[name]) if name in known else None for name in names}


def _ambient(stage: Any, setters: list[str]) -> dict[str, str | None]:
    facts = {
        "environ": lambda: sorted(item for item in os.environ.items() if not _KERNELS_OWN.match(item[0])),
        "pandas_options": _pandas_options,
        "numpy_print": _numpy_options,
        "rcparams": _rcparams,
        "warnings": lambda: warnings.filters,
        "sys_path": lambda: list(sys.path),
        **{name: functools.partial(stage.setting, name) for name in setters},
    }
    found = {name: _contained(stage, fact) for name, fact in facts.items()}
    return {"cwd": _cwd(), **found}


def _contained(stage: Any, fact: Callable[[], Any]) -> str | None:
    try:
        value = fact()
        return None if value is None else stage.fingerprint(value)
    except Exception:  # a library's options are its own affair: unknown is an answer
        return None


def _cwd() -> str | None:
    try:
        return str(Path.cwd())
    except OSError:  # the notebook removed its own folder
        return None


def _pandas_options() -> Any:
    pandas = sys.modules.get("pandas")
    return pandas and pandas._config.config._global_config


def _numpy_options() -> Any:
    numpy = sys.modules.get("numpy")
    return numpy and [numpy.get_printoptions(), numpy.geterr()]


def _rcparams() -> Any:
    matplotlib = sys.modules.get("matplotlib")
    if not matplotlib:
        return None
    # Read past the mapping's own access, which would choose a backend.
    settings = dict.items(matplotlib.rcParams)
    return sorted((key, repr(value)) for key, value in settings if not key.startswith("backend"))


_PACKAGES = re.compile(r"(site|dist)-packages")


def _modules(root: str) -> list[dict[str, str]]:
    """Name the imported modules that are not Python's own: libraries by their top, local code one by one."""
    found = []
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or name in (NAME, "_nb2prod_stage", "__main__"):
            continue
        path = _absolute(file)
        local = path.startswith(root + os.sep) and "site-packages" not in path
        if local or ("." not in name and not _is_standard(name, path)):
            found.append({"name": name, "file": path})
    return found


def _loose_modules(root: str, owned: tuple[str, ...]) -> list[str]:
    """List the files of imported modules that are neither the project's nor Python's nor below site-packages."""
    files = [getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name[:8] != "_nb2prod"]
    paths = {_absolute(file) for file in files if isinstance(file, str) and not _PACKAGES.search(file)}
    owned = (root + os.sep, *owned)
    return sorted(path for path in paths if not path.startswith(owned))


def _is_standard(name: str, file: str) -> bool:
    known = getattr(sys, "stdlib_module_names", None)
    if known is not None:
        return name in known
    return file.startswith(sysconfig.get_path("stdlib")) and "site-packages" not in file


# ── Randomness ───────────────────────────────────────────────────────────────────────────────────────────

# Jupyter and the tools below it need ids that never repeat; a library that is being imported seeds itself.
_MACHINERY = {
    "IPython", "_frozen_importlib", "_frozen_importlib_external", "aiohttp", "asyncio", "comm", "concurrent",
    "email", "http", "importlib", "ipykernel", "joblib", "jupyter_client", "logging", "matplotlib_inline",
    "multiprocessing", "requests", "socket", "ssl", "tempfile", "threading", "tornado", "traitlets", "urllib3",
    "zmq",
}  # fmt: skip
_PASS_THROUGH = {"os", "random", "secrets", "uuid", NAME}


class _Pausable:
    """Something that the observer's own work must not disturb."""

    _paused = 0

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the real thing through for a while."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1


class _Entropy(_Pausable):
    """Entropy that is the same in every run, in place of the operating system's."""

    def __init__(self, seed: int) -> None:
        self.calls = 0
        self._seed = seed
        self._real = getattr(os.urandom, "_nb2prod_real", os.urandom)
        self.pin("")

    def pin(self, label: str) -> None:
        self._key = f"{self._seed} {label} ".encode()
        self._count = 0

    def draw(self, size: int) -> bytes:
        if self._paused or _asked_by_machinery():
            return self._real(size)
        self.calls += 1
        self._count += 1
        return hashlib.shake_256(self._key + str(self._count).encode()).digest(size)

    def install(self) -> None:
        """Replace the places where Python asks the system: `os.urandom`, and an unseeded generator."""

        @functools.wraps(self._real)
        def urandom(size: int) -> bytes:
            return self.draw(size)

        urandom._nb2prod_real = self._real  # type: ignore[attr-defined]
        os.urandom = urandom
        random._urandom = urandom  # type: ignore[attr-defined]
        self._wrap_seed()

    def _wrap_seed(self) -> None:
        original = getattr(random.Random.seed, "_nb2prod_real", random.Random.seed)

        @functools.wraps(original)
        def seed(generator: random.Random, a: Any = None, version: int = 2) -> None:
            original(generator, int.from_bytes(self.draw(32), "big") if a is None else a, version)

        seed._nb2prod_real = original  # type: ignore[attr-defined]
        random.Random.seed = seed  # type: ignore[method-assign]
        random.seed = random._inst.seed  # type: ignore[attr-defined]

    def numpy_imported(self, module: Any) -> None:
        """Every seed that NumPy makes up comes from this one name."""

        def randbits(bits: int) -> int:
            return int.from_bytes(self.draw((bits + 7) // 8), "big")

        module.bit_generator.randbits = randbits


def _asked_by_machinery() -> bool:
    """Say whether the entropy is for Jupyter's ids or a temporary name: nobody's result depends on it."""
    return _first_caller(3, _PASS_THROUGH).partition(".")[0] in _MACHINERY


def _first_caller(depth: int, layers: set[str]) -> str:
    """Name the module of the first frame above that is not one of `layers`."""
    frame: Any = sys._getframe(depth)
    name = ""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name not in layers:
            break
        frame = frame.f_back
    return name


class _Clock(_Pausable):
    """Clocks that only move when somebody looks: what a cell measures is the same in every run.

    A look moves them on by a millisecond, so that a loop that waits for time to pass comes to its end. What asks
    otherwise than through the `time` module (`datetime.now()`, `timeit`) sees the real time.
    """

    _NAMES = ("time", "time_ns", "perf_counter", "perf_counter_ns", "process_time", "process_time_ns")
    _CALENDARS = (("localtime", 0), ("gmtime", 0), ("ctime", 0), ("strftime", 1), ("asctime", 0))
    _EPOCH = 1_700_000_000
    _PER_CELL = 10_000

    def __init__(self, day: int) -> None:
        self.looks = 0
        # On another day time passes at another pace too, so that durations differ as well.
        self._start = 86_400_000 * day
        self._tick = 1 + 2 * day
        self._moment = 0
        self._ticks = 0

    def pin(self, moment: int) -> None:
        self._moment, self._ticks = moment, 0

    def install(self) -> None:
        for name in self._NAMES:
            real = getattr(time, name)
            setattr(time, name, self._held(name, getattr(real, "_nb2prod_real", real)))
        for name, place in self._CALENDARS:
            real = getattr(time, name)
            setattr(time, name, self._dated(name, place, getattr(real, "_nb2prod_real", real)))

    def _held(self, name: str, real: Callable[[], Any]) -> Callable[[], Any]:
        start = self._EPOCH if name.startswith("time") else 0

        @functools.wraps(real)
        def clock() -> Any:
            if self._paused or _asked_by_machinery():
                return real()
            milliseconds = self._look(start)
            return milliseconds * 1_000_000 if name.endswith("_ns") else milliseconds / 1000

        clock._nb2prod_real = real  # type: ignore[attr-defined]
        return clock

    def _look(self, start: int) -> int:
        """Milliseconds since `start`, after one more look."""
        self.looks += 1
        self._ticks += self._tick
        return 1000 * (start + self._PER_CELL * self._moment) + self._start + self._ticks

    def _dated(self, name: str, place: int, real: Callable[..., Any]) -> Callable[..., Any]:
        """A function of the calendar, which takes the time of now where its argument at `place` is left out."""
        local = getattr(time.localtime, "_nb2prod_real", time.localtime)

        @functools.wraps(real)
        def calendar(*given: Any) -> Any:
            if given[place:] not in ((), (None,)) or self._paused or _asked_by_machinery():
                return real(*given)
            now = self._look(self._EPOCH) / 1000
            return real(*given[:place], local(now) if name in ("strftime", "asctime") else now)

        calendar._nb2prod_real = real  # type: ignore[attr-defined]
        return calendar


class _Generators:
    """The global generators: pinned at the start, and watched for use before somebody seeds them.

    A generator that nobody has seeded is pinned anew at every cell, so that a stage needs no state of an earlier
    one for it: there is none that a second run would find again.

    Use is seen as a difference from the state at the last look, so drawing nothing and restoring a state look
    alike; that errs on the side of silence only where no number reached the notebook.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._label = ""
        self._states: dict[str, Callable[[], Any]] = {}
        self._setters: dict[str, Callable[[Any], None]] = {}
        self._seeders: dict[str, Callable[[int], None]] = {}
        self._last: dict[str, str] = {}
        self._seeded: set[str] = set()
        self._used: set[str] = set()
        self._held: dict[str, Any] = {}

    def install(self) -> None:
        own = random._inst  # type: ignore[attr-defined]
        self._watch("python", random.getstate, random.setstate, functools.partial(random.Random.seed, own))
        self._note_seeding("python", random, ("seed", "setstate"))

    def numpy_imported(self, module: Any) -> None:
        self._watch("numpy", lambda: module.get_state(legacy=False), module.set_state, module.seed)
        self._note_seeding("numpy", module, ("seed", "set_state"))

    def torch_imported(self, module: Any) -> None:
        self._watch("torch", module.get_rng_state, module.set_rng_state, module.manual_seed)
        self._note_seeding("torch", module, ("manual_seed", "set_rng_state"))

    def _watch(self, name: str, get: Callable[[], Any], put: Callable[[Any], None], seed: Callable[[int], Any]) -> None:
        self._states[name], self._setters[name], self._seeders[name] = get, put, seed
        self._restart(name)

    def _restart(self, name: str) -> None:
        # No seed that a notebook would choose: its own seeding must show as a change.
        text = f"pinned {self._seed} {self._label}".encode()
        self._seeders[name](int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big"))
        self._last[name] = repr(self._states[name]())

    def pin(self, label: str) -> None:
        """Start the generators that nobody has seeded at a state given by `label`."""
        self._label = label
        for name in self._states.keys() - self._seeded:
            self._look(name)
            self._restart(name)

    def untouched(self) -> list[str]:
        """Name the generators that nobody has seeded: their state is nothing that could be handed on."""
        return [name for name in self._states if name not in self._seeded]

    def _note_seeding(self, name: str, module: Any, functions: Iterable[str]) -> None:
        for function in functions:
            setattr(module, function, self._noting(name, getattr(module, function)))

    def _noting(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def seed(*args: Any, **kwargs: Any) -> Any:
            self._look(name)
            if any(value is not None for value in (*args, *kwargs.values())):
                self._seeded.add(name)
            return original(*args, **kwargs)

        return seed

    def _look(self, name: str) -> None:
        if name not in self._seeded and repr(self._states[name]()) != self._last[name]:
            self._used.add(name)

    def unseeded(self) -> list[str]:
        for name in self._states:
            self._look(name)
        return sorted(self._used)

    def next_period(self) -> None:
        self._used.clear()
        self._last = {name: repr(get()) for name, get in self._states.items()}

    def hold(self) -> None:
        self._held = {name: get() for name, get in self._states.items()}

    def rewind(self) -> None:
        for name, state in self._held.items():
            self._setters[name](state)

    @contextmanager
    def kept(self) -> Iterator[None]:
        states = {name: get() for name, get in self._states.items()}
        try:
            yield
        finally:
            for name, state in states.items():
                self._setters[name](state)


def _after_import(name: str, call: Callable[[Any], None]) -> None:
    """Call with a module once it is imported: now, or when the notebook does it."""
    module = sys.modules.get(name)
    if module is not None:
        call(module)
    else:
        sys.meta_path.insert(0, _AfterImport(name, call))


class _AfterImport:
    """A finder that finds one module as usual, and calls back when it has run."""

    def __init__(self, name: str, call: Callable[[Any], None]) -> None:
        self._name, self._call = name, call

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            self._call(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


# ── Files and network ────────────────────────────────────────────────────────────────────────────────────

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class _Files(_Pausable):
    """Files and hosts that the process touched, from Python's audit events.

    Libraries that open files in C (Arrow, HDF5) and subprocesses raise no such events.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self.ignored = _ignored_folders()
        self._seen: dict[tuple[str, str], None] = {}
        self._hosts: dict[str, None] = {}
        self._globbed: set[str] = set()
        self.programs: set[str] = set()
        self._naming = _beside("programs")
        self._handlers: dict[str, Callable[..., None]] = {
            "open": self._open,
            "sqlite3.connect": lambda path: self._add(path, "write"),
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
            if handler is None or self._paused or self is not getattr(_current, "files", self):
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

    def _list(self, path: Any) -> None:
        by_pattern = isinstance(path, (str, os.PathLike, type(None))) and _absolute(path or ".") in self._globbed
        if not (by_pattern and _asked_by_pattern()):
            self._add(path or ".", "list")

    def _glob(self, pattern: Any) -> None:
        """Whoever looks for `*.csv` sees these names only; a pattern for folders, or for all files, is a listing."""
        folder, _, names = _absolute(os.fsdecode(pattern)).rpartition(os.sep)
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
        full = _absolute(os.fsdecode(path))
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
    folders |= {path for path in caches if path and not _absolute(".").startswith(_absolute(path) + os.sep)}
    shell = _shell()
    if shell:
        folders.add(str(Path(shell.profile_dir.location).parent))
    return tuple(_absolute(folder) + os.sep for folder in sorted(folders))


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - links are part of the name; `resolve` would follow them


_IMPORT_SYSTEM = {
    "_frozen_importlib", "_frozen_importlib_external", "importlib._bootstrap",
    "importlib._bootstrap_external", "importlib.metadata", "inspect", "linecache", "pkgutil", "tokenize",
    "zipimport",
}  # fmt: skip
_FILE_LAYERS = {"codecs", "contextlib", "functools", "genericpath", "io", "os", "pathlib", "zipfile", NAME}


def _asked_by_pattern() -> bool:
    """Say whether the names of a folder are asked for by `glob`, or by `Path.glob`."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in (NAME, "os"):
        frame = frame.f_back
    module = str(frame.f_globals.get("__name__")) if frame is not None else ""
    return module == "glob" or (module.startswith("pathlib") and frame.f_code.co_name not in ("iterdir", "walk"))


def _asked_by_import() -> bool:
    """Say whether a module is being looked for: modules are reported by name, not as files."""
    return _first_caller(3, _FILE_LAYERS) in _IMPORT_SYSTEM


# ── Environment ──────────────────────────────────────────────────────────────────────────────────────────


def _environment() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "markers": _markers(),
        "distributions": [_distribution(found) for found in _distributions()],
        "imported": _imported(),
        "process": _process(),
        "conda": _conda_packages(),
        "indexes": _indexes(),
    }


def _conda_packages() -> list[dict[str, str]]:
    """Return what conda installed into the interpreter's environment; nothing where it is not one of conda's."""
    found = []
    for path in sorted(Path(sys.prefix, "conda-meta").glob("*.json")):
        try:
            record = json.loads(path.read_text("utf-8"))
            found.append({key: str(record[key]) for key in ("name", "version", "build", "channel")})
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _indexes() -> list[str]:
    """Return the indexes that pip is told to ask besides the default one, as its settings have them."""
    names = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX")
    texts = [os.environ.get(name, "") for name in names]
    own = [Path("~", folder).expanduser() for folder in (".pip", ".config/pip")]
    places = [str(folder / "pip.conf") for folder in (Path("/etc"), *own, Path(sys.prefix))]
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read([place for place in [*places, os.environ.get("PIP_CONFIG_FILE", "")] if place], "utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return sorted({url for text in texts for url in text.split()})
    texts += [value for one in parser.sections() for key, value in parser.items(one) if key.endswith("index-url")]
    return sorted({url for text in texts for url in text.split()})


# What shapes a process before its first line: the environment's part of it.
_SHAPING = re.compile(r"TZ|LANG|LANGUAGE|LC_\w+|PATH|LD_\w+|PYTHON\w+|\w+_NUM_THREADS")


def _process() -> list[Any]:
    """Return what results may depend on besides code, data and distributions."""
    variables = sorted(item for item in os.environ.items() if _SHAPING.fullmatch(item[0]))
    zone = [time.tzname, time.timezone, os.path.realpath("/etc/localtime")]
    packages = sorted(path.name for path in Path(sys.prefix, "conda-meta").glob("*.json"))
    return [variables, zone, locale.setlocale(locale.LC_ALL), locale.getpreferredencoding(False), packages]


def _markers() -> dict[str, str]:
    """Return the variables of environment markers (PEP 508)."""
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": platform.python_version(),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def _distributions() -> list[Any]:
    """Return one distribution per name: the first on the path is the one that is imported."""
    found: dict[str, Any] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), distribution)
    return [found[name] for name in sorted(found)]


def _distribution(found: Any) -> dict[str, Any]:
    text = found.read_text("direct_url.json")
    direct_url = json.loads(text) if text else None
    return {
        "name": found.metadata["Name"],
        "version": found.version,
        "requires": list(found.requires or ()),
        "editable": bool(direct_url and direct_url.get("dir_info", {}).get("editable")),
        "direct_url": direct_url,
        "installed": _when_installed(found),
        "conda": (found.read_text("INSTALLER") or "").strip() == "conda",
    }


def _when_installed(found: Any) -> str:
    """Return what tells one installation of a version from the next: a commit later a project may have the same one."""
    try:
        info = Path(found._path, "RECORD").stat()
    except (AttributeError, TypeError, OSError):
        return ""
    return f"{info.st_size} {info.st_mtime_ns}"


# Loaded at every start of Python, or by the debugger, for distributions that nobody asked for.
_UNASKED = {"_distutils_hack", "pydevd_plugins"}


def _imported() -> list[str]:
    tops = {name.partition(".")[0] for name in sys.modules} - _UNASKED
    return sorted(found.metadata["Name"] for found in _distributions() if tops & _top_level(found))


def _top_level(found: Any) -> set[str]:
    """Return the module names that a distribution installs."""
    declared = (found.read_text("top_level.txt") or "").split()
    if declared:
        return set(declared)
    files = [path for path in found.files or () if path.suffix in (".py", ".so", ".pyd")]
    return {path.parts[0].partition(".")[0] for path in files} - {"", "__pycache__"}


def _write_json(path: Path, record: Any) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(record, indent=1), "utf-8")
    temporary.replace(path)
