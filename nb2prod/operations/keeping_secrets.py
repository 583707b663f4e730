"""What a pipeline's stages show when they run, or fail, tells no secret: names stand where values would."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from nb2prod.adapters.confidential import Confidential, Values, holds_credentials, redacted
from nb2prod.errors import CellFailed, OutsideError
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project


def secret_values(project: Project) -> Values | None:
    """The values, as they are now, of what the pipeline's stages read; None where they read no secret."""
    stages = (project.manifest or {}).get("stages", ())
    names = {name for stage in stages for name in stage.get("secrets", ())}
    reads = {path for stage in stages for path in stage.get("reads", ()) if holds_credentials(path)}
    if not names and not reads:
        return None
    files = {project.notebook.parent / ".env", *(project.folder / path for path in reads)}
    return Values(Confidential(tuple(sorted(names)), (), tuple(sorted(str(file) for file in files))))


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
