"""A warm process that is kept between runs: for a server, or several runs in one session.

::

    with Warm() as warm:
        run("pipeline", warm=warm)
        run("pipeline", parameters={"depth": 4}, keep=True, warm=warm)
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from nb2prod.operations.execution import Execution
from nb2prod.operations.imports import Needs
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project
from nb2prod.pipeline.attempts import Rules

_IDLE_SECONDS = 600.0


class Warm:
    """Keeps the kernels' warm process of the last project that ran; ends it when nobody used it for a while."""

    def __init__(self, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._guard = threading.Lock()
        self._key: tuple[object, ...] = ()
        self._execution: Execution | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execution(self, project: Project, needs: Needs, rules: Rules, progress: Progress) -> Execution:
        """The warm one, where nothing changed that it was started with, or a new one."""
        key = (project.folder, needs, dict(os.environ))
        with self._guard:
            self._rest()
            if self._execution is None or key != self._key or not self._execution.is_warm:
                self._end()
                self._execution = Execution(project.folder, needs, rules, progress)
                assert project.dvc is not None
                self._execution.begin(project.dvc, working_directory(project))
                self._key = key
            self._execution.again(rules, progress)
            return self._execution

    def close(self) -> None:
        """End the process."""
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
            self._end()

    def _rest(self) -> None:
        """Count the idle time from now on."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle_seconds, self._end_if_idle)
        self._timer.daemon = True
        self._timer.start()

    def _end_if_idle(self) -> None:
        with self._guard:
            if self._execution is not None and self._execution.is_idle:
                self._end()
            else:
                self._rest()

    def _end(self) -> None:
        if self._execution is not None:
            self._execution.close()
            self._execution = None


def working_directory(project: Project) -> Path:
    """The folder that the stages' kernels run in: the notebook's own."""
    return Path(os.path.normpath(project.folder / project.layout.working_directory))
