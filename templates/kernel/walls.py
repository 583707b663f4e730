"""What a run may not touch: the user's own files, and, without consent, other machines and other people's servers.

Two walls, the second where the system allows it:

* An audit hook sees what Python itself opens and connects to. It refuses with a sentence, and remembers the refusal for
  nb2prod even where the notebook catches the error. A linked file that is opened for writing becomes a copy first.
* On Linux a process with the right to (root, CAP_SYS_ADMIN) gives the notebook's thread a mount table and a network of
  its own: the user's folder is read-only there, and nothing but the notebook's own servers can be reached, by libraries
  in C and by programs as well. The kernel's own threads stay outside: nb2prod still hears them.

Without that right, what libraries in C and other programs write and contact is not seen.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import socket
import struct
import sys
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

#: How an error of ours begins; nb2prod recognises it there.
MINE = "this is the user's own file"
OFFLINE = "the network is off in this run (--allow-network turns it on)"
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEW_MOUNTS, _NEW_NETWORK = 0x00020000, 0x40000000
_PRIVATE, _BIND, _READ_ONLY = 0x44000, 0x5000, 0x1021
# Drivers of databases that connect in C.
_DRIVERS = ("psycopg", "psycopg2", "MySQLdb", "mysql.connector", "mariadb", "pyodbc", "oracledb", "cx_Oracle")
_STARTS = ("os.exec", "os.posix_spawn", "os.system", "subprocess.Popen")
# Programs whose work is to contact others. They are refused by name where nothing else can stop them.
_PROGRAM = re.compile(
    r"(?:^|[\s;|&(/])(curl|wget|git\s+(?:clone|fetch|pull|push)|aws|gsutil|gcloud|kaggle|gdown|scp|ssh|rsync|ftp|psql|mysql)\s"
)


class Walls:
    """Both walls of one kernel."""

    DRIVERS = _DRIVERS

    def __init__(
        self,
        tree: str,
        kept: Iterable[str],
        cell: Callable[[], str],
        unseen: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        """Keep what is below `kept` but not below `tree`. `cell`: which one runs; `unseen`: our looks do not count."""
        self._tree = os.path.realpath(tree) + os.sep
        self._kept = tuple(os.path.realpath(path) + os.sep for path in kept)
        self._cell = cell
        self._unseen = unseen
        self.refused: list[dict[str, str]] = []
        self._bound: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._outside: int | None = None  # the network of the machine, where the notebook's thread has another
        self._inside = ""  # a name, not a handle: programs are started with all handles closed
        self.offline = False
        #: Set where exchanges are recorded: whether this thread is in the middle of one.
        self.is_recorded: Callable[[], bool] | None = None
        self._busy: set[int] = set()
        self._own_names: set[str] = set()
        self._handlers: dict[str, Callable[..., None]] = {
            "open": self._open,
            "os.truncate": lambda path, *_: self._before_writing(path),
            "os.rename": lambda source, target, *_: (self._leave(source), self._leave(target)),
            "os.remove": lambda path, *_: self._leave(path),
            "os.rmdir": lambda path, *_: self._leave(path),
            "os.mkdir": self._mkdir,
            "shutil.rmtree": lambda path, *_: self._leave(path),
            "os.link": lambda _, target, *__: self._leave(target),
            "os.symlink": lambda _, target, *__: self._leave(target),
            "os.chmod": lambda path, *_: self._before_writing(path),
            "os.utime": lambda path, *_: self._before_writing(path),
            "socket.bind": lambda bound, _: self._bound.add(bound),
            "socket.connect": lambda _, address: self._reach(address),
            "socket.sendto": lambda _, address: self._reach(address),
            "socket.sendmsg": lambda _, address: self._reach(address),
            "socket.getaddrinfo": lambda host, *_: self._look_up(host),
            "socket.gethostbyname": lambda host, *_: self._look_up(host),
            **dict.fromkeys(_STARTS, self._start_program),
            "socket.__new__": self._go_inside,
        }

    def raise_(self, *, offline: bool) -> None:
        """Stand from now on, for good: an audit hook cannot be removed."""
        self.offline = offline
        own = _own_addresses()
        self._own_names = {"localhost", "", "None", "0.0.0.0", "::", "::1", socket.gethostname(), *own}
        if sys.platform == "linux":
            self._separate(own)
        handlers = self._handlers

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event in handlers:  # every `id()` comes by here
                self._hook(handlers[event], args)

        sys.addaudithook(hook)

    def _hook(self, handler: Callable[..., None], args: tuple[Any, ...]) -> None:
        thread = threading.get_ident()
        if thread in self._busy:
            return
        self._busy.add(thread)
        try:
            with self._unseen():
                handler(*args)
        finally:
            self._busy.discard(thread)

    def _refuse(self, kind: str, what: str, error: OSError) -> None:
        self.refused.append({"kind": kind, "what": what, "cell": self._cell()})
        raise error

    # Files

    def _open(self, path: Any, mode: Any, flags: Any) -> None:
        if (flags or 0) & _WRITE_FLAGS or (isinstance(mode, str) and set(mode) & set("wax+")):
            self._before_writing(path)

    def _before_writing(self, path: Any) -> None:
        full = _full(path)
        real = os.path.realpath(full) if full else ""
        if not self._is_kept(real):
            return
        if os.path.islink(full) and _parent(full).startswith(self._tree):
            copy = f"{full}.{os.getpid()}.copy"
            shutil.copy2(real, copy)
            os.replace(copy, full)
        else:
            self._refuse("file", real, PermissionError(errno.EACCES, MINE, full))

    def _is_kept(self, real: str) -> bool:
        """Say whether it is the user's. Hidden folders are settings and caches of programs: a project may be a home."""
        above = next((path for path in self._kept if real.startswith(path)), None)
        hidden = above is not None and f"{os.sep}." in real[len(above) - 1 :]
        return above is not None and not hidden and not real.startswith(self._tree)

    def _leave(self, path: Any) -> None:
        """Refuse a change of the user's folder itself: its names."""
        full = _full(path)
        place = os.path.join(_parent(full), os.path.basename(full)) if full else ""
        if self._is_kept(place):
            self._refuse("file", place, PermissionError(errno.EACCES, MINE, full))

    def _mkdir(self, path: Any, *_: Any) -> None:
        if not os.path.isdir(_full(path)):
            self._leave(path)

    # Network

    def _look_up(self, host: Any) -> None:
        name = _text(host)
        if self.offline and name not in self._own_names and not _is_number(name):
            self._refuse("host", name, OSError(errno.ENETUNREACH, OFFLINE, name))

    def _reach(self, address: Any) -> None:
        if not self.offline and (self.is_recorded is None or self.is_recorded()):
            return
        if isinstance(address, (str, bytes)):
            name = os.fsdecode(address)
            is_own = self._is_own_file(name)
        elif isinstance(address, tuple):
            host, port = _text(address[0]), address[1] if len(address) > 1 else 0
            name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            is_own = self.is_own_server(host, port)
        else:
            return
        if is_own:
            return
        if self.offline:
            self._refuse("host", name, OSError(errno.ENETUNREACH, OFFLINE, name))
        self.refused.append({"kind": "unrecorded", "what": name, "cell": self._cell()})

    def is_own_server(self, host: str, port: int) -> bool:
        """Say whether it is a server of the notebook's own, on this machine."""
        return _is_loopback(host, self._own_names) and self._is_ours(port)

    def _is_ours(self, port: int) -> bool:
        """Say whether the notebook itself, or a program that it started, listens there."""
        if any(_port_of(bound) == port for bound in list(self._bound)):
            return True
        return self._is_of_the_family(set(_listening(port)))

    def _is_own_file(self, name: str) -> bool:
        """Say whether the notebook, or a program that it started, listens at a socket that has a file for a name."""
        if not os.path.exists("/proc/self/net/unix"):  # then nobody can tell
            return True
        return self._is_of_the_family(set(_listening_at(name)))

    def _is_of_the_family(self, listening: set[str]) -> bool:
        if self._inside:
            return bool(listening)
        return bool(listening) and any(inode in listening for pid in _family() for inode in _sockets_of(pid))

    def close_driver(self, module: Any) -> None:
        """Let a database's driver connect to nobody: what its library in C does, no hook sees."""
        name = f"{module.__name__}.connect"

        def connect(*_: Any, **__: Any) -> Any:
            self._refuse("host", f"a database (`{name}`)", OSError(errno.ENETUNREACH, OFFLINE, name))

        for place in (module, getattr(module, "Connection", None), getattr(module, "AsyncConnection", None)):
            if hasattr(place, "connect"):
                with contextlib.suppress(TypeError):  # a class of C stays as it is
                    place.connect = connect

    def _start_program(self, *args: Any) -> None:
        self._go_inside()
        if self.offline and not self._inside and (found := _PROGRAM.search(_command(args))):
            name = found.group(1)
            self._refuse("host", f"others with `{name}`", OSError(errno.ENETUNREACH, OFFLINE, name))

    def _go_inside(self, *_: Any) -> None:
        if self._inside:
            with contextlib.suppress(OSError):
                network = os.open(self._inside, os.O_RDONLY | os.O_CLOEXEC)
                _enter(network)
                os.close(network)

    # Namespaces

    def _separate(self, own: Iterable[str]) -> None:
        """A mount table and a network of the notebook's own, where that is allowed."""
        places = [path.rstrip(os.sep) for path in self._kept if not _is_lived_in(path, self._tree)]
        with contextlib.suppress(OSError):
            _make_read_only(places)
        if not self.offline:
            return
        with contextlib.suppress(OSError):
            self._outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            _call("unshare", _NEW_NETWORK)
            self._inside = f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net"
            _start_loopback(own)
            os.register_at_fork(after_in_child=self._go_outside)

    def _go_outside(self) -> None:
        """A forked process prints through a socket of the machine's; what it starts and connects to stays inside."""
        frame: Any = sys._getframe(1)
        while frame is not None:
            if frame.f_globals.get("__name__") == "subprocess":
                return
            frame = frame.f_back
        if self._outside is not None:
            _enter(self._outside)


def _is_lived_in(path: str, tree: str) -> bool:
    """Say whether Jupyter, IPython or this run keep files of their own there."""
    homes = [str(Path.home()), tree, os.environ.get("IPYTHONDIR", ""), os.environ.get("TMPDIR", "")]
    return any((os.path.realpath(home) + os.sep).startswith(path) for home in homes if home)


def _make_read_only(places: list[str]) -> None:
    if not places:
        return
    _call("unshare", _NEW_MOUNTS)
    _call("mount", b"none", b"/", None, _PRIVATE, None)
    for place in places:
        name = os.fsencode(place)
        _call("mount", name, name, None, _BIND, None)
        _call("mount", name, name, None, _READ_ONLY, None)


def _start_loopback(addresses: Iterable[str]) -> None:
    """Switch `lo` on, with the machine's own addresses on it: servers that bind to these still work."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))
        for number, address in enumerate(addresses):
            with contextlib.suppress(OSError):
                place = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
                fcntl.ioctl(any_socket, 0x8916, struct.pack("16s16s", f"lo:{number}".encode(), place))


def _enter(network: int) -> None:
    with contextlib.suppress(OSError):
        _call("setns", network, _NEW_NETWORK)


def _call(name: str, *args: Any) -> None:
    import ctypes

    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _own_addresses() -> list[str]:
    """List the IPv4 addresses of this machine's name, if its own files tell them."""
    try:
        lines = Path("/etc/hosts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    entries = [line.partition("#")[0].split() for line in lines]
    found = [words[0] for words in entries if socket.gethostname() in words[1:]]
    return [address for address in found if address.count(".") == 3 and not address.startswith("127.")]


def _listening(port: int) -> Iterator[str]:
    """Yield the inodes of the sockets that listen on a port, of the network of this thread."""
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/thread-self/net/{name}").read_text("ascii").splitlines()[1:]:
                words = line.split()
                if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                    yield words[9]


def _listening_at(name: str) -> Iterator[str]:
    """Yield the inodes of the sockets with this file, of the network of this thread."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/thread-self/net/unix").read_text("utf-8", "replace").splitlines()[1:]:
            words = line.split(maxsplit=7)
            if len(words) == 8 and (words[7] == name.replace("\0", "@") or _full(words[7]) == _full(name)):
                yield words[6]


def _family() -> Iterator[int]:
    """Yield this process and its descendants."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = Path(f"/proc/{name}/stat").read_text("utf-8", "replace")
                parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(name))
    pending = [os.getpid()]
    while pending:
        process = pending.pop()
        yield process
        pending += parents.get(process, ())


def _sockets_of(process: int) -> Iterator[str]:
    folder = f"/proc/{process}/fd"
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                target = os.readlink(f"{folder}/{name}")
                if target.startswith("socket:["):
                    yield target[8:-1]


def _port_of(bound: socket.socket) -> int:
    try:
        return int(bound.getsockname()[1])
    except (OSError, IndexError, TypeError, ValueError):
        return -1


def _is_loopback(host: str, own: set[str]) -> bool:
    return host in own or host.startswith(("127.", "::ffff:127."))


def _is_number(name: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError, ValueError):
            socket.inet_pton(family, name.partition("%")[0])
            return True
    return False


def _command(args: Iterable[Any]) -> str:
    """Return what is started as one line: the first list among the arguments, else all texts."""
    lists = [one for one in args if isinstance(one, (list, tuple))]
    words = lists[0] if lists else args
    return " ".join(os.fsdecode(word) for word in words if isinstance(word, (str, bytes, os.PathLike))) + " "


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)


def _full(path: Any) -> str:
    """Return the absolute name; empty for what is no name of a file."""
    if isinstance(path, int):
        return ""
    try:
        return os.path.abspath(os.fsdecode(path))
    except (TypeError, ValueError):
        return ""


def _parent(full: str) -> str:
    return os.path.realpath(os.path.dirname(full)) + os.sep
