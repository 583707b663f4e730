"""A process that starts the stages' kernels: forked from itself with the libraries imported, or started anew.

Run as a program, in the kernel's own interpreter, which need not hold nb2prod: ``python warm.py FD``. FD is a socket on
which nb2prod sends one line of JSON per request and gets one per event:

* first of all ``{"modules": […], "libraries": […], "never": […], "shadows": […], "scratch": DIR}``: import these
  modules, as far as they belong to these libraries and lie in site-packages, where no file of the same name in
  `shadows` hides them. Answered with ``{"ready": "", "imported": […], "places": […]}``: why forking is not safe, what
  was imported, and where libraries are installed.
* ``{"start": CONNECTION FILE, "fork": true, "cwd": DIR, "env": {…}, "argv": […]}``: a kernel on that connection file,
  in a session of its own: a fork that becomes a real ipykernel, or a new process of `argv`. Answered with
  ``{"started": FILE, "pid": N, "fork": true}`` and, when it ends, with ``{"ended": N, "status": N}``.
* ``{"kill": N}``: end that kernel and what it started.

No Python thread, event loop or zmq context exists in here before a fork. When the socket closes, nb2prod is gone: all
kernels are killed with what they started, `scratch` is removed, and this process ends. When this process is killed,
Linux kills its kernels.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import sys
import sysconfig
import threading
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# What a kernel imports when it starts: every kernel has it, whatever its notebook imports.
_KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.historyapp",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "tornado.queues",
    "zmq.eventloop.zmqstream",
)


def main(descriptor):
    """Serve until the socket closes."""
    atexit.register(_end_kernel)  # the first that is registered is the last that is called
    channel = socket.socket(fileno=descriptor)
    server = _Server(channel)
    try:
        server.serve()
    finally:
        if os.getpid() == server.pid:
            server.end()
    if os.getpid() == server.pid:
        os._exit(0)  # nothing of its own to save; taking the libraries apart takes a tenth of a second


class _Server:
    def __init__(self, channel):
        self.pid = os.getpid()
        self.channel = channel
        self.pending = b""
        self.kernels = set()
        self.scratch = None
        self.reason = "nothing was imported"
        self.library = ctypes.CDLL(None) if sys.platform == "linux" else None
        self.woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self.wake = wake

    def serve(self):
        """Answer requests; a forked child leaves with its kernel's application."""
        while True:
            readable, _, _ = select.select([self.channel, self.woken], [], [])
            if self.woken in readable:
                os.read(self.woken, 4096)
                self.collect()
            if self.channel in readable:
                requests = self.requests()
                if requests is None:
                    return None
                for request in requests:
                    application = self.answer(request)
                    if application is not None:
                        return application()

    def requests(self):
        """Whole lines that arrived; None at the end."""
        try:
            found = self.channel.recv(1 << 20)
        except ConnectionError:
            found = b""
        if not found:
            return None
        *lines, self.pending = (self.pending + found).split(b"\n")
        return [json.loads(line) for line in lines]

    def answer(self, request):
        """Do what is asked; in a forked child, return what it is to run."""
        if "modules" in request:
            self.scratch = request["scratch"]
            self.reason, imported = _preload(request)
            self.tell(ready=self.reason, imported=imported, places=[str(path) for path in _places()])
        elif "start" in request:
            return self.start(request)
        elif request["kill"] in self.kernels:
            _kill(request["kill"])
        return None

    def start(self, request):
        is_fork = request["fork"] and not self.reason
        pid = os.fork()
        if pid:
            self.kernels.add(pid)
            self.tell(started=request["start"], pid=pid, fork=is_fork)
            return None
        self.become_kernel(request)
        if not is_fork:
            os.execvpe(request["argv"][0], request["argv"], dict(os.environ))
        return lambda: _run_kernel(request["start"])

    def become_kernel(self, request):
        """What a process that was started, not forked, has of its own: a session, a place, an environment, entropy."""
        os.setsid()
        if self.library is not None:
            self.library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.pid:
            os._exit(1)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for descriptor in _descriptors():
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self.channel.detach()
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"], JPY_PARENT_PID=str(self.pid))
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed()  # Python's own generator is seeded anew by the fork itself

    def collect(self):
        """Tell of the kernels that have ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.kernels.discard(pid)
            self.tell(ended=pid, status=os.waitstatus_to_exitcode(status))

    def tell(self, **event):
        with contextlib.suppress(OSError):
            self.channel.sendall((json.dumps(event) + "\n").encode())

    def end(self):
        """Nobody is there any more: leave nothing behind."""
        for pid in self.kernels:
            _kill(pid)
        for pid in self.kernels:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


def _kill(pid):
    """Kill a kernel and what it started in its session's group."""
    for kill in (os.killpg, os.kill):  # right after the fork it has no group of its own yet
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _descriptors():
    """Open files but the standard ones: pipes and locks of this process are none of the kernel's business."""
    return [number for number in map(int, os.listdir("/dev/fd")) if number > 2]  # noqa: PTH208 - a listing of numbers


# ── Importing ────────────────────────────────────────────────────────────────────────────────────────────


def _preload(request):
    """Import what the stages will; the reason why a fork is not safe, or "", and what was imported."""
    if sys.platform != "linux":
        return f"forking is not safe on {sys.platform}", []
    gc.disable()  # nothing that is imported becomes garbage: looking for it takes a tenth of the time
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # ipykernel reads it when it is imported
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as ipykernel sets it
    imported = [name for name in _KERNEL if _import(name)]
    if "ipykernel.kernelapp" not in sys.modules:
        return "this interpreter has no ipykernel", imported
    libraries = {name for name in request["libraries"] if _is_installed(name, request["shadows"])}
    wanted = [name for name in request["modules"] if name.partition(".")[0] in libraries]
    imported += [name for name in wanted if not _is_never(name, request["never"]) and _import(name)]
    gc.freeze()  # so that collections in the kernels copy no pages
    gc.enable()
    return _danger(request["never"]), imported


def _import(name):
    """Import a module; whatever goes wrong is the stage's to meet, in its own kernel."""
    try:
        importlib.import_module(name)
    except Exception:
        return False
    return True


def _is_installed(name, shadows):
    """Whether the library is site-packages' own: not the project's, not hidden by a file of the same name there."""
    if any((Path(folder) / f"{name}.py").exists() or (Path(folder) / name).is_dir() for folder in shadows):
        return False
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    origin = Path(spec.origin).resolve() if spec is not None and spec.origin else None
    return origin is not None and any(origin.is_relative_to(place) for place in _places())


def _places():
    """Where libraries are installed."""
    return {Path(sysconfig.get_path(key)).resolve() for key in ("purelib", "platlib")}


def _is_never(name, never):
    return any(name == one or name.startswith(f"{one}.") for one in never)


def _danger(never):
    """What would not survive a fork, or would be hidden by it."""
    if threading.active_count() != 1:
        return f"a library started a thread: {threading.enumerate()[-1].name}"
    found = sorted(one for one in never if one in sys.modules)
    if found:
        return f"a library imported {found[0]}, which must be imported in the kernel itself"
    if getattr(sys.modules["zmq"].Context, "_instance", None) is not None:
        return "a library opened a zmq context"
    return ""


# ── A kernel ─────────────────────────────────────────────────────────────────────────────────────────────


#: What is imported when a kernel begins; empty in any process but a forked kernel.
_STANDING = set()
# Found before the end: a stage's audit hook, once its module is cleared, lets nobody look for a library.
_EXIT = []


def _end_kernel():
    """At a forked kernel's very end: take apart what the notebook made, and no library that was there before it.

    Taking those apart, object by object, takes longer than the kernel's start. IPython has emptied the notebook's
    namespace by now; here modules that were imported since follow, and cycles. C libraries do what they do at an exit.
    """
    if not _STANDING:
        return
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        setattr(sys, name, None)
    for module in reversed([module for name, module in sys.modules.items() if name not in _STANDING]):
        _clear(vars(module))
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    _EXIT[0](0)


def _clear(names):
    """Let go of a module's objects in the order in which Python does at its end."""
    for is_early in (True, False):
        for name in [*names]:
            if name != "__builtins__" and (not is_early or (name.startswith("_") and not name.startswith("__"))):
                names[name] = None


def _run_kernel(connection):
    """What ``python -m ipykernel_launcher -f FILE`` does, in this process."""
    from ipykernel.kernelapp import IPKernelApp

    _STANDING.update(sys.modules)
    _EXIT.append(ctypes.CDLL(None).exit)
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin if launcher else "ipykernel_launcher.py", "-f", connection]
    IPKernelApp.launch_instance(argv=["-f", connection])


if __name__ == "__main__":
    del sys.path[0]  # this file's folder; a kernel has the folder that it runs in, and puts it there itself
    main(int(sys.argv[1]))
