"""The process that reads data, loads models and predicts: in the kernel's interpreter, without nb2prod."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from nb2prod.errors import CellFailed, Nb2prodError, OutsideError, UsageError

#: OpenBLAS' threads wait busily for the next call, 2^26 cycles by default: between two chunks that burns as much as
#: predicting them takes. As many threads share each product as before, so it is the same to the last bit.
_QUIET = {"OPENBLAS_THREAD_TIMEOUT": "20"}
_PROGRAM = resources.files("nb2prod") / "_templates" / "nb2prod_worker"


class DataRefused(Nb2prodError):
    """The data break a rule, or cannot be read. `facts`: what a report shows."""

    def __init__(self, message: str, *, hint: str = "", facts: dict[str, Any] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.facts = facts or {}


class Worker:
    """One job's process, started before the job is known, so that its libraries load meanwhile."""

    def __init__(self, python: Sequence[str], inherited: Sequence[int] = ()) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        try:
            self._process = subprocess.Popen(
                [*python, str(_PROGRAM)],
                stdin=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                pass_fds=tuple(inherited),
                env={**_QUIET, **environment, "PYTHONDONTWRITEBYTECODE": "1"},
            )
        except OSError as error:
            raise OutsideError(
                f"cannot start {python[0]}: {error.strerror}", hint="the notebook's kernel names this interpreter"
            ) from error

    def ask(self, verb: str, job: dict[str, Any]) -> dict[str, Any]:
        """Give it its job and wait. Raises DataRefused, UsageError, CellFailed (the user's function), OutsideError."""
        with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
            result = Path(scratch) / "result.json"
            try:
                self._process.communicate(json.dumps({**job, "verb": verb, "result": str(result)}))
            finally:
                self.end()
            if not result.exists():
                raise OutsideError(
                    f"the predicting process ended with {self._process.returncode} and said nothing",
                    hint="it may have been killed for its memory: see its messages above",
                )
            answer: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return _told(answer)

    def end(self) -> None:
        """Whatever happened: nothing of it goes on."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    if bug := answer.get("bug"):
        raise RuntimeError(f"in the predicting process:\n{bug}")
    if failed := answer.get("failed"):
        raise CellFailed(
            f"the model failed: {failed['error']}",
            hint=failed["hint"] or "the traceback above shows where; the rows that it was given are those of the file",
            traceback=failed["trace"],
        )
    if told := answer.get("told"):
        kind = {2: UsageError, 3: OutsideError}.get(told["code"])
        if kind is not None:
            raise kind(told["what"], hint=told["hint"])
        raise DataRefused(told["what"], hint=told["hint"], facts=told.get("facts"))
    return answer
