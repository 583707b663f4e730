"""What a process holds beside the variables: generators, settings of libraries, imported modules."""

from __future__ import annotations

import functools
import os
import re
import sys
import sysconfig
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _nb2prod_watching import absolute

# Set by Jupyter for each kernel, or changed by every shell: they say nothing about the notebook.
_KERNELS_OWN = re.compile(r"JPY_.*|JUPYTER_.*|PAPERMILL_.*|IPY.*|(COLUMNS|LINES|SHLVL|PWD|OLDPWD|_)$")


def generators(stage: Any, untouched: list[str]) -> dict[str, str | None]:
    """Return each generator's state; None where nobody seeded: that state is not the notebook's."""
    known = {name: state for name, state in stage.random_state().items() if name not in untouched}
    names = ("python", "numpy", "torch")
    return {name: stage.fingerprint(known[name]) if name in known else None for name in names}


def ambient(stage: Any, setters: list[str]) -> dict[str, str | None]:
    facts = {
        "environ": lambda: sorted(item for item in os.environ.items() if not _KERNELS_OWN.match(item[0])),
        "pandas_options": _pandas_options,
        "numpy_print": _numpy_options,
        "rcparams": _rcparams,
        "warnings": lambda: warnings.filters,
        "sys_path": lambda: list(sys.path),
        **{name: functools.partial(stage.setting, name) for name in setters},
    }
    found = {name: _contained(stage, fact) for name, fact in facts.items()}
    return {"cwd": _cwd(), **found}


def _contained(stage: Any, fact: Callable[[], Any]) -> str | None:
    try:
        value = fact()
        return None if value is None else stage.fingerprint(value)
    except Exception:  # a library's options are its own affair: unknown is an answer
        return None


def _cwd() -> str | None:
    try:
        return str(Path.cwd())
    except OSError:  # the notebook removed its own folder
        return None


def _pandas_options() -> Any:
    pandas = sys.modules.get("pandas")
    return pandas and pandas._config.config._global_config


def _numpy_options() -> Any:
    numpy = sys.modules.get("numpy")
    return numpy and [numpy.get_printoptions(), numpy.geterr()]


def _rcparams() -> Any:
    matplotlib = sys.modules.get("matplotlib")
    if not matplotlib:
        return None
    # Read past the mapping's own access, which would choose a backend.
    settings = dict.items(matplotlib.rcParams)
    return sorted((key, repr(value)) for key, value in settings if not key.startswith("backend"))


# What nb2prod brought, and what is no module.
_NOT_THE_NOTEBOOKS = {"_nb2prod_observer", "_nb2prod_stage", "__main__"}
_PACKAGES = re.compile(r"(site|dist)-packages")


def modules(root: str) -> list[dict[str, str]]:
    """Name the imported modules that are not Python's own: libraries by their top, local code one by one."""
    found = []
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or name in _NOT_THE_NOTEBOOKS:
            continue
        path = absolute(file)
        local = path.startswith(root + os.sep) and "site-packages" not in path
        if local or ("." not in name and not _is_standard(name, path)):
            found.append({"name": name, "file": path})
    return found


def loose_modules(root: str, owned: tuple[str, ...]) -> list[str]:
    """List the files of imported modules that are neither the project's nor Python's nor below site-packages."""
    files = [getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name[:8] != "_nb2prod"]
    paths = {absolute(file) for file in files if isinstance(file, str) and not _PACKAGES.search(file)}
    owned = (root + os.sep, *owned)
    return sorted(path for path in paths if not path.startswith(owned))


def _is_standard(name: str, file: str) -> bool:
    known = getattr(sys, "stdlib_module_names", None)
    if known is not None:
        return name in known
    return file.startswith(sysconfig.get_path("stdlib")) and "site-packages" not in file
