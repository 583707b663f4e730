"""Randomness: which generators are seeded by now, and what draws without a seed."""

from __future__ import annotations

import ast

from nb2prod.lint.provenance.core import Keywords
from nb2prod.lint.provenance.events import Draw
from nb2prod.lint.provenance.library import Library
from nb2prod.lint.provenance.tables import Fixable, randomness
from nb2prod.lint.provenance.values import OPAQUE, Data, Estimator, Generator, Value
from nb2prod.notebook.trees import walk

_CLOCKS = frozenset({"time", "time_ns", "now", "urandom", "getpid", "perf_counter"})
# How libraries call the argument that fixes `sample` and `rvs`.
_STATES = frozenset({"random_state", "rng", "seed"})


class Chance(Library):
    """The random part of calls."""

    def __init__(self) -> None:
        super().__init__()
        self.chance = randomness()
        self.seeded: set[str] = set()

    def record_draw(self, generator: str, node: ast.AST, what: str, keyword: str = "", *, certain: bool = True) -> None:
        """Something random happens; it is no finding where its generator was seeded before."""
        if generator not in self.seeded:
            self.story.draws.append(Draw(self.place(node), generator, what, keyword, certain))

    def draw(self, name: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Value | None:
        """Seeds, generators and draws. None: the value follows elsewhere."""
        last = name.rpartition(".")[2]
        seeds = self.chance.seeds.get(name)
        if seeds is None and not name.startswith(("builtins.", "numpy.", "random.", "torch.")):
            seeds = self.chance.seeds_all.get(last)
        if seeds is not None:
            self._seed(seeds, node, args, keywords)
            return OPAQUE
        if name in self.chance.generators:
            return self._generator(last, node, args, keywords)
        fixable = self.chance.functions.get(name) or self.chance.functions.get(last)
        if fixable is not None:
            if self.is_random(fixable, keywords, whole="**" not in keywords):
                self.record_draw(fixable.generator, node, f"{last}()", fixable.keywords[0])
            return None
        self._global_draw(name, last, node, keywords)
        return None

    def _global_draw(self, name: str, last: str, node: ast.Call, keywords: Keywords) -> None:
        generator = self.chance.generator_of(name)
        if generator == "tensorflow" and self._is_set(keywords.get("seed")):
            return
        if generator == "torch" and "generator" in keywords:
            return
        if name.startswith("scipy.stats.") and last == "rvs" and not keywords.keys() & _STATES:
            self.record_draw("numpy", node, f"{last}()", "random_state")
        elif generator:
            self.record_draw(generator, node, _short(name))
        elif last == "DataLoader" and "generator" not in keywords and self.is_literal(keywords.get("shuffle"), True):
            self.record_draw("torch", node, "DataLoader(shuffle=True)")

    def _seed(self, generators: frozenset[str], node: ast.Call, args: list[Value], keywords: Keywords) -> None:
        given = args[0] if args else next(iter(keywords.values()), None)
        if given is None or self.is_literal(given, None) or _reads_clock(node):
            self.seeded -= generators
        else:
            self.seeded |= generators

    def _generator(self, last: str, node: ast.Call, args: list[Value], keywords: Keywords) -> Generator:
        given = args[0] if args else next(iter(keywords.values()), None)
        if last == "check_random_state" and isinstance(given, Generator):
            return given
        seeded = (
            given is not None and not self.is_literal(given, None) and not _reads_clock(node)
        ) or last == "Generator"
        if not seeded:
            self.record_draw("own", node, f"{last}()", "seed")
        return Generator(seeded)

    def _is_set(self, value: Value | None) -> bool:
        return value is not None and not self.is_literal(value, None)

    def is_random(self, fixable: Fixable, keywords: Keywords, *, whole: bool) -> bool:
        """Whether a call draws without a seed of its own. What is not known is taken for seeded."""
        if any(self._is_set(keywords.get(keyword)) for keyword in fixable.keywords) or not whole:
            return False
        if any(self.is_literal(keywords.get(name), *values) for name, values in fixable.unless):
            return False
        return all(name in keywords and self.is_literal(keywords[name], *values) for name, values in fixable.when)

    # ── estimators ───────────────────────────────────────────────────────────

    def use_randomness(self, model: Estimator, node: ast.AST) -> None:
        """A model that is fitted, a splitter that splits: it draws, and so do its parts."""
        if model.drawn:
            return
        model.drawn = True
        for fixable in self.chance.classes.get(model.short, ()) if self._is_of_library(model.cls) else ():
            if self.is_random(fixable, model.parameters, whole=model.whole):
                self._draw_of_estimator(model, fixable)
                break
        for part in model.parts:
            self.use_randomness(part, node)

    def _is_of_library(self, cls: str) -> bool:
        """Whether the class is the one that the table means; what came by `*`, or from nowhere, may be."""
        root, dot, _ = cls.partition(".")
        known = root in self.chance.libraries or not dot or root == "elsewhere"
        return known or any(star.partition(".")[0] == root for star in self.stars)

    def _draw_of_estimator(self, model: Estimator, fixable: Fixable) -> None:
        if fixable.generator not in self.seeded:
            draw = Draw(model.place, fixable.generator, f"{model.short}()", "random_state", not fixable.seldom)
            self.story.draws.append(draw)

    def constructed(self, made: Estimator, node: ast.Call, args: list[Value]) -> None:
        """A network's layer has random weights from the moment that it is made."""
        if made.kind != "layer":
            return
        if made.short in self.chance.keras_layers and "keras" in made.cls:
            if not self._is_set(made.parameters.get("kernel_initializer")) or made.whole:
                self.record_draw("tensorflow", node, f"{made.short}()")
        elif made.short in self.chance.torch_layers and made.cls.startswith("torch.nn."):
            self.record_draw("torch", node, f"nn.{made.short}()")

    def data_draw(self, data: Value, name: str, node: ast.Call, keywords: Keywords) -> None:
        """`df.sample(…)`, `distribution.rvs(…)`. Nothing else has a `frac`."""
        if any(self._is_set(keywords.get(name)) for name in _STATES) or "**" in keywords:
            return
        frame = isinstance(data, Data) and (data.table is not None or data.dims == 2 or "n" in keywords)
        if (name == "sample" and (frame or "frac" in keywords)) or (name == "rvs" and isinstance(data, Data)):
            self.record_draw("numpy", node, f"{name}()", "random_state")


def _reads_clock(node: ast.Call) -> bool:
    calls = [one.func for one in walk(node) if isinstance(one, ast.Call) and one is not node]
    names = {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in calls}
    return bool(names & _CLOCKS)


def _short(name: str) -> str:
    """`numpy.random.rand` → `np.random.rand()`."""
    text = name.replace("numpy.", "np.", 1) if name.startswith("numpy.") else name
    text = text.replace("tensorflow.", "tf.", 1) if text.startswith("tensorflow.") else text
    return f"{text}()"
