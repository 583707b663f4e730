"""A kernel of the warm process, as nbclient wants to see it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from nb2prod.adapters.warm import CHANNELS, Parent, Started
from nb2prod.errors import OutsideError

_START_SECONDS = 60.0
# As jupyter_client does: half of the time for the kernel's own end, then it is made to.
_STOP_SECONDS = 2.5


class StageKernel:
    """Takes the place of jupyter_client's manager: one kernel, started once, never restarted."""

    has_kernel = True
    kernel_id = None

    def __init__(self, parent: Parent, started: Started) -> None:
        self._parent = parent
        self.started = started

    @property
    def is_new(self) -> bool:
        """Whether it is known to be a new process, not a fork of the warm one."""
        return self._parent.is_new(self.started)

    @property
    def peak_memory(self) -> int:
        """The most memory that it held so far, in bytes; 0 where that is not known."""
        pid = self._parent.pid_of(self.started)
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._parent.is_alive(self.started)

    def kill(self) -> None:
        """End it at once."""
        self._parent.kill(self.started)

    interrupt_kernel = kill

    def connect(self) -> Any:
        """A client that hears everything which the kernel says from now on. Raises OutsideError if it does not come."""
        from jupyter_client import AsyncKernelClient
        from jupyter_core.utils import run_sync

        self._wait_for_sockets()
        client = AsyncKernelClient()
        client.load_connection_file(str(self.started.connection))
        client.start_channels(stdin=False, hb=False)
        client.is_alive = self.is_alive
        with contextlib.ExitStack() as failed:
            # Sockets left open would hold up whoever collects the client as garbage, for ever.
            failed.callback(client.stop_channels)
            run_sync(_until_ready)(client, self.is_alive)
            failed.pop_all()
        return client

    def _wait_for_sockets(self) -> None:
        """A client that connects too early tries again only after a tenth of a second."""
        base = self.started.connection.with_suffix("")
        sockets = [Path(f"{base}-{number}") for number, _ in enumerate(CHANNELS, start=1)]
        limit = time.monotonic() + _START_SECONDS
        while not all(path.exists() for path in sockets):
            if not self.is_alive() or time.monotonic() > limit:
                raise OutsideError("the kernel did not start", hint="start it once in Jupyter")
            time.sleep(0.003)

    def tell_environment(self, client: Any, **values: str) -> None:
        """Set environment variables that were not known when it started; leaves no trace in the user's namespace."""
        from jupyter_core.utils import run_sync

        source = f"if True: __import__('os').environ.update({values!r})"
        run_sync(_silently)(client, source, self.is_alive)

    def stop(self, client: Any) -> None:
        """Let it end by itself, so that what it does at its exit is done; make it end where it does not."""
        try:
            if self.is_alive():
                client.shutdown()
                if not self._parent.wait(self.started, 2 * _STOP_SECONDS):
                    self.kill()
                    self._parent.wait(self.started, _STOP_SECONDS)
        finally:
            client.stop_channels()


async def _until_ready(client: Any, is_alive: Any) -> None:
    """Until it has answered on all channels that are listened to."""
    limit = time.monotonic() + _START_SECONDS
    while not await _answers(client):
        if not is_alive() or time.monotonic() > limit:
            raise OutsideError("the kernel died before it was ready", hint="start it once in Jupyter")


async def _answers(client: Any) -> bool:
    from queue import Empty

    asked = client.kernel_info()
    with contextlib.suppress(Empty):
        reply = await client.shell_channel.get_msg(timeout=1)
        while not _is_idle(await client.iopub_channel.get_msg(timeout=0.2), asked):
            pass
        client._handle_kernel_info_reply(reply)
        return True
    return False


def _is_idle(message: dict[str, Any], asked: str) -> bool:
    ours = message["parent_header"].get("msg_id") == asked
    return bool(ours and message["content"].get("execution_state") == "idle")


async def _silently(client: Any, source: str, is_alive: Any) -> None:
    from queue import Empty

    asked = client.execute(source, silent=True, store_history=False, allow_stdin=False)
    while is_alive():
        with contextlib.suppress(Empty):
            while not _is_idle(await client.iopub_channel.get_msg(timeout=1), asked):
                pass
            await client.shell_channel.get_msg(timeout=1)
            return
    raise OutsideError("the kernel died before its first cell")
