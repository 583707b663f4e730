"""Figures that pyplot keeps open from cell to cell: which is drawn on, and which there are.

A kernel's own backend closes all of them after each cell. Where the notebook chooses another one, what a cell draws
without naming a figure lands on the one that was left open, in whatever stage that was.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from nb2prod.dataflow.knowledge import tables

#: The figure that is drawn on, and the figures that are open.
CURRENT, OPEN = "$figure", "$figures"


class Touched(NamedTuple):
    """Symbols that a call needs, changes, and certainly makes anew."""

    needs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()


def keeps_figures(sources: Iterable[str]) -> bool:
    """Whether the code of a notebook chooses a backend that leaves figures open."""
    return any(tables().keeps_figures.search(source) for source in sources)


def touched_by_function(name: str, node: ast.Call) -> Touched:
    """What a call of a library's function, by its full name, does to the figures."""
    module, _, function = name.rpartition(".")
    known = tables().figures
    if module not in known["modules"]:
        return Touched()
    if function in known["counting"]:
        return Touched(needs=(OPEN,))
    if function in known["opening"] and not _names_a_figure(function, node):
        return Touched(changes=(OPEN,), makes=(CURRENT,))
    if function == "close" and any(isinstance(one, ast.Constant) and one.value == "all" for one in node.args):
        return Touched(makes=(CURRENT, OPEN))
    return Touched(needs=(CURRENT,), changes=(CURRENT, OPEN))


def touched_by_method(func: ast.Attribute, node: ast.Call) -> Touched:
    """What a method does: `series.plot()` and `frame.plot.line()` draw on the figure that is open."""
    plots = func.attr in tables().figures["drawing_methods"]
    below = isinstance(func.value, ast.Attribute) and func.value.attr == "plot"
    named = any(keyword.arg == "ax" for keyword in node.keywords)
    return Touched((CURRENT,), (CURRENT, OPEN)) if (plots or below) and not named else Touched()


def _names_a_figure(function: str, node: ast.Call) -> bool:
    """`plt.figure(1)` and `plt.subplots(2, num=1)` go on with the figure of that number."""
    return (function == "figure" and bool(node.args)) or any(keyword.arg in (None, "num") for keyword in node.keywords)
