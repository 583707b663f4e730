"""Reproducibility warnings: rules over one notebook, each with its own page.

1. `context.Context` holds what rules share, made once and when it is first asked for: per cell the syntax trees as
   IPython would read the text, an index of their nodes, the imports that are known there, the facts of `dataflow`.
2. A rule (`rules/<family>/<rule>.py`) is a module: its docstring is its page, `CODE`, `NAME`, `SEVERITY` and `FIXABLE`
   say what it is, `check(context)` yields a `Finding` for each root cause. It knows nothing of other rules, of the
   settings or of how findings are shown.
3. `registry.ALL_RULES` names them all; nothing is registered by being imported.
4. `engine.diagnose` runs the selected ones (`select`), stamps code and severity on their findings, drops what
   a comment silences (`suppression`) and what a baseline knows (`baseline`), and sorts the rest by place.
5. `edits` applies fixes to a notebook's document; `report` writes text, JSON, SARIF or GitHub annotations.

What libraries do is data in `knowledge/*.toml`. Everything here is pure: no disk, no clock, no process.
"""
