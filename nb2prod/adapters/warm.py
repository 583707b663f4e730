"""The process that starts a run's kernels: warm, and forked where that is safe. See `templates/kernel/warm.py`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import tomllib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from nb2prod.errors import OutsideError

_PROGRAM = resources.files("nb2prod") / "_templates" / "kernel" / "warm.py"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """How kernels of a kernelspec are started. `argv` has `{connection_file}` in it."""

    argv: tuple[str, ...]
    env: Mapping[str, str]

    @property
    def python(self) -> tuple[str, ...]:
        """The interpreter with its flags: all that comes before `-m ipykernel_launcher`."""
        return self.argv[: self.argv.index("-m")]

    @property
    def is_plain_ipykernel(self) -> bool:
        """Whether it is `python … -m ipykernel_launcher -f FILE`, of which a fork can take the place."""
        tail = self.argv[self.argv.index("-m") :] if "-m" in self.argv else ()
        return tail[1:] in (
            ("ipykernel_launcher", "-f", "{connection_file}"),
            ("ipykernel", "-f", "{connection_file}"),
        )


@dataclass(frozen=True, slots=True)
class Started:
    """A kernel that was asked for: its connection file, and where and with which environment it was started."""

    connection: Path
    cwd: Path
    env: Mapping[str, str]


class Parent:
    """The warm process, and what it told about its kernels. Use `start_parent`; `close` ends it and its kernels."""

    def __init__(self, process: subprocess.Popen[bytes], channel: socket.socket, scratch: Path) -> None:
        self._process = process
        self._channel = channel
        self._scratch = scratch
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._reason: str | None = None
        self._pids: dict[str, int] = {}
        self._forked: set[str] = set()
        self._ended: dict[int, int] = {}
        self._is_gone = False
        self.imported: tuple[str, ...] = ()
        self._places: dict[str, int] = {}
        threading.Thread(target=self._listen, daemon=True, name="nb2prod-kernels").start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, with all its kernels."""
        return self._is_gone

    @property
    def is_up_to_date(self) -> bool:
        """Whether it runs, and nothing was installed or removed since it imported its libraries."""
        with self._changed:
            return not self._is_gone and all(_time_of(path) == time for path, time in self._places.items())

    def why_not_fork(self) -> str:
        """Wait until it has imported; the reason why it cannot fork, or ""."""
        with self._changed:
            self._changed.wait_for(lambda: self._reason is not None or self._is_gone)
            return "the process that forks has ended" if self._is_gone else self._reason or ""

    def start(self, argv: Sequence[str], *, fork: bool, cwd: Path, env: Mapping[str, str]) -> Started:
        """Ask for a kernel, forked if it is safe to; it is there when `is_alive` and its sockets exist."""
        name = uuid.uuid4().hex[:8]
        connection = self._scratch / f"{name}.json"
        record = {
            "transport": "ipc",
            "ip": str(self._scratch / name),
            "key": uuid.uuid4().hex,
            "signature_scheme": "hmac-sha256",
            "kernel_name": "",
            **{f"{channel}_port": number for number, channel in enumerate(CHANNELS, start=1)},
        }
        connection.write_text(json.dumps(record), encoding="utf-8")
        command = [part.replace("{connection_file}", str(connection)) for part in argv]
        self._tell(start=str(connection), fork=fork, cwd=str(cwd), env=dict(env), argv=command)
        return Started(connection, cwd, dict(env))

    def is_alive(self, kernel: Started) -> bool:
        """Whether the kernel is still to come, or runs."""
        with self._changed:
            return self._lives(kernel)

    def wait(self, kernel: Started, seconds: float) -> bool:
        """Wait for the kernel's end; whether it came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._lives(kernel), seconds)

    def _lives(self, kernel: Started) -> bool:
        pid = self._pids.get(str(kernel.connection))
        return not self._is_gone and (pid is None or pid not in self._ended)

    def kill(self, kernel: Started) -> None:
        """End the kernel and what it started, at once."""
        with self._changed:
            self._changed.wait_for(lambda: str(kernel.connection) in self._pids or self._is_gone, 5)
            pid = self._pids.get(str(kernel.connection))
        if pid is not None:
            self._tell(kill=pid)

    def is_new(self, kernel: Started) -> bool:
        """Whether a kernel has started as a new process: as was asked, or because a fork is not safe."""
        name = str(kernel.connection)
        with self._changed:
            return name in self._pids and name not in self._forked

    def pid_of(self, kernel: Started) -> int | None:
        """The kernel's process id, once it is known."""
        with self._changed:
            return self._pids.get(str(kernel.connection))

    def close(self) -> None:
        """End it; it kills its kernels, and what they started."""
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _tell(self, **request: object) -> None:
        with self._sending, contextlib.suppress(OSError):  # whoever waits for the kernel sees that it is gone
            self._channel.sendall((json.dumps(request) + "\n").encode())

    def _listen(self) -> None:
        with contextlib.suppress(OSError), self._channel.makefile("r", encoding="utf-8") as stream:
            for line in stream:
                self._note(json.loads(line))
        with self._changed:
            pids = [pid for pid in self._pids.values() if pid not in self._ended]
            self._is_gone = True
            self._changed.notify_all()
        _end_groups(pids)

    def _note(self, event: Mapping[str, Any]) -> None:
        with self._changed:
            if "ready" in event:
                self._reason = str(event["ready"])
                self.imported = tuple(event["imported"])
                self._places = {path: _time_of(path) for path in event["places"]}
            elif "started" in event:
                self._pids[str(event["started"])] = int(event["pid"])
                self._forked |= {str(event["started"])} if event["fork"] else set()
            else:
                self._ended[int(event["ended"])] = int(event["status"])
            self._changed.notify_all()


#: In the order in which a kernel opens them: when the last one is there, all are.
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


def _end_groups(pids: Iterable[int]) -> None:
    """The process is gone and its kernels with it; what they had started may not be."""
    import signal

    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _time_of(path: str) -> int:
    """When a folder's entries last changed, in ns; 0 where it is gone."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def can_supervise() -> bool:
    """Whether this platform has what the process needs."""
    return sys.platform != "win32"


def start_parent(
    interpreter: Interpreter, modules: Sequence[str], shadows: Sequence[Path], inherited: Sequence[int] = ()
) -> Parent:
    """Start the warm process; it begins to import at once.

    `shadows`: the folders that a kernel looks for modules in before site-packages. `inherited`: open files that the
    process keeps until it ends. Raises OutsideError where the interpreter cannot be started.
    """
    ours, theirs = socket.socketpair()
    scratch = Path(tempfile.mkdtemp(prefix="nb2prod-"))
    table = tomllib.loads((resources.files("nb2prod.adapters") / "preloaded.toml").read_text("utf-8"))
    try:
        process = subprocess.Popen(
            [*interpreter.python, str(_PROGRAM), str(theirs.fileno())],
            env={**os.environ, **interpreter.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=_log(),
            pass_fds=(theirs.fileno(), *inherited),
            start_new_session=True,
        )
    except OSError as error:
        shutil.rmtree(scratch, ignore_errors=True)
        raise OutsideError(f"{interpreter.argv[0]} cannot be started: {error}", hint="repair the kernel") from error
    finally:
        theirs.close()
    parent = Parent(process, ours, scratch)
    instead = table.pop("instead")
    wanted = [one for name in modules for one in (name, *instead.get(name, ()))]
    parent._tell(modules=wanted, shadows=[str(path) for path in shadows], scratch=str(scratch), **table)
    return parent


def _log() -> int | Any:
    """Where the process itself complains: nowhere, unless somebody looks for an error in it."""
    path = os.environ.get("NB2PROD_WARM_LOG")
    return open(path, "ab") if path else subprocess.DEVNULL  # noqa: PTH123 - the process's own from here on
