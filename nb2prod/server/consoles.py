"""Kernels of opened stages as kernels of the server: JupyterLab opens a console on one, lists it, and shuts it down.

A Jupyter server takes in kernels that it did not start where their connection files lie in a folder that it looks at.
It never ends such a kernel itself, and keeps one that has died: both is seen to here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.ioloop import IOLoop, PeriodicCallback

from nb2prod.adapters.files import write_bytes
from nb2prod.adapters.machine import command_of
from nb2prod.errors import Nb2prodError, Refused

_MILLISECONDS = 1000
_HINT = "debug the stage again"


@dataclass(frozen=True, slots=True)
class _Kernel:
    """A kernel that the server was told of: the copy of its connection file, that file, its process.

    A copy, because the server stumbles over a kernel that it shut down where the file goes with the kernel.
    """

    copy: Path
    connection: str
    process: int

    @property
    def is_alive(self) -> bool:
        """Whether the process is there, and no other that has its number by now."""
        return self.connection in command_of(self.process)


class Consoles:
    """The kernels that `manager`, the server's, was told of. Made on the server's event loop."""

    def __init__(self, manager: Any) -> None:
        self._manager, self._loop = manager, IOLoop.current()
        self._known: dict[str, _Kernel] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._callback = PeriodicCallback(self.look, _MILLISECONDS)

    def open(self, opened: Mapping[str, Any]) -> str:
        """The id of an opened stage's kernel, from any other thread. Raises Refused where it has ended."""
        found: Future[str] = Future()
        self._loop.add_callback(self._tell, opened, found)
        return found.result(30)

    def _tell(self, opened: Mapping[str, Any], found: Future[str]) -> None:
        try:
            found.set_result(self._opened(str(opened["connection"]), int(opened["process"])))
        except (Nb2prodError, OSError) as error:
            found.set_exception(error)

    def _opened(self, connection: str, number: int) -> str:
        self.look()
        for name, kernel in self._known.items():
            if kernel.connection == connection:
                return name
        kernel = _Kernel(self._place() / f"nb2prod-{number}.json", connection, number)
        if not kernel.is_alive or not Path(connection).is_file():
            raise Refused("the kernel has ended", hint=_HINT)
        write_bytes(kernel.copy, Path(connection).read_bytes())
        self._manager.list_kernel_ids()
        for name, path in self._manager.kernel_id_to_connection_file.items():
            if Path(path) == kernel.copy:
                self._known[name] = kernel
                self._callback.start()
                return str(name)
        kernel.copy.unlink()
        raise Refused("this server takes in no kernel that it did not start", hint="use the command for a terminal")

    def _place(self) -> Path:
        """The folder that the server looks at: the one of its settings, or ours."""
        if not self._manager.has_trait("external_connection_dir"):
            raise Refused("this server's jupyter_client is too old for that", hint="use the command for a terminal")
        if self._manager.external_connection_dir is None:
            self._folder = tempfile.TemporaryDirectory(prefix="nb2prod-kernels-")
            self._manager.external_connection_dir = self._folder.name
        place = Path(self._manager.external_connection_dir)
        place.mkdir(parents=True, exist_ok=True)
        return place

    def look(self) -> None:
        """Forget kernels that have ended, and end those that were shut down in JupyterLab."""
        for name, kernel in [*self._known.items()]:
            if not kernel.is_alive:
                self._forget(name, kernel)
            elif name not in self._manager:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(kernel.process, signal.SIGTERM)
        if not self._known:
            self._callback.stop()

    def _forget(self, name: str, kernel: _Kernel) -> None:
        del self._known[name]
        if name not in self._manager:
            self._manager.kernel_id_to_connection_file.pop(name, None)
        kernel.copy.unlink(missing_ok=True)
        self._manager.list_kernel_ids()
