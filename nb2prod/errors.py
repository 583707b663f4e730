"""What makes nb2prod stop: one tree, each with a message, a hint and the exit code of its class.

What is wrong *inside* a notebook and can be reported beside other findings is data, never an exception;
an exception here means "cannot go on".
"""

from __future__ import annotations


class Nb2prodError(Exception):
    """Cannot go on. `message` says what and where, in lower case; `hint` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class Refused(Nb2prodError):
    """The notebook cannot be converted faithfully: cell, reason and remedy are in the message and hint."""


class Different(Nb2prodError):
    """The pipeline was run and does not give what the notebook gives."""


class Stale(Nb2prodError):
    """The pipeline on disk is not the one that the notebook gives now."""


class UsageError(Nb2prodError):
    """The call was wrong: a file that is no notebook, an unknown parameter, an impossible option."""

    exit_code = 2


class OutsideError(Nb2prodError):
    """Something outside nb2prod failed: a tool is missing, a kernel died, a disk is full."""

    exit_code = 3


class CellFailed(OutsideError):
    """A cell of the user's raised. `traceback` is the user's own, as the kernel sent it."""

    def __init__(self, message: str, *, hint: str = "", traceback: str = "", name: str = "", value: str = "") -> None:
        super().__init__(message, hint=hint)
        self.traceback = traceback
        self.name = name
        self.value = value


class CellTimedOut(OutsideError):
    """A cell of the user's did not come to its end in the time that it was given."""


INTERNAL_ERROR = 70
"""The exit code of a bug of ours."""
