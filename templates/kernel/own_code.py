"""The project's own code: modules of the tree that a notebook runs in, wherever an installation looks for them.

An editable install, a `.pth` file or PYTHONPATH leads to the user's own folder. A run on a copy takes the copy's
modules: so what is imported is among the declared files, and what is not declared is missed.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Who imports so may import anything.
_BY_NAME = {"import_module", "__import__", "exec", "run_module"}
ANY = "*"


def follow(tree: str, kept: Iterable[str]) -> None:
    """Look for modules below the tree instead of below `kept`; libraries and hidden folders stay where they are."""
    real = os.path.realpath(tree)
    for root in map(os.path.realpath, kept):
        sys.path[:] = [_moved(entry, root, real) for entry in sys.path]
        for finder in sys.meta_path:
            _move_editable(finder, root, real)


def _move_editable(finder: Any, root: str, tree: str) -> None:
    """Move what setuptools' editable installs map: `MAPPING` (module to place), `NAMESPACES` (module to places)."""
    name = str(getattr(finder, "__module__", ""))
    if not name.startswith("__editable__") or name not in sys.modules:
        return
    held = vars(sys.modules[name])
    for module, place in held.get("MAPPING", {}).items():
        held["MAPPING"][module] = _moved(place, root, tree)
    for module, places in held.get("NAMESPACES", {}).items():
        held["NAMESPACES"][module] = [_moved(place, root, tree) for place in places]


def _moved(place: Any, root: str, tree: str) -> Any:
    if not isinstance(place, str) or not place:
        return place
    full = os.path.realpath(place)
    inside = os.path.relpath(full, root)
    parts = inside.split(os.sep)
    foreign = {"..", "site-packages", "dist-packages", "node_modules"}
    if full != root and (foreign & {*parts} or any(part.startswith(".") for part in parts)):
        return place
    if (full + os.sep).startswith((tree + os.sep, os.path.realpath(sys.prefix) + os.sep)):
        return place
    return os.path.normpath(os.path.join(tree, inside))


class Imports:
    """Which module of the project imports which others of it, as their text says."""

    def __init__(self, root: str) -> None:
        self._root = root.rstrip(os.sep) + os.sep
        self._known: dict[tuple[str, float], list[str]] = {}

    def look(self) -> dict[str, list[str]]:
        """Return, for each module of the project that is imported by now, what it names; "*" for anything."""
        found = {}
        for name, module in sorted(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and os.path.abspath(file).startswith(self._root) and name != "__main__":
                found[name] = self._named(file, getattr(module, "__package__", None) or "")
        return found

    def _named(self, file: str, package: str) -> list[str]:
        try:
            key = (file, os.stat(file).st_mtime)
            if key not in self._known:
                self._known[key] = _named(Path(file).read_text("utf-8"), package)
        except (OSError, ValueError, SyntaxError):  # an extension in C, or nothing that Python reads
            return [ANY]
        return self._known[key]


def _named(source: str, package: str) -> list[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names.update((base, *(f"{base}.{alias.name}" for alias in node.names)))
        elif isinstance(node, (ast.Name, ast.Attribute)):
            word = node.id if isinstance(node, ast.Name) else node.attr
            names.update([ANY] if word in _BY_NAME else [])
    return sorted(names)
