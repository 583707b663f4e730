"""`nb2prod.widget()`: tabs with what the panel shows, read-only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nb2prod.adapters.verbs import asked
from nb2prod.errors import Nb2prodError, UsageError
from nb2prod.operations.check import check
from nb2prod.operations.overview import overview, pipeline_of
from nb2prod.operations.project import read_manifest
from nb2prod.widgets import page


def widget(notebook: str | Path | None = None) -> Any:
    """Tabs about the notebook (default: the one that runs this, or the only one here). Looks; runs and writes nothing.

    Raises UsageError where it cannot be told which notebook is meant, or ipywidgets is missing.
    """
    try:
        import ipywidgets
    except ImportError as error:
        raise UsageError("ipywidgets is not installed", hint="pip install 'nb2prod[widgets]'") from error
    path = Path(notebook) if notebook is not None else _own_notebook()
    panes = {name: ipywidgets.HTML() for name in _PANES}

    def look(_: object = None) -> None:
        for name, pane in panes.items():
            pane.value = shown(name, path)

    look()
    tabs = ipywidgets.Tab(children=list(panes.values()), titles=list(panes))
    again = ipywidgets.Button(description="Look again")
    again.on_click(look)
    return ipywidgets.VBox([again, tabs])


def shown(name: str, path: Path) -> str:
    """The HTML of one pane; where there is no answer, why."""
    try:
        return _PANES[name](path)
    except Nb2prodError as error:
        return page.trouble(error.message, error.hint)


def _own_notebook() -> Path:
    """VS Code says which notebook runs; elsewhere there must be just one."""
    import __main__

    named = getattr(__main__, "__vsc_ipynb_file__", None)
    if named:
        return Path(named)
    here = sorted(Path().glob("*.ipynb"))
    if len(here) == 1:
        return here[0]
    raise UsageError("which notebook is meant?", hint='say it: `nb2prod.widget("churn.ipynb")`')


def _readiness(path: Path) -> str:
    folder = pipeline_of(path.resolve())
    target = folder if folder.is_dir() else path.resolve()
    return page.readiness(asked(target.parent, ["ready", str(target)]))


def _deployment(path: Path) -> str:
    folder = pipeline_of(path.resolve())
    if not folder.is_dir():
        raise UsageError("there is no pipeline yet", hint="convert the notebook first")
    return page.deployment(asked(folder, ["status", str((read_manifest(folder) or {}).get("package", ""))]))


_PANES: Mapping[str, Callable[[Path], str]] = {
    "Warnings": lambda path: page.warnings(check(path).diagnostics),
    "Pipeline": lambda path: page.pipeline(overview(path)),
    "Readiness": _readiness,
    "Deployment": _deployment,
}
