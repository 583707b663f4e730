"""A process that has imported what kernels need, and forks one whenever it is asked to.

Run as a program: ``python warm_server.py SOCKET``. No thread, event loop or zmq context exists before a fork: the
server's own loop is a plain ``accept``. A request is one line of JSON:

* ``{"kind": "kernel", "connection": FILE, "cwd": DIR, "env": {…}}``: a real ipykernel on that connection file. The
  answer is its process id; the kernel goes on by itself.
* ``{"kind": "cells", "cells": […], "cwd": DIR}``: the cells in a plain IPython shell, in order. The answer is what each
  printed, and the error that ended the run, if one did.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

# What a kernel imports by itself at its start, then what notebooks begin with. None of it starts a thread.
PRELOADED = (
    *(
        "ipykernel.kernelapp",
        "ipykernel.ipkernel",
        "ipykernel.debugger",
        "IPython.core.debugger",
        "IPython.core.oinspect",
    ),
    *("IPython.core.completerlib", "IPython.extensions.storemagic", "IPython.core.logger", "IPython.utils.wildcard"),
    *("tornado.platform.asyncio", "tornado.locks", "tornado.queues", "psutil", "encodings.idna", "runpy", "pdb"),
    *("numpy", "numpy.random", "pandas", "pandas.io.formats.string", "sqlite3", "json", "decimal"),
)


def main(path: str) -> None:
    """Serve until the process that started this one is gone."""
    sys.path.remove(str(Path(__file__).parent))
    for name in PRELOADED:
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children that ended are nobody's to collect
    gc.collect()
    gc.freeze()
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    server.settimeout(5)
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        if os.fork() == 0:
            server.close()
            connection.settimeout(None)
            _serve(connection)
            return
        connection.close()


def _serve(connection: socket.socket) -> None:
    with connection.makefile("r", encoding="utf-8") as stream:
        request = json.loads(stream.readline())
    _become_fresh(request)
    kind = _kernel if request["kind"] == "kernel" else _cells
    kind(connection, request)


def _become_fresh(request: dict[str, Any]) -> None:
    """What a process that was started, not forked, has of its own: a session, a place, an environment, entropy."""
    import random

    import numpy as np

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    random.seed()
    np.random.seed()
    sys.path.insert(0, "")


def _kernel(connection: socket.socket, request: dict[str, Any]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher.py", "-f", request["connection"]]
    connection.sendall(f"{os.getpid()}\n".encode())
    connection.close()
    del sys.path[0]  # ipykernel puts it there itself
    IPKernelApp.launch_instance(argv=["-f", request["connection"], "--HistoryManager.hist_file=:memory:"])


def _cells(connection: socket.socket, request: dict[str, Any]) -> None:
    shell = _shell()
    printed: list[str] = []
    error: str | None = None
    for source in request["cells"]:
        text, error = _run(shell, source)
        printed.append(text)
        if error is not None:
            break
    connection.sendall((json.dumps({"printed": printed, "error": error}) + "\n").encode())
    connection.close()
    os._exit(0)


def _shell() -> Any:
    from IPython.core.displayhook import DisplayHook
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Plain(DisplayHook):
        """Results without their number: a stage counts its cells anew."""

        def write_output_prompt(self) -> None:
            pass

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.displayhook_class = Plain
    InteractiveShell.displayhook_class = Plain
    return InteractiveShell.instance(config=config)


def _run(shell: Any, source: str) -> tuple[str, str | None]:
    """What the cell printed, subprocesses included, and how it failed."""
    import io

    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        result = shell.run_cell(source, store_history=False)
    error = result.error_before_exec or result.error_in_exec
    return out.getvalue(), f"{type(error).__name__}: {error}" if error is not None else None


if __name__ == "__main__":
    main(sys.argv[1])
