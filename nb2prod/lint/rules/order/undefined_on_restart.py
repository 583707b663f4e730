"""A name is not there when the notebook runs from the top.

## What it does

Goes through the notebook as a fresh kernel would, from the first cell to the last, and finds names that nothing can
have bound by the time they are used: a missing import, a variable of a cell that stands below or was removed, a name
that exists only inside a function. Functions are followed to where they are called, magics are understood, and each
missing name is reported once, where *Restart & Run All* stops.

## Why is this bad?

The notebook works only in the kernel that still remembers. Restarted, scheduled or sent to somebody, it ends there.

## Example

```python
frame = pd.read_csv("sales.csv")      # cell 1
import pandas as pd                   # cell 2
```

## Use instead

```python
import pandas as pd                   # cell 1
frame = pd.read_csv("sales.csv")      # cell 2
```

The fix adds the import above the first use; for a variable, it moves the cell that defines it up, where nothing
between the two depends on it.

## Known limits

Behind code that may bind any name (`exec` of a computed text, `%run`, a star import) nothing is reported. A function
that is handed on as a callback counts as called only where that is known to happen at once. On a path that may not run,
a name is reported only if no cell binds it at all, as a warning.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from nb2prod.dataflow.restart.kernel import in_fresh_kernel
from nb2prod.dataflow.restart.replay import Missing
from nb2prod.dataflow.scopes import all_arguments, bound_names
from nb2prod.lint.context import CodeView, Context
from nb2prod.lint.knowledge import table
from nb2prod.lint.restart import binding_cells, missing_names
from nb2prod.lint.rule import Finding
from nb2prod.lint.rules.order.restart_fixes import import_fix, import_for, move_fix

CODE = "NB104"
NAME = "undefined-on-restart"
SEVERITY = "error"
FIXABLE = True


def check(context: Context) -> Iterator[Finding]:
    """One finding per missing name, at its first use."""
    views = {view.index: view for view in context.views}
    for one in missing_names(context):
        yield _finding(context, views[one.cell_index], one)


def _finding(context: Context, view: CodeView, one: Missing) -> Finding:
    why, hint = _reason(context, view, one)
    subject = f"`{one.inside}` is called here and needs `{one.name}`, which" if one.inside else f"`{one.name}`"
    statement = import_for(context, view, one)
    fix = import_fix(context, view, one.name, statement) if statement else move_fix(context, view, one)
    severity = "" if one.certain else "warning"
    return context.at(view, one.node, f"{subject} {why}", hint=hint, fix=fix, severity=severity)


def _reason(context: Context, view: CodeView, one: Missing) -> tuple[str, str]:
    """What is wrong with the name, and what to do."""
    name = one.name
    below = next((index for index in binding_cells(context).get(name, ()) if index > view.index), None)
    python2 = table("imports")["python2"]
    if name == "__file__":
        return "does not exist in a notebook", "use `Path.cwd()`, or a parameter"
    if one.deleted is not None:
        return f"was deleted in cell {one.deleted + 1}", "delete it later, or compute it again"
    if below is not None:
        return f"is bound only in cell {below + 1}, below", "move that cell up, or this one down"
    if name in python2:
        return "is a name of Python 2", f"write `{python2[name]}`"
    if import_for(context, view, one):
        return f"is never imported{_often(context, name)}", f"add `{import_for(context, view, one)}`"
    if inside := context.keep(_only_inside, lambda: _only_inside(context)).get(name):
        return f"exists only inside {inside}", "return it, or bind it at the top level"
    return f"is not bound by any cell{_often(context, name)}", _similar(context, view, name)


def _often(context: Context, name: str) -> str:
    """` (34 uses in 7 cells)`, where it is used more than once."""
    uses = context.uses(name)
    cells = len({one.view.index for one in uses})
    many = f"{cells} cells" if cells > 1 else "this cell"
    return f" ({len(uses)} uses in {many})" if len(uses) > 1 else ""


def _only_inside(context: Context) -> dict[str, str]:
    """Name → the function, comprehension or class that has a name of its own so."""
    found: dict[str, str] = {}
    for view in context.views:
        functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = [*view.nodes(ast.FunctionDef)]
        for function in [*functions, *view.nodes(ast.AsyncFunctionDef)]:
            own = bound_names(function.body) | {arg.arg for arg in all_arguments(function.args)}
            found |= dict.fromkeys(own, f"the function `{function.name}`")
        for one in view.nodes(ast.comprehension):
            names = {part.id for part in ast.walk(one.target) if isinstance(part, ast.Name)}
            found |= dict.fromkeys(names, "a comprehension")
        for part in view.nodes(ast.ClassDef):
            found |= dict.fromkeys(bound_names(part.body), f"the class `{part.name}`")
    return found


def _similar(context: Context, view: CodeView, name: str) -> str:
    known = [one for one, cells in binding_cells(context).items() if cells[0] <= view.index]
    close = difflib.get_close_matches(name, known[:500], n=1, cutoff=0.8) if len(name) > 3 else []
    if close and not in_fresh_kernel(close[0]):
        return f"did you mean `{close[0]}`?"
    return "the cell that bound it was removed: write it again, or take this use out"
