"""What the parts of the observer share: a pause for its own work, whose call it is, what an import brings."""

from __future__ import annotations

import builtins
import importlib.machinery
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: The modules of the observer: whoever asks through them is somebody above.
OWN = {
    f"_nb2prod_{part}" for part in ("observer", "watching", "pinned", "files", "variables", "settings", "surroundings")
}


class Pausable:
    """Something that the observer's own work must not disturb."""

    _paused = 0

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the real thing through for a while."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1


def first_caller(depth: int, layers: set[str]) -> str:
    """Name the module of the first frame above that is not one of `layers`."""
    frame: Any = sys._getframe(depth)
    name = ""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name not in layers:
            break
        frame = frame.f_back
    return name


def after_import(name: str, call: Callable[[Any], None]) -> None:
    """Call with a module once it is imported: now, or when the notebook does it."""
    module = sys.modules.get(name)
    if module is not None:
        call(module)
    else:
        sys.meta_path.insert(0, _AfterImport(name, call))


class _AfterImport:
    """A finder that finds one module as usual, and calls back when it has run."""

    def __init__(self, name: str, call: Callable[[Any], None]) -> None:
        self._name, self._call = name, call

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != self._name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            self._call(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - links are part of the name; `resolve` would follow them


def ipython_shell() -> Any:
    getter = getattr(builtins, "get_ipython", None) or sys.modules["__main__"].__dict__.get("get_ipython")
    return getter() if getter else None
