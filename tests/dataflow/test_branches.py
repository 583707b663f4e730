"""What may go on under another name on a path that is not taken: code → names, `name.` for a part of one."""

from __future__ import annotations

import ast

import pytest

from nb2prod.dataflow.branches import sometimes_shared

CASES = [
    ("z = x if n else y", "x y"),
    ("z = x", ""),
    ("z = [x, y][n]", "x y"),
    ("z = {1: x, 2: y}[n]", "x y"),
    ("z = x or y", "x y"),
    ("z = f(x, n)", "n x"),
    ("z = g(x, n)", ""),
    ("z = max(x, y, key=len)", "len x y"),
    ("if n:\n    z = x", "x"),
    ("if n:\n    z = x + y", ""),
    ("if n:\n    z = [x] + y", "x y"),
    ("if n:\n    z = x.part", "x."),
    ("if n:\n    z = x[0]", "x."),
    ("if n:\n    print(x)", ""),
    ("if n:\n    out.append(x)", "out. x"),
    ("for r in rows:\n    out.append(r)", "out. r rows"),
    ("try:\n    z = x\nexcept ValueError:\n    z = y", "x y"),
    ("match n:\n    case 1:\n        z = x", "n x"),
    ("def pick():\n    return x", "x"),
    ("h = lambda: x", "x"),
    ("if x > 3:\n    z = len(x)", ""),
]


@pytest.mark.parametrize(("code", "expected"), CASES)
def test_what_may_go_on_under_another_name(code: str, expected: str) -> None:
    whole, parts = sometimes_shared(ast.parse(code).body, frozenset({"f"}))
    assert " ".join(sorted([*whole, *(f"{name}." for name in parts)])) == expected
