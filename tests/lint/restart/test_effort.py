"""Values that share parts, calls that branch, definitions that stand above themselves: each is gone through once."""

from __future__ import annotations

import pytest

from nb2prod.dataflow.restart.reader import Reader
from nb2prod.dataflow.restart.replay import Replay
from nb2prod.lint.context import Context
from nb2prod.lint.restart import missing_names
from nb2prod.notebook.model import Cell, Notebook

_CHAIN = "import pandas as pd\ndef load(path):\n    df = pd.read_csv(path)\n{}    return df\nload('x')"
_STAIRS = "".join(f"def f{at}(x):\n    if x: f{at - 1}(x)\n    if not x: f{at - 1}(x)\n" for at in range(1, 40))
_GIVING = "".join(
    f"def g{at}(x):\n    if x: return g{at - 1}(x)\n    if not x: return g{at - 1}(0)\n    return g{at - 1}\n"
    for at in range(1, 40)
)
SOURCES = {
    "a variable bound to itself, again and again": _CHAIN.format("    df = df.dropna()\n" * 60),
    "a function that returns itself in many ways": "def f(n):\n"
    + "".join(f"    if n == {at}: return f(n - {at})\n" for at in range(9))
    + "    return nowhere_at_all\nf(3)",
    "functions that each call the next twice": f"def f0(x):\n    nowhere_at_all\n{_STAIRS}f39(1)",
    "functions that each return the next thrice": f"def g0(x):\n    return print\n{_GIVING}g39(1)()",
    "nested generators": f"nowhere_at_all\n{'any(x for x in ' * 20}[1]{')' * 20}",
    "classes above each other": "class A: pass\nclass B: pass\n"
    + "class A(A, B): pass\nclass B(B, A): pass\n" * 12
    + "A().m()",
}


@pytest.mark.parametrize("title", SOURCES)
def test_the_effort_grows_with_the_text(title, monkeypatch):
    looks = [0]
    for owner, name in ((Reader, "visit"), (Replay, "_looked_up"), (Replay, "_one"), (Replay, "_members")):
        monkeypatch.setattr(owner, name, _counted(getattr(owner, name), looks))
    cell = Cell("c0", 0, "code", SOURCES[title])
    missing = missing_names(Context(Notebook("case", "case.ipynb", (cell,), "python3")))
    assert [one.name for one in missing] == (["nowhere_at_all"] if "\nf" in cell.source or "nested" in title else [])


def _counted(method, looks):
    def counting(self, *given):
        looks[0] += 1
        assert looks[0] < 20_000, "it looks at one thing again and again"
        return method(self, *given)

    return counting
