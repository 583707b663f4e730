"""Random small programs, cell by cell, over integers, lists and functions; and a namespace that watches them run."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass
from typing import Any

NUMBERS = ["i0", "i1", "i2", "i3"]
COUNTED = ["c0", "c1"]  # bound in comprehensions only
LISTS = ["l0", "l1", "l2"]
NESTED = ["n0", "n1"]
FUNCTIONS = ["f0", "f1", "f2"]


class Writer:
    """Writes one program. Numbers are large and never repeat, so that identity tells a new value from an old one."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.last = 10_000 + seed % 1000
        self.inner: list[str] = []

    def program(self) -> list[str]:
        first = [f"{name} = {self.number()}" for name in NUMBERS + COUNTED]
        first += [f"{name} = [{self.number()}, {self.number()}]" for name in LISTS]
        first += [f"{name} = [[{self.number()}], [{self.number()}]]" for name in NESTED]
        cells = ["\n".join(first), "\n".join(line for name in FUNCTIONS for line in self.function(name))]
        return cells + [self.cell() for _ in range(self.random.randint(2, 6))]

    def cell(self) -> str:
        return "\n".join(line for _ in range(self.random.randint(1, 4)) for line in self.statement(0))

    def number(self) -> int:
        self.last += 1
        return self.last

    def pick(self, names: list[str]) -> str:
        return self.random.choice(names)

    # ── expressions ──────────────────────────────────────────────────────────

    def integer(self) -> str:
        make = self.pick(
            [
                "{i}", "{i}", "{k}", "{i} + {k}", "{l}[0]", "len({l})", "sum({l})", "{f}({l}, {i})", "{n}[0][0]", "{c}",
                "({w} := {k})", "({i} if {i} % 2 else {k})", "({i} % 2 and {k})", "sum(v + {i} for v in {l})",
                "(lambda p: p + {i})({k})", "max({l} + [{k}])", "({i} if {i} % 3 else ({w} := {k}))", "next(iter({l}))",
            ]
        )  # fmt: skip
        return self.filled(make)

    def sequence(self) -> str:
        make = self.pick(
            [
                "{l}", "{l}", "[{i}, {k}]", "{l} + [{i}]", "[v + {i} for v in {l}]", "list({l})", "{n}[0]", "{n}[-1]",
                "[{c} := v + {k} for v in {l}]", "[v for v in {l} if v % 2]", "sorted({l})", "({l} or {l})",
                "{l}[:]", "({l} if {i} % 2 else {n}[0])", "[e for e in {n}][0]", "({n} + [{l}])[-1]", "h0({l})",
            ]
        )  # fmt: skip
        return self.filled(make)

    def nested(self) -> str:
        make = self.pick(
            ["{n}", "[{l}, {l}]", "[[{i}], {l}]", "{n} + [{l}]", "[e for e in {n}]", "list({n})", "[{n}[0]]"]
        )
        return self.filled(make)

    def filled(self, text: str) -> str:
        for mark, names in (
            ("{i}", NUMBERS),
            ("{l}", LISTS),
            ("{n}", NESTED),
            ("{f}", FUNCTIONS),
            ("{w}", NUMBERS),
            ("{c}", COUNTED),
        ):
            while mark in text:
                text = text.replace(mark, self.pick(names), 1)
        while "{k}" in text:
            text = text.replace("{k}", str(self.number()), 1)
        return text

    # ── statements ───────────────────────────────────────────────────────────

    def statement(self, depth: int) -> list[str]:
        simple = [self.assign, self.assign, self.change, self.change, self.call, self.swap, self.delete]
        nested = [self.branch, self.loop, self.attempt, self.while_, self.with_, self.match]
        rare = [self.rebind_function, self.class_]
        return self.random.choice(simple * 2 + (nested + rare if depth < 2 else []))(depth)

    def block(self, depth: int) -> list[str]:
        return ["    " + line for _ in range(self.random.randint(1, 2)) for line in self.statement(depth + 1)]

    def assign(self, _: int) -> list[str]:
        kind = self.random.randint(0, 4)
        if kind <= 1:
            return [f"{self.pick(NUMBERS)} = {self.integer()}"]
        if kind == 2:
            return [f"{self.pick(LISTS)} = {self.sequence()}"]
        if kind == 3:
            return [f"{self.pick(NESTED)} = {self.nested()}"]
        return [self.filled("{i}, *{l} = {l} + [{k}]")]

    def change(self, _: int) -> list[str]:
        make = self.pick(
            [
                "{l}.append({i})", "{l}[0] = {i}", "{n}.append({l})", "{n}[0].append({k})", "{i} += {k}", "{l} += [{i}]",
                "{n}[0][0] = {i}", "{l}.sort()", "{l}.extend({l})", "{n}[0] += [{k}]", "{n}[-1] = {l}",
                "for e in {n}: e.append({k})", "[e.append({k}) for e in {n}]", "h0({l}).append({k})", "{n}.reverse()",
            ]
        )  # fmt: skip
        return [self.filled(make)]

    def call(self, _: int) -> list[str]:
        return [
            self.filled(
                self.pick(["{f}({l}, {i})", "{i} = {f}({l}, {k})", "list(map({f}, {n}, {l}))", "{f}({n}[0], {i})"])
            )
        ]

    def swap(self, _: int) -> list[str]:
        return [self.filled(self.pick(["{l}, {l} = {l}, {l}", "{i}, {i} = {i}, {k}", "{f}, {f} = {f}, {f}"]))]

    def delete(self, _: int) -> list[str]:
        if self.random.random() < 0.5:
            return [self.filled("del {l}[0]")]
        name = self.pick(NUMBERS)
        return [f"del {name}", f"{name} = {self.number()}"] if self.random.random() < 0.7 else [f"del {name}"]

    def branch(self, depth: int) -> list[str]:
        lines = [f"if {self.integer()} % 2:", *self.block(depth)]
        return lines + (["else:", *self.block(depth)] if self.random.random() < 0.5 else [])

    def loop(self, depth: int) -> list[str]:
        head = self.pick(
            ["for {i} in {l}[:3]:", "for {l} in {n}[:3]:", "for {i} in []:", "for {i}, _ in zip({l}[:2], {l}):"]
        )
        lines = [self.filled(head), *self.block(depth)]
        if self.random.random() < 0.3:
            lines.append(f"    if {self.integer()} % 2: {self.pick(['break', 'continue'])}")
            lines += self.block(depth)
        return lines + (["else:", *self.block(depth)] if self.random.random() < 0.3 else [])

    def while_(self, depth: int) -> list[str]:
        return [f"while {self.integer()} % 3:", *self.block(depth), f"    if {self.integer()} % 2: break", "    break"]

    def attempt(self, depth: int) -> list[str]:
        lines = ["try:", *self.block(depth)]
        if self.random.random() < 0.7:
            lines.append(f"    raise_if({self.integer()} % 2)")
            lines += self.block(depth)
        name = self.random.choice(["", "", f" as {self.pick(NUMBERS)}"])
        lines += [f"except (ValueError, IndexError, NameError, TypeError){name}:", *self.block(depth)]
        if self.random.random() < 0.3:
            lines += ["finally:", *self.block(depth)]
        return lines

    def with_(self, depth: int) -> list[str]:
        lines = ["with suppress(Exception):", *self.block(depth), f"    raise_if({self.integer()} % 2)"]
        return lines + self.block(depth)

    def match(self, depth: int) -> list[str]:
        lines = [f"match {self.sequence()}:", self.filled("    case [{i}]:"), *(f"    {x}" for x in self.block(depth))]
        lines += [self.filled("    case [{i}, *{l}]:"), *(f"    {x}" for x in self.block(depth))]
        return lines + (["    case _:", *(f"    {x}" for x in self.block(depth))] if self.random.random() < 0.5 else [])

    def rebind_function(self, _: int) -> list[str]:
        return self.function(self.pick(FUNCTIONS)) if self.random.random() < 0.6 else [self.lambda_()]

    def lambda_(self) -> str:
        return self.filled(
            self.pick(["{f} = lambda p, q: q + {i}", "{f} = lambda p, q: p.append({i}) or q", "{f} = {f}"])
        )

    def class_(self, _: int) -> list[str]:
        return [
            "class Box:",
            self.filled(f"    shared = {self.sequence()}"),
            "    def put(self, v):",
            self.filled(self.pick(["        self.shared.append(v)", "        {l}.append(v)", "        return {i}"])),
            self.filled("Box().put({i})"),
        ]

    def function(self, name: str) -> list[str]:
        """`def f(p, q)`: p a list, q a number."""
        declared = self.random.sample(NUMBERS, self.random.randint(0, 2))
        body = [f"global {', '.join(declared)}"] if declared else []
        body += [
            f"{one} = {self.number()}" if self.random.random() < 0.5 else f"{one} += {self.number()}"
            for one in declared
        ]
        makes = [
            "p.append(q)", "r = p", "r = p; r.append({k})", "p = p + [{k}]; p.append(1)", "{l}.append(q)", "{n}[0].append(q)",
            "r = {l}; r.append({k})", "r = [v for v in {l}]", "t.append(q)", "raise_if(q % 7 == 0)", "len({l}) + {i}" if not declared else "len(p)",
            "for e in {n}: e.append(q)", "r = {n}[0]; r += [q]", "h0(p).append(q)", "(lambda s: s.append(q))({l})",
        ]  # fmt: skip
        body += [self.filled(self.pick(makes)) for _ in range(self.random.randint(0, 3))]
        back = self.pick(["q", "q + len(p)", "len(t)", "{l}[0]", "sum({l})"])
        if self.random.random() < 0.2:
            body += ["def g():", f"    {self.filled('{l}.append(q)')}", "g()"]
        return [f"def {name}(p, q, t=[]):", *(f"    {line}" for line in body), f"    return {self.filled(back)}"]


PRELUDE = """
from contextlib import suppress
def raise_if(condition):
    if condition:
        raise ValueError
def h0(some):
    return some if len(some) % 2 else l0
"""


class Namespace(dict):  # type: ignore[type-arg]
    """Globals that remember what was read of what was there before, and what was bound."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, Any] = {}
        self.read: set[str] = set()
        self.bound: set[str] = set()

    def begin(self) -> None:
        self.before = dict(self)
        self.read, self.bound = set(), set()

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if name not in self.bound and name in self.before and self.before[name] is value:
            self.read.add(name)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self.bound.add(name)
        super().__setitem__(name, value)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one cell did: names read from before, bound when it ended, and changed in place."""

    read: set[str]
    bound: set[str]
    changed: set[str]


def watch(namespace: Namespace, source: str) -> Seen | None:
    """Run a cell; None where it raises."""
    namespace.begin()
    plain = {name: value for name, value in namespace.before.items() if isinstance(value, int | list)}
    old = {name: repr(value) for name, value in plain.items()}
    try:
        for statement in ast.parse(source).body:
            # One by one: a `global` in a function makes the compiler store past the namespace in the whole unit.
            exec(compile(ast.Module([statement], []), "<cell>", "exec"), namespace)
    except Exception:
        return None
    bound = {name for name in namespace.bound if name in dict.keys(namespace)}
    bound |= {name for name, value in dict.items(namespace) if namespace.before.get(name) is not value}
    changed = {name for name, value in plain.items() if repr(value) != old[name] and dict.get(namespace, name) is value}
    return Seen(set(namespace.read), bound - {"__builtins__"}, changed)
