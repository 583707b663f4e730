"""What a pipeline's stages show when they run, or fail, tells no secret: names stand where values would."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from nb2prod.adapters.confidential import Confidential, Values, redacted
from nb2prod.errors import CellFailed, OutsideError
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project


def secret_values(project: Project) -> Values | None:
    """The values, as they are now, of what the pipeline's stages read; None where they read no secret."""
    names = {name for stage in (project.manifest or {}).get("stages", ()) for name in stage.get("secrets", ())}
    if not names:
        return None
    return Values(Confidential(tuple(sorted(names)), (), (str(project.notebook.parent / ".env"),)))


@contextlib.contextmanager
def keeping_secrets(project: Project, progress: Progress) -> Iterator[Progress]:
    """For a run of stages: its errors, executed notebooks and logs, and what is told through the progress it gives."""
    values = secret_values(project)
    if values is None:
        yield progress
        return
    try:
        yield _Discreet(progress, values)
    except CellFailed as failed:
        raise redacted(failed, values) from None
    except OutsideError as error:
        raise type(error)(values.redacted(error.message), hint=values.redacted(error.hint)) from None
    finally:
        for pattern in ("*.ipynb", "*.log"):
            for path in (project.folder / "runs").glob(pattern):
                values.redact_file(path)


class _Discreet:
    """Tells all that it is told, with names for values."""

    def __init__(self, progress: Progress, values: Values) -> None:
        self._progress = progress
        self._values = values

    def phase(self, text: str) -> None:
        self._progress.phase(self._values.redacted(text))

    def cell(self, text: str, number: int, total: int) -> None:
        self._progress.cell(self._values.redacted(text), number, total)

    def note(self, text: str) -> None:
        self._progress.note(self._values.redacted(text))
