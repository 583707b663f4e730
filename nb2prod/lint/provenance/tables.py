"""The tables of `lint/knowledge` that the analysis reads, once per process."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Leakage:
    """`leakage.toml`: classes and functions by the last part of their names. `kinds`: what a class's object is."""

    kinds: dict[str, str]
    pipelines: Names
    baselines: Names
    ensembles: Names
    training_functions: Names
    stopping: Names
    split_functions: Names
    random_parts: Names
    loaders: tuple[str, ...]
    cross_validation: Names
    oversamplers: Names
    strong: Names
    weak: Names
    transforming: Names
    selecting: Names
    readers: Names
    wrappers: Names
    concatenating: Names
    side_by_side: Names
    elementwise: Names
    row_choosing: Names
    opaque: Names
    aligning: Names
    metrics: Names
    metrics_of_model: Names


@lru_cache(maxsize=1)
def leakage() -> Leakage:
    """What splits, fits, transforms, resamples, scores."""
    raw = read("leakage")
    return Leakage(
        kinds=_kinds(raw),
        pipelines=frozenset(raw["transformers"]["pipelines"]),
        **{
            name: frozenset(raw["models"][name])
            for name in ("baselines", "ensembles", "training_functions", "stopping")
        },
        split_functions=frozenset(raw["splitters"]["functions"]),
        random_parts=frozenset(raw["splitters"]["random_parts"]),
        loaders=tuple(raw["splitters"]["loaders"]),
        cross_validation=frozenset(raw["cross_validation"]["functions"]),
        oversamplers=frozenset(raw["resampling"]["oversamplers"]),
        **{name: frozenset(raw["statistics"][name]) for name in ("strong", "weak", "transforming", "selecting")},
        **{name: frozenset(raw["data"][name]) for name in _DATA},
        metrics=frozenset(raw["metrics"]["functions"]),
        metrics_of_model=frozenset(raw["metrics"]["of_model"]),
    )


_DATA = (
    *("readers", "wrappers", "concatenating", "side_by_side", "elementwise", "row_choosing", "opaque", "aligning"),
)


def _kinds(raw: dict[str, Any]) -> dict[str, str]:
    lists = {
        **{kind: raw["transformers"][kind] for kind in ("estimating", "plain", "stateless", "clustering", "composite")},
        "search": raw["models"]["searches"],
        "model": raw["models"]["ensembles"] + raw["models"]["baselines"],
        "folds": raw["splitters"]["folds"],
        "shuffle": raw["splitters"]["shuffles"],
        "sampler": raw["resampling"]["oversamplers"] + raw["resampling"]["undersamplers"],
    }
    return {name: kind for kind, names in lists.items() for name in names}


def read(name: str) -> dict[str, Any]:
    """One table."""
    text = (resources.files("nb2prod.lint") / "knowledge" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Fixable:
    """A call with an argument that fixes it. `unless`, `when`: argument → values that keep it still, or wake it."""

    keywords: tuple[str, ...] = ("random_state",)
    generator: str = "numpy"
    unless: tuple[tuple[str, tuple[object, ...]], ...] = ()
    when: tuple[tuple[str, tuple[object, ...]], ...] = ()
    seldom: bool = False


@dataclass(frozen=True, slots=True)
class Randomness:
    """`randomness.toml`."""

    draws: dict[str, str]
    prefixes: tuple[tuple[str, str], ...]
    beginnings: tuple[str, ...]
    quiet: Names
    seeds: dict[str, Names]
    seeds_all: dict[str, Names]
    generators: Names
    functions: dict[str, Fixable]
    classes: dict[str, tuple[Fixable, ...]]
    libraries: Names
    keras_layers: Names
    torch_layers: Names

    def generator_of(self, name: str) -> str:
        """The global generator that a function draws from; empty if it is none."""
        if name in self.quiet or name in self.generators:
            return ""
        known = self.draws.get(name)
        if known or not name.startswith(self.beginnings):
            return known or ""
        return next(one for prefix, one in self.prefixes if name.startswith(prefix))


@lru_cache(maxsize=1)
def randomness() -> Randomness:
    """What draws and what seeds."""
    raw = read("randomness")
    return Randomness(
        draws={name: one for name, one in raw["draws"].items() if not name.endswith(".")},
        prefixes=tuple((name, one) for name, one in raw["draws"].items() if name.endswith(".")),
        beginnings=tuple(name for name in raw["draws"] if name.endswith(".")),
        quiet=frozenset(raw["quiet"]["names"]),
        seeds={name: frozenset(one) for name, one in raw["seeds"].items()},
        seeds_all={name: frozenset(one) for name, one in raw["seeds_all"].items()},
        generators=frozenset(raw["generators"]["names"]),
        functions=dict.fromkeys(raw["functions"]["random_state"], Fixable())
        | {name: _fixable(one) for name, one in raw["functions_others"].items()},
        classes=dict.fromkeys(raw["classes"]["always"], (Fixable(),))
        | {name: _alternatives(one) for name, one in raw["classes_sometimes"].items()},
        libraries=frozenset(raw["classes"]["libraries"]),
        keras_layers=frozenset(raw["layers"]["keras"]),
        torch_layers=frozenset(raw["layers"]["torch"]),
    )


def _alternatives(raw: dict[str, Any] | list[dict[str, Any]]) -> tuple[Fixable, ...]:
    return tuple(_fixable(one) for one in (raw if isinstance(raw, list) else [raw]))


def _fixable(raw: dict[str, Any]) -> Fixable:
    return Fixable(
        (raw.get("keyword", "random_state"), *raw.get("also", ())),
        raw.get("generator", "numpy"),
        tuple((name, tuple(values)) for name, values in raw.get("unless", {}).items()),
        tuple((name, tuple(values)) for name, values in raw.get("when", {}).items()),
        raw.get("seldom", False),
    )
