"""What stops a job and is no bug: told with what, where, and what to do."""

from __future__ import annotations

from typing import Any


class Told(Exception):
    """`code`: the exit code that nb2prod ends with. `facts`: what a report shows."""

    def __init__(self, what: str, hint: str = "", code: int = 1, facts: dict[str, Any] | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.code = code
        self.facts = facts or {}


class ModelFailed(Exception):
    """The user's own function or estimator raised; the error is this one's cause."""

    def __init__(self, where: str, hint: str = "") -> None:
        super().__init__(where)
        self.hint = hint
