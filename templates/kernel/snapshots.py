"""Keep what a long segment of a notebook made, and put it back into another kernel instead of running it again.

nb2prod runs these two functions in an observed kernel, where ``_nb2prod_observer`` is. What cannot be kept exactly is
not kept: the reason is the answer. Nothing here may break the notebook.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def keep(out: str, folder: str, names: list[str], generators: list[str]) -> None:
    """Write the variables `names`, as one group, and the random generators' states below `folder`."""
    observer = _observer()
    with _unnoticed(observer), observer.generators.kept():
        _answer(out, lambda: _keep(observer.stage, Path(folder), names, generators))


def _keep(stage: Any, folder: Path, names: list[str], generators: list[str]) -> dict[str, Any]:
    namespace = _namespace()
    stage.write_pickle(tuple(namespace[name] for name in names), folder / "values.pkl")
    if generators:
        stage.save_random_state(folder / "random.json", *generators)
    return {"modules": [name for name in list(sys.modules) if _is_importable(name)]}


def put_back(out: str, folder: str, names: list[str], gone: list[str], modules: list[str], sources: list[str]) -> None:
    """Import the modules, run imports and definitions, and bind the variables again."""
    observer = _observer()
    with _unnoticed(observer):
        _answer(out, lambda: _put_back(observer.stage, Path(folder), names, gone, modules, sources))


def _put_back(
    stage: Any, folder: Path, names: list[str], gone: list[str], modules: list[str], sources: list[str]
) -> dict[str, Any]:
    namespace = _namespace()
    for name in modules:
        if name not in sys.modules:
            with suppress(ImportError):
                importlib.import_module(name)
    for source in sources:
        exec(compile(source, "<cell>", "exec"), namespace)
    for name, value in zip(names, stage.read_pickle(folder / "values.pkl"), strict=True):
        namespace[name] = value
    for name in gone:
        namespace.pop(name, None)
    if (folder / "random.json").exists():
        stage.restore_random_state(folder / "random.json")
    return {}


def _is_importable(name: str) -> bool:
    """Say whether an import of this name, in another process, finds the same module."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    return spec is not None and spec.name == name and not name.startswith(("_nb2prod", "__main__"))


def _answer(out: str, work: Any) -> None:
    try:
        found = work()
    except Exception as error:  # a user's object may fail in any way: then its cells are run
        found = {"why": f"{type(error).__name__}: {error}"}
    Path(out).write_text(json.dumps(found), "utf-8")


@contextmanager
def _unnoticed(observer: Any) -> Iterator[None]:
    with observer.files.paused(), observer.entropy.paused(), observer.clock.paused():
        yield


def _observer() -> Any:
    return sys.modules["_nb2prod_observer"]._current  # type: ignore[attr-defined]


def _namespace() -> dict[str, Any]:
    return sys.modules["__main__"].__dict__
