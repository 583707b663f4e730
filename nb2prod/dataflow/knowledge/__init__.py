"""What is known about libraries, as data: the tables beside this file, read once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The tables, keyed by a call's full name (`pandas.read_csv`) or a method's name (`append`)."""

    pure_modules: frozenset[str]
    pure_builtins: frozenset[str]
    scalar_builtins: frozenset[str]
    consuming_builtins: frozenset[str]
    immutable_constructors: frozenset[str]
    constructors: frozenset[str]
    type_makers: frozenset[str]
    field_makers: frozenset[str]
    finders: frozenset[str]
    constants: frozenset[str]
    decorators: frozenset[str]
    reaching: frozenset[str]
    text_readers: frozenset[str]
    swallowing: frozenset[str]
    growing: frozenset[str]
    caches: frozenset[str]
    mutates: dict[str, tuple[int, ...]]
    mutating_methods: frozenset[str]
    pure_methods: frozenset[str]
    container_methods: frozenset[str]
    list_methods: frozenset[str]
    random: dict[str, str]
    random_except: frozenset[str]
    draws: dict[str, str]
    drawing_methods: frozenset[str]
    settings: dict[str, str]
    setters: re.Pattern[str]
    no_setters: re.Pattern[str]
    setting_targets: dict[str, str]
    setting_magics: frozenset[str]
    magic_ambient: dict[str, str]
    figures: dict[str, frozenset[str]]
    keeps_figures: re.Pattern[str]
    readers: dict[str, int]
    probes: dict[str, int]
    writers: dict[str, int]
    writer_methods: dict[str, int]
    path_methods: dict[str, str]

    def rng_of(self, name: str) -> str | None:
        """The generator whose state a call of `name` uses, if it uses a global one."""
        if name in self.random_except:
            return None
        if name in self.draws:
            return self.draws[name]
        module = next((module for module in self.random if name.startswith(f"{module}.")), None)
        return (self.random[module] or None) if module else None

    def is_pure(self, name: str) -> bool:
        """Whether a call of `name` leaves its arguments as they are."""
        head, _, tail = name.partition(".")
        if name.endswith("_"):  # torch's way to say "in place"
            return False
        return tail in self.pure_builtins if head == "builtins" else head in self.pure_modules

    def is_known(self, name: str) -> bool:
        """Whether it is of a library whose ways are known."""
        return name.partition(".")[0] in self.pure_modules - {"builtins"}

    def setting_of(self, name: str) -> str | None:
        """The ambient symbol that a call of `name` sets: `$set:name` where only its name tells."""
        if name in self.settings:
            return self.settings[name]
        sounds_like = self.setters.match(name) and not self.no_setters.match(name) and self.rng_of(name) is None
        return f"$set:{name}" if sounds_like else None

    def setting_target(self, name: str) -> str | None:
        """The ambient symbol that an assignment to `name` (or below it) sets."""
        parts = name.split(".")
        prefixes = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
        return next((self.setting_targets[p] for p in prefixes if p in self.setting_targets), None)


_CALL_SETS = (
    *("pure_modules", "pure_builtins", "scalar_builtins", "consuming_builtins", "immutable_constructors"),
    *(
        "constructors",
        "type_makers",
        "field_makers",
        "finders",
        "constants",
        "decorators",
        "reaching",
        "text_readers",
        "swallowing",
        "growing",
        "caches",
    ),
)


@lru_cache(maxsize=1)
def tables() -> Knowledge:
    """The tables that come with the package."""
    calls, methods, ambient, files = (_read(name) for name in ("calls", "methods", "ambient", "files"))
    return Knowledge(
        **{name: frozenset(calls[name]) for name in _CALL_SETS},
        mutates={name: tuple(positions) for name, positions in calls["mutates"].items()} | _in_place(calls["ufuncs"]),
        mutating_methods=frozenset(methods["mutating"]),
        pure_methods=frozenset(methods["pure"]),
        container_methods=frozenset(methods["container"]),
        list_methods=frozenset(methods["list"]),
        random=ambient["random"],
        random_except=frozenset(ambient["random_except"]["names"]),
        draws={name: f"$rng:{library}" for library in ("numpy", "torch") for name in ambient["draws"][library]},
        drawing_methods=frozenset(ambient["draws"]["numpy_methods"]),
        settings=ambient["settings"],
        setters=re.compile(ambient["setters"]["pattern"]),
        no_setters=re.compile(ambient["setters"]["except"]),
        setting_targets=ambient["setting_targets"],
        setting_magics=frozenset(ambient["magics"]["settings"]),
        magic_ambient=ambient["magics"]["ambient"],
        figures={name: frozenset(listed) for name, listed in ambient["figures"].items() if name != "chosen"},
        keeps_figures=re.compile(ambient["figures"]["chosen"]),
        readers=files["readers"],
        probes=files["probes"],
        writers=files["writers"],
        writer_methods=files["writer_methods"],
        path_methods={method: mode for mode, methods in files["path_methods"].items() for method in methods},
    )


def _in_place(ufuncs: dict[str, list[str]]) -> dict[str, tuple[int, ...]]:
    """Which positional argument a ufunc changes, by its full name."""
    read = {f"numpy.{name}": int(count) for count, names in ufuncs.items() for name in names}
    found: dict[str, tuple[int, ...]] = {f"{name}.at": (0,) for name in read}
    return found | {name: (count,) for name, count in read.items()}


@lru_cache(maxsize=1)
def network() -> dict[str, Any]:
    """What reaches other machines."""
    return _read("network")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__name__) / f"{name}.toml").read_text(encoding="utf-8"))
