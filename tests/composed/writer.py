"""Writes one random notebook: fragments of several hazard classes, spread over stages, over names that collide."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from composed.fragments import CELLS, FRAGMENTS
from composed.kinds import CLASSES, CONDITIONS, FILES, IMPORTS, MAKERS, NAMES, PARAMETERS, SHOWN
from composed.notebooks import Composed, ComposedCell

_SLOT = re.compile(r"\$(=?)([A-Z])(\d)")
_HELPER = re.compile(r"(?<!\w)([A-Za-z]\w*[A-Za-z0-9]|[A-Za-z])_(?!\w)")
# What binds a name that a later part needs, or cannot stand in a branch.
_NOT_INSIDE = re.compile(
    r"^(def|class|import|from|@|%|!|\?|global|async|with|try|else|elif|except)|^\w+ = |_ = |_, |_: ", re.MULTILINE
)
_WHOLE = re.compile(r"%%|[?!]")
# What nearly always ends in one stage; drawn less often, or nothing else would be seen.
_RARE = {"generators": 0.4, "ambient": 0.5, "hidden names": 0.4, "objects": 0.8, "magics": 0.5, "files": 0.7}
_STAGES = ("load", "clean", "features", "train", "report")


@dataclass(slots=True)
class _Later:
    """The rest of a fragment: its parts, the names in its places, and the cell that it may come in at the earliest."""

    parts: list[str]
    slots: dict[str, str]
    kinds: dict[str, str]
    cell: int
    number: int


@dataclass(slots=True)
class _Text:
    lines: list[str] = field(default_factory=list)
    binds: dict[str, str] = field(default_factory=dict)


class Writer:
    """Grows one notebook from a seed. Numbers never come twice, so that a wrong value shows."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.last = 10 + seed % 7
        self.kinds: dict[str, str] = {}
        self.defined: set[str] = set()
        self.later: list[_Later] = []
        self.parameters = self._draw_parameters()
        self.themes = self._draw_themes()

    def _draw_parameters(self) -> list[str]:
        count = self.random.choice([0, 1, 2, 2, 2, 3, 3])
        return sorted(self.random.sample(sorted(PARAMETERS), count))

    def _draw_themes(self) -> list[str]:
        classes = [*FRAGMENTS, *CELLS]
        weights = [_RARE.get(name, 1.0) for name in classes]
        drawn = self.random.choices(classes, weights, k=self.random.randint(2, 5))
        return [*drawn, "prints", "in place"]

    # ── the notebook ─────────────────────────────────────────────────────────

    def notebook(self) -> Composed:
        """The whole."""
        cells = [self._imports()]
        if self.parameters:
            cells.append(self._parameters_cell())
        if self.random.random() < 0.35:
            cells.append(self._setup())
        cells += self._stages(len(cells))
        defaults = {name: PARAMETERS[name][0][0] for name in self.parameters}
        others = {name: PARAMETERS[name][0][1] for name in self.parameters}
        return Composed(tuple(cells), defaults, others, FILES)

    def _imports(self) -> ComposedCell:
        tags = ("setup",) if self.random.random() < 0.3 else ()
        return ComposedCell(tags, IMPORTS)

    def _parameters_cell(self) -> ComposedCell:
        parts = [f"{name} = {PARAMETERS[name][0][0]!r}" for name in self.parameters]
        for name in self.parameters:
            kind = PARAMETERS[name][1]
            if kind is not None:
                self.kinds[name] = kind
        if "n" in self.parameters and self.random.random() < 0.3:
            parts.append("m = n * 2")
            self.kinds["m"] = "I"
        return ComposedCell(("parameters",), tuple(parts))

    def _setup(self) -> ComposedCell:
        tags = ("setup",) if self.random.random() < 0.5 else ()
        seeds = ("random.seed(7)", "np.random.seed(7)", "pd.set_option('display.width', 90)", "STEP_ = 2")
        parts = self.random.sample(seeds, 2)
        if self.random.random() < 0.7:
            parts.append("def helper_setup(x_):\n    return x_ + 1")
        return ComposedCell(tags, tuple(parts))

    def _stages(self, first: int) -> list[ComposedCell]:
        names = list(_STAGES[: self.random.randint(2, 5)])
        total = max(len(names), self.random.randint(3, 12) - first)
        opens = sorted(self.random.sample(range(1, total), len(names) - 1)) if total > 1 else []
        starts = dict(zip([0, *opens], names, strict=False))
        cells: list[ComposedCell] = []
        for number in range(total):
            tags = (f"stage:{starts[number]}",) if number in starts else ()
            cells.append(self._cell(tags, number, last=number == total - 1))
            if self.random.random() < 0.06:
                cells.append(self._skipped(number))
        return cells

    def _skipped(self, number: int) -> ComposedCell:
        kept, self.kinds, later = self.kinds, dict(self.kinds), self.later
        self.later = []
        texts = FRAGMENTS["prints" if self.random.random() < 0.8 else "in place"]
        parts = self._fragment(self.random.choice(texts), number)
        self.kinds, self.later = kept, later
        return ComposedCell(("skip",), tuple(parts) or ("print('look')",))

    def _cell(self, tags: tuple[str, ...], number: int, *, last: bool) -> ComposedCell:
        parts: list[str] = []
        for one in [one for one in self.later if one.cell <= number]:
            if last or self.random.random() < 0.55:
                parts += self._continue(one, number)
        for _ in range(self.random.choice([0, 1, 1, 2, 2, 3]) or (not parts)):
            parts += self._draw(number, alone=not parts)
            if parts and _WHOLE.match(parts[0]):
                break
        while last and self.later:
            parts += self._continue(self.later[0], 10**6)
        if last and self.random.random() < 0.4:
            parts += self._show_some()
        return ComposedCell(tags, tuple(parts) or ("print('nothing')",))

    def _show_some(self) -> list[str]:
        live = [name for name, kind in self.kinds.items() if kind in SHOWN and kind not in "UVGYZ"]
        names = self.random.sample(live, min(len(live), 4))
        return [f"print({_SLOT.sub(name, SHOWN[self.kinds[name]])})" for name in names]

    # ── fragments ────────────────────────────────────────────────────────────

    def _draw(self, number: int, *, alone: bool) -> list[str]:
        for _ in range(30):
            theme = self.random.choice(self.themes)
            if theme in CELLS:
                if not alone:
                    continue
                text = self.random.choice(CELLS[theme])
            else:
                text = self.random.choice(FRAGMENTS[theme])
            if all(self._knows(name) for name in re.findall(r"\b(n|mode|rate|steps|flag)\b", text)):
                return self._fragment(text, number)
        return []

    def _knows(self, name: str) -> bool:
        return name in self.parameters and self.kinds.get(name) == PARAMETERS[name][1]

    def _fragment(self, text: str, number: int) -> list[str]:
        self.last += 1
        mark = self.last
        text = text.replace("$q", str(mark))
        if self.random.random() < 0.7:
            text = _HELPER.sub(rf"\1_{mark}", text)
        parts = text.split("\n---\n")
        later = _Later(parts, {}, {}, number, mark)
        self.later.append(later)
        return self._continue(later, number)

    def _continue(self, later: _Later, number: int) -> list[str]:
        """The next part of a fragment, if what it is about is still there."""
        self.later.remove(later)
        if any(self.kinds.get(name) != later.kinds[slot] for slot, name in later.slots.items()):
            return []
        made = self._filled(self._perhaps(later.parts.pop(0)), later.slots, later.kinds, 0)
        if made is None:
            return []
        if later.parts:
            later.cell = number + self.random.choice([0, 1, 1, 1, 2])
            self.later.append(later)
        if _WHOLE.match(made[-1]) and len(made) > 1:
            return []  # a magic must stand at the top, and something had to be made first
        return made

    def _perhaps(self, text: str) -> str:
        """Now and then what a part does is done only for some values of the parameters."""
        if not self.parameters or self.random.random() > 0.25 or "$=" in text or _NOT_INSIDE.search(text):
            return text
        changes = [line for line in text.split("\n") if not line.startswith("print(")]
        shows = [line for line in text.split("\n") if line.startswith("print(")]
        if not changes:
            return text
        name = self.random.choice([one for one in self.parameters if self._knows(one)] or [""])
        if not name:
            return text
        body = "\n".join(f"    {line}" for line in changes)
        return "\n".join([f"if {self.random.choice(CONDITIONS[name])}:\n{body}", *shows])

    def _filled(self, text: str, slots: dict[str, str], kinds: dict[str, str], depth: int) -> list[str] | None:
        """The text with names and numbers; before it what it needs. None where that cannot be made."""
        before: list[str] = []
        needed = [name for name in CLASSES if re.search(rf"\b{name}\b", text) and name not in self.defined]
        for name in needed:
            before += self._class(name)
        bound: dict[str, str] = {}
        for match in _SLOT.finditer(text):
            binds, kind, place = match.groups()
            slot = kind + place
            if slot in slots and not binds:
                continue
            if binds:
                if slot not in bound:
                    slots[slot] = self._target(kind, slots)
                    kinds[slot] = bound[slot] = kind
                continue
            name = self._live(kind, set(slots.values()))
            if name is None:
                made = self._make(kind, depth)
                if made is None:
                    return None
                before += made
                name = self._live(kind, set())
                if name is None:
                    return None
            slots[slot], kinds[slot] = name, kind
        filled = self._numbers(_SLOT.sub(lambda match: slots[match.group(2) + match.group(3)], text))
        for slot, kind in bound.items():
            self.kinds[slots[slot]] = kind
        return [*before, filled]

    def _class(self, name: str) -> list[str]:
        self.defined.add(name)
        text = self.random.choices(CLASSES[name], [1, 3, 3][: len(CLASSES[name])])[0]
        below = [one for one in CLASSES if one != name and re.search(rf"\b{one}\b", text) and one not in self.defined]
        return [*(line for one in below for line in self._class(one)), text]

    def _make(self, kind: str, depth: int) -> list[str] | None:
        if kind not in MAKERS or depth > 3:
            return None
        texts = list(MAKERS[kind])
        self.random.shuffle(texts)
        for text in texts:
            wanted = [k for b, k, _ in _SLOT.findall(text) if not b]
            if depth > 1 and any(self._live(k, set()) is None for k in wanted):
                continue
            if any(k == kind and self._live(k, set()) is None for k in wanted):
                continue
            made = self._filled(text, {}, {}, depth + 1)
            if made is not None:
                return made
        return None

    def _target(self, kind: str, slots: dict[str, str]) -> str:
        names = [name for name in NAMES[kind].split() if name not in slots.values()] or NAMES[kind].split()
        return self.random.choice(names)

    def _live(self, kind: str, taken: set[str]) -> str | None:
        names = sorted(name for name, known in self.kinds.items() if known == kind)
        free = [name for name in names if name not in taken]
        return self.random.choice(free or names) if free or (names and self.random.random() < 0.8) else None

    def _numbers(self, text: str) -> str:
        while "$i" in text:
            text = text.replace("$i", self._integer(), 1)
        while "$c" in text:
            text = text.replace("$c", self._condition(), 1)
        while "$k" in text:
            self.last += 1
            text = text.replace("$k", str(self.last), 1)
        return text.replace("$x", "c")

    def _integer(self) -> str:
        choices = ["$k", "$k"]
        choices += [name for name, kind in self.kinds.items() if kind == "I"][:4]
        choices += [f"len({name})" for name, kind in self.kinds.items() if kind in "LDSAF"][:4]
        return self.random.choice(choices)

    def _condition(self) -> str:
        choices = ["$k % 2", "not 0", "'x' in 'abc'"]
        for name in self.parameters:
            if self._knows(name):
                choices += [*CONDITIONS[name], *CONDITIONS[name]]
        choices += [f"len({name}) > 2" for name, kind in self.kinds.items() if kind in "LD"][:2]
        return self.random.choice(choices)
