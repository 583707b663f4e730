"""Randomness and clocks that are the same in every run, and who used them without a seed."""

from __future__ import annotations

import functools
import hashlib
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from _nb2prod_watching import OWN, Pausable, first_caller

# Jupyter and the tools below it need ids that never repeat; a library that is being imported seeds itself.
_MACHINERY = {
    "IPython", "_frozen_importlib", "_frozen_importlib_external", "aiohttp", "asyncio", "comm", "concurrent",
    "email", "http", "importlib", "ipykernel", "joblib", "jupyter_client", "logging", "matplotlib_inline",
    "multiprocessing", "requests", "socket", "ssl", "tempfile", "threading", "tornado", "traitlets", "urllib3",
    "zmq",
}  # fmt: skip
_PASS_THROUGH = {"os", "random", "secrets", "uuid"} | OWN


class Entropy(Pausable):
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
    return first_caller(3, _PASS_THROUGH).partition(".")[0] in _MACHINERY


class Clock(Pausable):
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


class Generators:
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
