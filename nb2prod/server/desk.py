"""What the routes share: the places that are served, the open notebooks, the jobs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.errors import UsageError
from nb2prod.operations.live import Editor
from nb2prod.server.consoles import Consoles
from nb2prod.server.jobs import Jobs
from nb2prod.server.places import Places

_MOST_EDITORS = 16


@dataclass(frozen=True, slots=True)
class Call:
    """One request: what stands in its address and in its body."""

    arguments: Mapping[str, str]
    body: Mapping[str, Any]

    def text(self, name: str, default: str | None = None) -> str:
        """A text of the body, or of the address. Raises UsageError where it is missing or something else."""
        value = self.body.get(name, self.arguments.get(name, default))
        if not isinstance(value, str):
            raise UsageError(f"`{name}` is missing or no text", hint=f"send `{name}`")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number of the body. Raises UsageError where it is missing or something else."""
        value = self.body.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise UsageError(f"`{name}` is missing or no whole number", hint=f"send `{name}`")
        return value

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A mapping of the body; empty where it is missing. Raises UsageError for something else."""
        value = self.body.get(name, {})
        if not isinstance(value, dict):
            raise UsageError(f"`{name}` is no mapping", hint=f"send `{name}` as a JSON object")
        return value


class Editors:
    """The notebooks that windows have open; those that were not looked at for longest are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Path, str], tuple[Editor, threading.Lock]] = OrderedDict()
        self._guard = threading.Lock()

    def of(self, path: Path, client: str) -> tuple[Editor, threading.Lock]:
        """The editor of a window, and the lock that its requests take turns by."""
        with self._guard:
            found = self._known.pop((path, client), None) or (Editor(path), threading.Lock())
            self._known[(path, client)] = found
            while len(self._known) > _MOST_EDITORS:
                self._known.popitem(last=False)
            return found


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a route may use."""

    places: Places
    editors: Editors
    jobs: Jobs
    consoles: Consoles
