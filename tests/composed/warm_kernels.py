"""Kernels that are forked from a warm process instead of started: for tests only.

`with warm_kernels():` and every kernel that this process opens through jupyter_client comes from there, because
:class:`ForkedProvisioner` takes the place of the default one. A kernel is as fresh as a fork can be: a namespace,
random state, working directory and environment of its own. It is not as fresh as a new process: pandas and NumPy are
imported already. Several servers are kept that differ in their hash seed, and kernels take turns, so that what
depends on the order of a set still differs from kernel to kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty
from typing import Any
from unittest import mock

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from jupyter_client.provisioning.factory import KernelProvisionerFactory

NAME = "nb2prod-forked"
SERVER = Path(__file__).with_name("warm_server.py")


@dataclass(frozen=True, slots=True)
class Printed:
    """What cells printed, one text each, and the error that ended the run."""

    cells: tuple[str, ...]
    error: str | None


class Servers:
    """The warm processes."""

    def __init__(self, folder: Path, count: int) -> None:
        self._sockets = [folder / f"warm-{number}" for number in range(count)]
        self._processes = [self._start(path, number) for number, path in enumerate(self._sockets)]
        self._turn = itertools.cycle(range(count))
        for path in self._sockets:
            _wait_for(path)

    def _start(self, path: Path, number: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONHASHSEED": str(17 * number + 1)}
        return subprocess.Popen([sys.executable, str(SERVER), str(path)], env=environment, stdin=subprocess.DEVNULL)

    def close(self) -> None:
        """End the servers; kernels that still run are their owners' to end."""
        for process in self._processes:
            process.terminate()
            process.wait()

    def fork_kernel(self, connection: str, cwd: str, environment: Mapping[str, str]) -> int:
        """Fork an ipykernel; its process id."""
        return int(self._ask({"kind": "kernel", "connection": connection, "cwd": cwd, "env": dict(environment)}))

    def run_cells(self, cells: Sequence[str], cwd: Path, timeout: float = 60) -> Printed:
        """Run cells in a fresh plain shell."""
        environment = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", **os.environ}  # as ipykernel sets it
        request = {"kind": "cells", "cells": list(cells), "cwd": str(cwd), "env": environment}
        record = json.loads(self._ask(request, timeout) or '{"printed": [], "error": "the process died"}')
        return Printed(tuple(record["printed"]), record["error"])

    def _ask(self, request: Mapping[str, Any], timeout: float = 60) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout)
            connection.connect(str(self._sockets[next(self._turn)]))
            connection.sendall((json.dumps(request) + "\n").encode())
            with connection.makefile("r", encoding="utf-8") as stream:
                return stream.readline()


def _wait_for(path: Path) -> None:
    for _ in range(600):
        if path.exists():
            return
        time.sleep(0.05)
    raise RuntimeError(f"the warm process did not start: {path}")


class _Process:
    """A process that is no child of ours, as `subprocess.Popen` would show it."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._file = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it runs; how it ended only its parent knows."""
        if self._file < 0:
            return 0
        ended = bool(select.select([self._file], [], [], 0)[0])
        if ended:
            os.close(self._file)
            self._file = -1
        return 0 if ended else None

    def wait(self, timeout: float | None = None) -> int:
        if self._file >= 0:
            select.select([self._file], [], [], timeout)
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkedProvisioner(LocalProvisioner):
    """A local kernel whose process is forked from a warm one."""

    servers: Servers | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Ask for a fork on the connection file that the command names."""
        assert self.servers is not None
        connection = cmd[cmd.index("-f") + 1]
        pid = self.servers.fork_kernel(connection, str(kwargs.get("cwd") or Path.cwd()), kwargs.get("env") or {})
        self.process = _Process(pid)
        self.pid = self.pgid = pid
        return self.connection_info


async def _wait(self: Any, pollinterval: float = 0.1) -> None:
    """As jupyter_client's, which looks ten times a second whether the kernel has ended."""
    while await self._async_is_alive():
        await asyncio.sleep(0.005)


async def _wait_for_ready(self: Any, timeout: float | None = None) -> None:
    """As jupyter_client's, which takes a silence of 0.2 s as the end of what a new kernel says."""
    limit = time.monotonic() + (timeout or 60)
    while time.monotonic() < limit:
        asked = self.kernel_info()
        try:
            reply = await self.shell_channel.get_msg(timeout=5)
            while not _is_idle(await self.iopub_channel.get_msg(timeout=0.1), asked):
                pass
        except Empty:
            continue
        self._handle_kernel_info_reply(reply)
        return
    raise RuntimeError("Kernel didn't respond")


def _is_idle(message: dict[str, Any], asked: str) -> bool:
    ours = message["parent_header"].get("msg_id") == asked
    return ours and message["content"].get("execution_state") == "idle"


@contextlib.contextmanager
def warm_kernels(count: int = 2) -> Iterator[Servers]:
    """All kernels of this process are forked within the block. `count`: how many hash seeds there are."""
    factory = KernelProvisionerFactory.instance()
    factory.provisioners[NAME] = EntryPoint(NAME, f"{__name__}:ForkedProvisioner", factory.GROUP_NAME)
    with tempfile.TemporaryDirectory(prefix="warm-") as folder, contextlib.ExitStack() as stack:
        ForkedProvisioner.servers = Servers(Path(folder), count)
        stack.callback(ForkedProvisioner.servers.close)
        stack.callback(setattr, factory, "default_provisioner_name", factory.default_provisioner_name)
        factory.default_provisioner_name = NAME
        stack.enter_context(mock.patch.object(AsyncKernelClient, "wait_for_ready", _wait_for_ready))
        stack.enter_context(mock.patch.object(AsyncKernelManager, "_async_wait", _wait))
        yield ForkedProvisioner.servers
