"""What a stage notebook needs at run time: read its inputs, write its outputs, hand on the random state.

The pipeline's notebooks import this file, and it imports nothing but the standard library; NumPy, pandas and
pyarrow are used only where a stage already has them. Three promises are kept here:

* nothing half-written is ever taken for a result: a file appears whole, under its name, or not at all;
* what the next stage reads is exactly what this stage had: every write is read back and compared;
* the same value gives the same bytes, in any process, so that DVC reruns only what really changed.

"Exactly" is decided by :func:`fingerprint`, a hash of a value's content, its types and its inner sharing.
"""

from __future__ import annotations

import abc
import array
import base64
import copyreg
import datetime
import enum
import hashlib
import json
import math
import os
import pickle
import random
import re
import stat
import sys
import sysconfig
import tempfile
import threading
import traceback
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote, quote_plus, unquote

#: Relative paths start here, also after a cell has called ``os.chdir``.
HOME = Path.cwd()
#: The times of files come from a clock that lags behind by up to a tick.
_BEGAN = datetime.datetime.now().timestamp() - 0.02
#: Code lifted from the notebook into this package counts as the notebook's own (``__main__``).
PACKAGE = __package__ or "__main__"
#: The project's folder, where a conversion looks for values that name it; empty otherwise.
ROOT = ""
_CHANGED = "this stage changed it, and was not seen to when the notebook was converted"
#: What is never written, as bytes in the forms in which it may stand somewhere, by the name of what holds it.
SECRETS: dict[str, tuple[bytes, ...]] = {}


class StageError(RuntimeError):
    """A stage cannot go on: what happened, where, and what to do."""

    def __init__(self, what: str, where: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}; {remedy}")


def _otherwise(what: str, where: str) -> StageError:
    """Another path is taken than at the conversion; papermill opens the cell of given parameters with its name."""
    cells = vars(sys.modules["__main__"]).get("In", ())
    given = any(str(cell).startswith("# Parameters\n") for cell in cells)
    return StageError(what, where, f"convert the notebook again{' with these parameters' if given else ''}")


# ── Fingerprint: one walk over everything that a value holds ─────────────────────────────────────────────

_CODES = {type(None): 0, bool: 1, int: 2, float: 3, complex: 4, str: 5, bytes: 6}
_CONTAINERS = {list, dict, set, bytearray}
_IMMUTABLE_MODULES = {
    "datetime", "decimal", "fractions", "ipaddress", "pathlib", "pytz", "re", "typing", "uuid", "zoneinfo",
}  # fmt: skip
_IMMUTABLE_TYPES = (enum.Enum, range, slice, types.CodeType, type(Ellipsis), type(NotImplemented))
# Machinery of the process: equal from the outside whatever it holds, and never part of a result.
_OPAQUE_MODULES = {
    "IPython", "_contextvars", "_thread", "_weakref", "asyncio", "concurrent", "ipykernel", "itertools",
    "logging", "matplotlib", "mpl_toolkits", "multiprocessing", "select", "socket", "sqlite3", "ssl",
    "subprocess", "threading", "weakref", "zmq",
}  # fmt: skip
# The same of libraries whose other classes are data.
_CONNECTIONS = {
    "sqlalchemy.engine.base.Connection", "sqlalchemy.engine.base.Engine", "sqlalchemy.orm.session.Session",
    "sqlalchemy.orm.session.sessionmaker", "boto3.resources.base.ServiceResource", "boto3.session.Session",
    "botocore.client.BaseClient", "botocore.response.StreamingBody", "botocore.session.Session",
}  # fmt: skip
# Of these, what is plain text: the answer of `x = !command`.
_TEXT_TYPES = {"IPython.utils.text.SList", "IPython.utils.text.LSString"}
_OPAQUE_TYPES = (
    types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, types.FrameType, types.TracebackType,
    type(iter(())), type(iter([])), type(iter("")), map, filter, zip, enumerate, reversed,
)  # fmt: skip
# scikit-learn's text vectorizers keep an object's address, and look anew without it.
_ADDRESS = "_stop_words_id"
_CHUNK = 1 << 18
_MAX_VIEWS = 64
_MAX_SET_DEPTH = 2
# Nobody asks between two cells whether one of these is held.
_LOCKS = (type(threading.Lock()), type(threading.RLock()))


class Walk:
    """One pass over the objects reachable from `value`, without recursion.

    Attributes:
        fingerprint: hash of the content; equal in two processes when the values are equal.
        shared: ids of the mutable objects met. Compare them only while both walks are alive.
        readonly: ids of buffers seen through read-only arrays: they change only through somebody else.
        overlapping: ids of buffers that two different arrays of this value look into.
        size: bytes hashed, a fair estimate of the value's size.
        opaque: whether the value itself is known by its type only.
        blind: whether something in it is, whose state may differ unseen (a generator, a connection).
        own: names of the notebook's own classes and functions that the value needs to exist.
        modules: names of the modules of the classes and functions that it refers to.
        secret: the name of a secret whose value is in it; empty otherwise.
        placed: whether a text or path in it names the project's folder, which is another one in another clone.
    """

    def __init__(self, value: Any, set_depth: int = 0) -> None:
        self.shared: set[int] = set()
        self.readonly: set[int] = set()
        self.overlapping: set[int] = set()
        self.size = 0
        self.opaque = False
        self.blind = False
        self.own: set[str] = set()
        self.modules: set[str] = set()
        self.placed = False
        self.secret = ""
        self._set_depth = set_depth
        self._hash = hashlib.sha256(usedforsecurity=False)  # the fastest where the processor helps
        self._order: dict[int, int] = {}
        self._alive: list[Any] = []  # ids are compared, so nothing visited may be freed during the walk
        self._temporary: set[int] = set()
        self._views: dict[int, list[Any]] = {}
        self._handlers: dict[type, Callable[[Walk, Any], Sequence[Any]]] = {}
        self._immutable: dict[type, bool] = dict.fromkeys(_CONTAINERS, False)
        self._process_wide = _process_wide()
        self._root = value
        self._run(value)
        self.overlapping |= self._buffers_held()
        self.fingerprint = self._hash.hexdigest()[:32]

    def _run(self, value: Any) -> None:
        pending = [value]
        while pending:
            pending.extend(reversed(self._visit(pending.pop())))

    def _visit(self, value: Any) -> Sequence[Any]:
        """Hash the value's own token; return what it holds, to be visited next."""
        kind = type(value)
        if kind in _CODES:
            self.placed = self.placed or (kind is str and bool(ROOT) and ROOT in value)
            return self._emit("atom", bytes([_CODES[kind]]) + _pack(kind, [value]))
        if id(value) in self._process_wide:
            return self._emit("process", self._process_wide[id(value)])
        if not self._counts_by_value(value, kind) and self._seen_before(value):
            return ()
        handler = _HANDLERS.get(kind) or self._handlers.get(kind)
        if handler is None:
            handler = self._handlers[kind] = _library_handler(value) or Walk._instance
        return handler(self, value)

    def _counts_by_value(self, value: Any, kind: type) -> bool:
        """Say whether one object or two equal ones are the same to everybody."""
        if kind in (tuple, frozenset):
            return {type(item) for item in value} <= _CODES.keys()
        known = self._immutable.get(kind)
        if known is None:
            known = self._immutable[kind] = _is_immutable(value)
        return known

    def _seen_before(self, value: Any) -> bool:
        """Hash a second sight as a back-reference: that is how sharing and cycles are told apart."""
        order = self._order.get(id(value))
        if order is not None:
            self._emit("again", order)
            return True
        self._order[id(value)] = len(self._order)
        self._alive.append(value)
        if id(value) not in self._temporary and (type(value) in _CONTAINERS or _is_mutable(value)):
            self.shared.add(id(value))
        return False

    def _emit(self, tag: str, payload: Any = b"") -> tuple[()]:
        data = payload if isinstance(payload, bytes) else str(payload).encode("utf-8", "surrogatepass")
        self._hash.update(b"%s %d:" % (tag.encode(), len(data)))
        self._hash.update(data)
        self.size += len(data)
        if SECRETS and not self.secret:
            self.secret = secret_in(data)
        return ()

    def _emit_name(self, tag: str, value: Any) -> tuple[()]:
        name, module = str(getattr(value, "__qualname__", "")).partition(".")[0], getattr(value, "__module__", None)
        if type(module) is str:
            self.modules.add(module)
        if _is_own(module) and name != "<lambda>":
            self.own.add(name)
        return self._emit(tag, _qualified(value))

    def _hold(self, *parts: Any) -> list[Any]:
        """Mark containers made for this walk: they are visited, but nobody else can share them."""
        self._alive.extend(parts)
        self._temporary.update(map(id, parts))
        return list(parts)

    def _items(self, tag: str, values: Sequence[Any]) -> Sequence[Any]:
        """Hash plain values in bulk, type by type; anything else is visited one by one."""
        kinds = list(map(type, values))
        present = set(kinds)
        if not present <= _CODES.keys():
            self._emit(tag, len(values))
            return values
        if ROOT and not self.placed and str in present:
            self.placed = any(ROOT in value for value in values if type(value) is str)
        parts = [bytes([_CODES[kind] for kind in kinds])]
        for kind in sorted(present, key=_CODES.__getitem__):
            plain = values if len(present) == 1 else [value for value in values if type(value) is kind]
            packed = _pack(kind, plain)
            parts += [b"%d:" % len(packed), packed]
        return self._emit(tag + " plain", b"".join(parts))

    # ── Python's own types ──

    def _list(self, value: Any) -> Sequence[Any]:
        return self._items(type(value).__name__, value)

    def _dict(self, value: dict[Any, Any]) -> Sequence[Any]:
        value = _without_address(value)
        keys = self._items("keys", list(value))
        return [*keys, *self._items("values", list(value.values()))]

    def _set(self, value: Any) -> Sequence[Any]:
        """Hash without order. Elements that look alike are counted, not told apart."""
        self._emit_name("set", type(value))
        attributes = [value.__dict__] if getattr(value, "__dict__", None) else []
        if {type(item) for item in value} <= _CODES.keys():
            self._emit("elements", b"".join(sorted(_element_key(item) for item in value)))
            return attributes
        if self._set_depth >= _MAX_SET_DEPTH:
            self._emit("deep", sorted(_qualified(type(item)) for item in value))
            return attributes
        return [*attributes, *self._ordered(value)]

    def _ordered(self, value: Any) -> Sequence[Any]:
        walks = [(Walk(item, self._set_depth + 1), item) for item in value]
        walks.sort(key=lambda pair: pair[0].fingerprint)
        keys = [walk.fingerprint for walk, _ in walks]
        for walk, _ in walks:
            self.shared |= walk.shared
            self.readonly |= walk.readonly
            self.own |= walk.own
            self.modules |= walk.modules
            self.placed = self.placed or walk.placed
            self.blind = self.blind or walk.blind or walk.opaque
            self.secret = self.secret or walk.secret
        self._hold(*walks)
        self._emit("elements", " ".join(keys))
        # Visited again, to tie them to the rest of the graph; between twins there is no order to visit in.
        return [item for _, item in walks] if len(set(keys)) == len(keys) else ()

    def _bytearray(self, value: bytearray) -> Sequence[Any]:
        return self._emit("bytearray", bytes(value))

    def _named(self, value: Any) -> Sequence[Any]:
        return self._emit_name("class", value)

    def _class(self, value: type) -> Sequence[Any]:
        """Hash a class by its name; one of the notebook's own that is looked at itself, by what it holds too."""
        self._emit_name("class", value)
        return _class_state(value) if value is self._root and _is_own(value.__module__) else ()

    def _module(self, value: types.ModuleType) -> Sequence[Any]:
        return self._emit("module", value.__name__)

    def _function(self, value: types.FunctionType) -> Sequence[Any]:
        self._emit_name("function", value)
        if not _is_own(value.__module__) and "<" not in value.__qualname__:
            return ()  # a library's function is its name; its body belongs to the library's version
        closure = [_cell_content(cell) for cell in value.__closure__ or ()]
        self._hold(closure, value.__dict__)
        return [value.__code__, value.__defaults__, value.__kwdefaults__, closure, value.__dict__]

    def _code(self, value: types.CodeType) -> Sequence[Any]:
        """Hash what the code does, not where it stands: no file name, no line numbers."""
        self._emit("code", " ".join(_instructions(value)))
        names = (value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)
        return [names, value.co_argcount, value.co_kwonlyargcount, value.co_posonlyargcount, value.co_consts]

    def _method(self, value: types.MethodType) -> Sequence[Any]:
        self._emit("method")
        return [value.__func__, value.__self__]

    def _builtin(self, value: Any) -> Sequence[Any]:
        self._emit("builtin", _qualified(value))
        owner = value.__self__
        return () if owner is None or isinstance(owner, types.ModuleType) else [owner]

    def _enum(self, value: enum.Enum) -> Sequence[Any]:
        self._emit_name("enum", type(value))
        return self._emit("member", value.name)

    def _instance(self, value: Any) -> Sequence[Any]:
        """Any other object is what it would give to pickle: how to build it, and its state."""
        try:
            reduced = _reduce(value)
        except Exception:  # a class may refuse or fail in any way it likes; then only its type is known
            return self._opaque(value)
        self._emit_name("instance", type(value))
        if isinstance(reduced, str):  # a name in its module; the function below a cache is looked at as well
            self._emit("global", f"{_qualified(value)} {reduced}")
            return [getattr(value, "__wrapped__", None)]
        parts = [list(part) if i in (3, 4) and part is not None else part for i, part in enumerate(reduced)]
        if not _is_own(type(value).__module__):
            parts = [_in_order_of_names(part) if i == 2 else part for i, part in enumerate(parts)]
        elif _chooses_its_state(type(value)):
            parts.append(getattr(value, "__dict__", None))  # what its own `__getstate__` leaves out counts as well
        return self._hold(*parts)

    def _path(self, value: Any) -> Sequence[Any]:
        self._emit("path", _qualified(type(value)))
        return [str(value)]

    def _opaque(self, value: Any) -> Sequence[Any]:
        self.opaque = self.opaque or value is self._root
        self.blind = self.blind or not (value is self._root or isinstance(value, _LOCKS))
        return self._emit_name("opaque", type(value))

    # ── NumPy ──

    def _dtype(self, value: Any) -> Sequence[Any]:
        return self._emit("dtype", repr(value))

    def _masked(self, value: Any) -> Sequence[Any]:
        self._emit("masked", f"{_qualified(type(value))} {value.hardmask}")
        numpy = sys.modules["numpy"]
        return [value.data, numpy.ma.getmaskarray(value), numpy.asarray(_fill_value(value), value.dtype)]

    def _scalar(self, value: Any) -> Sequence[Any]:
        self._emit("scalar", _qualified(type(value)))
        return self._numbers(sys.modules["numpy"].asarray(value))

    def _array(self, value: Any) -> Sequence[Any]:
        owner = _owner(value)
        self._alive.append(owner)
        (self.shared if value.flags.writeable else self.readonly).add(id(owner))
        self._overlaps(value, owner)
        self._emit("kind", _qualified(type(value)))
        attributes = [value.__dict__] if getattr(value, "__dict__", None) else []
        return [*attributes, *self._numbers(sys.modules["numpy"].asarray(value))]

    def _overlaps(self, value: Any, owner: Any) -> None:
        """Hash which earlier arrays this one looks into: writing to one would change the other."""
        earlier = self._views.setdefault(id(owner), [])
        for other in earlier[:_MAX_VIEWS]:
            if _same_memory(value, other):
                self.overlapping.add(id(owner))
                self._emit("overlap", f"{self._order[id(other)]} {_address(value) - _address(other)}")
        earlier.append(value)

    def _buffers_held(self) -> set[int]:
        """Buffers that the value holds by themselves too: whoever has one sees what is written through an array."""
        met = self._views.keys() & self._order.keys()
        return {id(one) for one in self._alive if id(one) in met and isinstance(one, (bytearray, array.array))}

    def _numbers(self, value: Any) -> Sequence[Any]:
        """Hash an array by dtype, shape and elements; how it lies in memory does not count."""
        dtype = value.dtype
        self._emit("array", f"{dtype!r} {value.shape}")
        if dtype.names:
            return [child for name in dtype.names for child in self._numbers(value[name])]
        if dtype.hasobject or dtype.char == "T":
            return self._items("objects", value.ravel().tolist())
        flat = value.reshape(-1)
        for start in range(0, flat.size if dtype.itemsize else 0, _CHUNK):
            self._update(_canonical_floats(flat[start : start + _CHUNK]), is_text=dtype.kind in "SU")
        return ()

    def _update(self, flat: Any, is_text: bool = False) -> None:
        self.size += flat.nbytes
        data = sys.modules["numpy"].ascontiguousarray(flat).view("u1")
        self._hash.update(data)
        if is_text and SECRETS and not self.secret:
            self.secret = secret_in(data.tobytes())

    # ── pandas ──

    def _frame(self, value: Any) -> Sequence[Any]:
        self._emit("frame", f"{_qualified(type(value))} {value.shape}")
        columns = [self._column(value.iloc[:, place].array) for place in range(value.shape[1])]
        extra = [getattr(value, name, None) for name in value._metadata]
        cells = [cell for column in columns for cell in column]
        return [value.index, value.columns, *self._labels(value, extra), *cells]

    def _series(self, value: Any) -> Sequence[Any]:
        self._emit("series", _qualified(type(value)))
        values = self._column(value.array)
        return [value.index, value.name, *self._labels(value, []), *values]

    def _labels(self, value: Any, extra: list[Any]) -> list[Any]:
        return [*self._hold(value.attrs, extra), value.flags.allows_duplicate_labels]

    def _index(self, value: Any) -> Sequence[Any]:
        self._emit("index", f"{_qualified(type(value))} {getattr(value, 'freq', None)!r}")
        names = list(value.names)
        if hasattr(value, "levels"):
            codes = [child for code in value.codes for child in self._numbers(code)]
            return [*names, *value.levels, *codes]
        return [*names, *self._column(value.array)]

    def _column(self, value: Any) -> Sequence[Any]:
        """Hash an extension array through the plain arrays that it is made of."""
        dtype = "" if hasattr(value, "categories") else repr(value.dtype)  # a long list of categories is cut
        self._emit("column", f"{_qualified(type(value))} {dtype}")
        if hasattr(value, "_pa_array"):
            return self._arrow(value._pa_array)
        if hasattr(value, "_mask") and hasattr(value, "_data"):
            visible = value._data.copy()
            visible[value._mask] = 0  # what lies under the mask cannot be seen
            return [*self._numbers(value._mask), *self._numbers(visible)]
        if hasattr(value, "categories"):
            return [value.ordered, value.categories, *self._numbers(value.codes)]
        if hasattr(value, "_ndarray"):
            return self._numbers(value._ndarray)
        return self._items("objects", list(value.astype(object)))

    def _arrow(self, value: Any) -> Sequence[Any]:
        """Hash an Arrow column whatever its chunks; the bytes behind a null do not count."""
        import pyarrow

        self._emit("arrow", value.type)
        self._numbers(value.is_null().to_numpy())
        kinds = pyarrow.types
        if kinds.is_string(value.type) or kinds.is_large_string(value.type):
            return self._texts(value.cast(pyarrow.large_binary()).fill_null(b""))
        if kinds.is_integer(value.type) or kinds.is_floating(value.type):
            return self._numbers(value.fill_null(0).to_numpy())
        return self._items("objects", value.to_pylist())

    def _texts(self, value: Any) -> Sequence[Any]:
        import numpy as np

        spans = []
        for chunk in value.chunks:
            _, offsets, data = chunk.buffers()
            ends = np.frombuffer(offsets, dtype=np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
            spans.append((ends, np.frombuffer(data or b"", dtype=np.uint8)))
        for ends, _ in spans:
            self._update(np.diff(ends))
        for ends, data in spans:
            self._update(data[ends[0] : ends[-1]], is_text=True)
        return ()


_HANDLERS: dict[type, Callable[[Walk, Any], Sequence[Any]]] = {
    list: Walk._list, tuple: Walk._list, dict: Walk._dict, set: Walk._set, frozenset: Walk._set,
    bytearray: Walk._bytearray, types.ModuleType: Walk._module, types.FunctionType: Walk._function,
    types.CodeType: Walk._code, types.MethodType: Walk._method, types.BuiltinFunctionType: Walk._builtin,
}  # fmt: skip


def fingerprint(value: Any) -> str:
    """Hash a value: equal in two processes when content, types and inner sharing are equal."""
    return Walk(value).fingerprint


def shared_objects(value: Any) -> set[int]:
    """Return the ids of the mutable objects in `value`: values that share one must travel together."""
    walk = Walk(value)
    return _Ids(walk.shared | walk.readonly, walk)


class _Ids(set):  # type: ignore[type-arg]
    """Ids that stay true: the objects they name live as long as the set."""

    def __init__(self, ids: Iterable[int], walk: Walk) -> None:
        super().__init__(ids)
        self._walk = walk


def _library_handler(value: Any) -> Callable[[Walk, Any], Sequence[Any]] | None:
    """Find the handler for a class, an enum, a set's subclass, machinery, or NumPy's and pandas' types."""
    if isinstance(value, type):
        return Walk._class
    if isinstance(value, enum.Enum):
        return Walk._enum
    if isinstance(value, PurePath):
        return Walk._path
    if isinstance(value, (set, frozenset)):
        return Walk._set
    if type(value).__name__ == "Bunch" and _root_module(type(value)) == "sklearn":
        return Walk._dict  # its own state is a note about deprecated keys, which pickling drops
    if _qualified(type(value)) in _TEXT_TYPES:
        return Walk._instance
    if isinstance(value, _OPAQUE_TYPES) or _root_module(type(value)) in _OPAQUE_MODULES:
        return Walk._opaque
    if any(f"{kind.__module__}.{kind.__qualname__}" in _CONNECTIONS for kind in type(value).__mro__):
        return Walk._opaque
    numpy, pandas = _loaded("numpy"), _loaded("pandas")
    table: list[tuple[Any, Any]] = []
    if numpy:
        masked = numpy.ma.MaskedArray
        table += [(masked, Walk._masked), (numpy.ndarray, Walk._array)]
        table += [(numpy.generic, Walk._scalar), (numpy.dtype, Walk._dtype)]
    if pandas:
        extension = pandas.api.extensions.ExtensionArray
        table += [(pandas.DataFrame, Walk._frame), (pandas.Series, Walk._series)]
        table += [(pandas.Index, Walk._index), (extension, Walk._column)]
    return next((handler for kinds, handler in table if isinstance(value, kinds)), None)


def _class_state(value: type) -> list[Any]:
    """Return the attributes of a class that are neither code nor Python's own."""
    names = sorted(name for name in vars(value) if not (name[:1] == name[-1:] == "_" or name == "_abc_impl"))
    held = {name: vars(value)[name] for name in names if not hasattr(type(vars(value)[name]), "__get__")}
    parts = [part for pair in held.items() for part in pair]
    return [*parts, *_methods(value), *_members(value), *_registered(value)]


def _methods(value: type) -> list[Any]:
    """Return the names of a class's methods with their code: a library or a later cell may add or replace one."""
    found = {name: _function_in(one) for name, one in vars(value).items()}
    code = {name: one.__code__ for name, one in found.items() if isinstance(one, types.FunctionType)}
    return [part for pair in sorted(code.items()) for part in pair]


def _function_in(value: Any) -> Any:
    if isinstance(value, property):
        return value.fget
    return value.__func__ if isinstance(value, (staticmethod, classmethod)) else value


def _members(value: type) -> list[Any]:
    """Return what the members of an enumeration hold, with its names: their values, and attributes of their own."""
    members = value.__members__ if isinstance(value, enum.EnumMeta) else {}
    found = [(name, key, held) for name, one in members.items() for key, held in sorted(one.__dict__.items())]
    return [part for name, key, held in found if key == "_value_" or key[0] != "_" for part in (name, key, held)]


def _registered(value: type) -> list[str]:
    """Return the names of the classes that an abstract base class was told to count as its own."""
    known = abc._get_dump(value)[0] if isinstance(value, abc.ABCMeta) else ()  # type: ignore[attr-defined]
    return sorted(_qualified(one) for reference in known if (one := reference()) is not None)


def _loaded(name: str) -> Any:
    """Return a library only if the stage has imported it to the end; otherwise it has no objects here."""
    module = sys.modules.get(name)
    if module is None or getattr(getattr(module, "__spec__", None), "_initializing", False):
        return None
    return module


def _is_immutable(value: Any) -> bool:
    """Say whether values of this type cannot change, so that their content is all that counts."""
    if isinstance(value, (type, *_IMMUTABLE_TYPES)) or _root_module(type(value)) in _IMMUTABLE_MODULES:
        return True
    numpy, pandas = _loaded("numpy"), _loaded("pandas")
    if numpy and isinstance(value, (numpy.generic, numpy.dtype)):
        return True
    return bool(pandas) and isinstance(value, _pandas_immutables(pandas))


def _pandas_immutables(pandas: Any) -> tuple[type, ...]:
    times = (pandas.Timestamp, pandas.Timedelta, pandas.Period, pandas.Interval, pandas.offsets.BaseOffset)
    missing = (type(pandas.NA), type(pandas.NaT))
    return (*times, *missing, pandas.Index, pandas.api.extensions.ExtensionDtype)


def _can_change(value: Any) -> bool:
    kind = type(value)
    return kind in _CONTAINERS or not (kind in _CODES or _is_immutable(value) or not _is_mutable(value))


def _is_mutable(value: Any) -> bool:
    """Say whether two variables that hold this object could change it for each other."""
    kind = type(value)
    if kind in (tuple, frozenset, types.ModuleType, types.MethodType, types.BuiltinFunctionType):
        return False
    if kind is types.FunctionType:
        return bool(value.__closure__ or value.__dict__)
    if _root_module(kind) in ("IPython", "logging", "matplotlib", "mpl_toolkits"):
        return _qualified(kind) in _TEXT_TYPES
    numpy = _loaded("numpy")
    if numpy and isinstance(value, (numpy.ndarray, numpy.ufunc)):
        return False  # an array counts through the buffer that it looks into
    frozen = getattr(kind, "__dataclass_params__", None)
    return not (frozen and frozen.frozen)


def _process_wide() -> dict[int, str]:
    """Name the objects that every variable of a process shares, and that belong to none."""
    found = {id(random._inst): "random", id(os.environ): "os.environ", id(sys.modules): "sys.modules"}
    found.update({id(getattr(sys, name)): name for name in ("stdin", "stdout", "stderr", "path")})
    numpy_random = _loaded("numpy.random")
    if numpy_random:
        generator = numpy_random.mtrand._rand
        found.update({id(generator): "numpy.random", id(generator._bit_generator): "numpy.random"})
    return found


def _without_address(state: dict[Any, Any]) -> dict[Any, Any]:
    return {key: item for key, item in state.items() if key != _ADDRESS} if _ADDRESS in state else state


def _in_order_of_names(state: Any) -> Any:
    """Attributes of a library's object: some are set in the order of a set, which differs from process to process."""
    if type(state) is dict and all(type(name) is str for name in state):
        return {name: state[name] for name in sorted(state)}
    return state


def _reduce(value: Any) -> Any:
    reducer = copyreg.dispatch_table.get(type(value))
    return reducer(value) if reducer else value.__reduce_ex__(4)


def _chooses_its_state(kind: type) -> bool:
    names = ("__getstate__", "__reduce__", "__reduce_ex__")
    return any(getattr(kind, name, None) is not getattr(object, name, None) for name in names)


def _is_own(module: str | None) -> bool:
    return module in ("__main__", PACKAGE) or str(module).startswith(PACKAGE + ".")


def _root_module(kind: type) -> str:
    return str(kind.__module__).partition(".")[0]


def _qualified(value: Any) -> str:
    """Name a class or function; the notebook's own has one name, lifted into the package or not."""
    module = getattr(value, "__module__", None)
    name = getattr(value, "__qualname__", None) or type(value).__qualname__
    return f"{'__main__' if _is_own(module) else module}.{name}"


_BOOKKEEPING = {"CACHE", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL", "RESUME"}


def _instructions(code: types.CodeType) -> list[str]:
    """List the instructions as they would be wherever the source stands.

    The compiler calls a method in another way where it sees the import of the module in the same file, so the
    very same function has other bytes in a notebook's cell and in a package.
    """
    import dis

    jumps = {*dis.hasjrel, *dis.hasjabs}  # their targets are offsets, which bookkeeping moves
    found = []
    for one in dis.get_instructions(code):
        if one.opname not in _BOOKKEEPING:
            name = "LOAD_ATTR" if one.opname == "LOAD_METHOD" else one.opname
            argument = one.argval if isinstance(one.argval, str) else one.arg
            found.append(name if one.opcode in jumps else f"{name}:{argument}")
    return found


def _cell_content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name of the enclosing function that has no value yet
        return None


def _pack(kind: type, values: Sequence[Any]) -> bytes:
    """Turn plain values of one type into bytes that only equal values share."""
    if kind is float:
        return array.array("d", [math.nan if math.isnan(value) else value for value in values]).tobytes()
    if kind is complex:
        return _pack(float, [part for value in values for part in (value.real, value.imag)])
    if kind is str:
        text = "".join(values).encode("utf-8", "surrogatepass")
        return array.array("q", map(len, values)).tobytes() + text
    if kind is bytes:
        return array.array("q", map(len, values)).tobytes() + b"".join(values)
    return ",".join(map(hex, values)).encode() if kind in (int, bool) else b""


def _element_key(value: Any) -> bytes:
    packed = _pack(type(value), [value])
    return b"%d %d:" % (_CODES[type(value)], len(packed)) + packed


def _canonical_floats(flat: Any) -> Any:
    """Give all NaNs one bit pattern, and split long doubles, whose padding bytes hold anything."""
    import numpy as np

    if flat.dtype.kind == "c":
        return _canonical_floats(np.ascontiguousarray(flat).view(flat.real.dtype))
    if flat.dtype.kind != "f":
        return flat
    if flat.dtype.itemsize > 8:
        with np.errstate(all="ignore"):
            high = flat.astype(np.float64)
            low = (flat - high).astype(np.float64)
        return np.concatenate([_canonical_floats(high), _canonical_floats(low)])
    missing = np.isnan(flat)
    if missing.any():
        flat = flat.copy()
        flat[missing] = np.nan
    return flat


def _fill_value(value: Any) -> Any:
    """Return a masked array's fill value; its own property would store the default in the array."""
    if value._fill_value is not None:
        return value._fill_value
    return sys.modules["numpy"].ma.default_fill_value(value)


def _owner(value: Any) -> Any:
    """Find the object whose memory an array looks into."""
    numpy = sys.modules["numpy"]
    while isinstance(value, numpy.ndarray) and value.base is not None:
        value = value.base
    return value.obj if isinstance(value, memoryview) else value


def _address(value: Any) -> int:
    return int(value.__array_interface__["data"][0])


def _same_memory(one: Any, other: Any) -> bool:
    numpy = sys.modules["numpy"]
    try:
        return bool(numpy.shares_memory(one, other, max_work=10_000))
    except getattr(numpy, "exceptions", numpy).TooHardError:
        return True


# ── Canonical pickle: the same value, the same bytes ─────────────────────────────────────────────────────


class _CanonicalPickler(pickle._Pickler):  # type: ignore[name-defined]
    """Pickle without what differs from process to process: set order, string identity, padding.

    It extends the Python implementation because the C one keeps no hook for sets and strings.
    """

    dispatch = pickle._Pickler.dispatch.copy()  # type: ignore[attr-defined]

    def __init__(self, file: Any, overlapping: set[int]) -> None:
        super().__init__(file, protocol=5)
        self._overlapping = overlapping
        self._buffers: dict[int, bytearray] = {}
        self._canonical: dict[Any, Any] = {}
        numpy = _loaded("numpy")
        self._dtype: Any = numpy.dtype if numpy else ()
        numpy_random = _loaded("numpy.random")
        self._global_generators = {id(random._inst): "_inst"}
        if numpy_random:
            self._global_generators[id(numpy_random.mtrand._rand)] = "_rand"

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        """Save an object; equal strings, bytes, dtypes and slices are one object, however many there are."""
        kind = type(obj)
        if kind in (str, bytes):
            obj = self._canonical.setdefault((kind, obj), obj)
        elif issubclass(kind, self._dtype) or (kind is slice and _is_plain_slice(obj)):
            obj = self._canonical.setdefault(repr(obj), obj)  # C's `long` and `long long` are both int64
        elif kind is dict:
            obj = _without_address(obj)
        super().save(obj, save_persistent_id)

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if id(obj) in self._global_generators:
            return self._global_generators[id(obj)]  # a name: it is the reader's global generator again
        if isinstance(obj, (set, frozenset)) and kind not in (set, frozenset):
            build, _, *state = obj.__reduce_ex__(5)
            return (build, (_canonical_order(obj),), *state)
        numpy = _loaded("numpy")
        if numpy and isinstance(obj, numpy.dtype) and obj.isbuiltin == 1 and not obj.metadata:
            return numpy.dtype, (obj.str,)  # by name, so that it is NumPy's own object again, as it was
        if numpy and kind is numpy.ndarray:
            return self._reduce_array(obj)
        if numpy and isinstance(obj, numpy.ma.MaskedArray):
            build, args, state = obj.__reduce__()  # ends with the fill value, which reading would set
            return build, args, (*state[:-1], numpy.asarray(_fill_value(obj), obj.dtype))
        if kind.__module__ == "pyarrow.lib" and kind.__name__ == "ChunkedArray":
            return _reduce_arrow(obj)
        if isinstance(obj, dict) and getattr(obj, "__dict__", None) is obj and not _chooses_its_state(kind):
            return copyreg.__newobj__, (kind,), (None, {"__dict__": obj}), None, iter(obj.items())
        if _is_drawing(obj):
            raise pickle.PicklingError("a Matplotlib figure is drawn again, not stored")
        if hasattr(kind, "__next__") and not _is_own(kind.__module__):
            raise pickle.PicklingError(f"a {_name(obj)} is used up by whoever looks into it")
        return NotImplemented

    def _reduce_array(self, value: Any) -> Any:
        owner = _owner(value)
        if id(owner) in self._overlapping and not value.dtype.hasobject:
            return self._reduce_view(value, owner)
        if value.dtype.names and not value.dtype.hasobject:
            value = _without_padding(value)
        if not (value.flags.c_contiguous or value.flags.f_contiguous):
            value = value.copy(order="C")
        return value.__reduce_ex__(5)

    def _reduce_view(self, value: Any, owner: Any) -> Any:
        """Keep arrays that look into one buffer together: store the buffer once, and each as a view of it."""
        start, content = _buffer_of(owner)
        buffer = self._buffers.setdefault(id(owner), content)
        return type(value), (value.shape, value.dtype, buffer, _address(value) - start, value.strides)

    def save_set(self, obj: set[Any]) -> None:
        self.write(pickle.EMPTY_SET)
        self.memoize(obj)
        self.write(pickle.MARK)
        for item in _canonical_order(obj):
            self.save(item)
        self.write(pickle.ADDITEMS)

    def save_frozenset(self, obj: frozenset[Any]) -> None:
        self.write(pickle.MARK)
        for item in _canonical_order(obj):
            self.save(item)
        if id(obj) in self.memo:  # it holds itself, and was saved on the way
            self.write(pickle.POP_MARK + self.get(self.memo[id(obj)][0]))
            return
        self.write(pickle.FROZENSET)
        self.memoize(obj)

    def save_buffer(self, obj: pickle.PickleBuffer) -> None:
        """Save an array's memory; CPython's version fails on the second empty one."""
        with obj.raw() as raw:
            # Not merged by value, and never one of Python's shared short `bytes`: arrays must stay apart.
            super().save(raw.tobytes() if raw.readonly and raw.nbytes > 1 else bytearray(raw))

    dispatch[pickle.PickleBuffer] = save_buffer
    dispatch[set] = save_set
    dispatch[frozenset] = save_frozenset


def _is_plain_slice(value: slice) -> bool:
    return {type(part) for part in (value.start, value.stop, value.step)} <= {int, type(None)}


def _canonical_order(values: Collection[Any]) -> list[Any]:
    plain = {type(value) for value in values} <= _CODES.keys()
    return sorted(values, key=_element_key if plain else fingerprint)


def _without_padding(value: Any) -> Any:
    clean = sys.modules["numpy"].zeros(value.shape, value.dtype)
    clean[...] = value  # field by field, so that the gaps between the fields stay zero
    return clean


def _buffer_of(owner: Any) -> tuple[int, bytearray]:
    import numpy as np

    if isinstance(owner, bytearray):
        return _address(np.frombuffer(owner, dtype=np.uint8)), owner
    if not isinstance(owner, np.ndarray):
        raise pickle.PicklingError(f"arrays that share the memory of a {type(owner).__name__}")
    return _address(owner), bytearray(owner.ravel(order="K").view(np.uint8).data)


def _reduce_arrow(value: Any) -> Any:
    """Store an Arrow column as one fresh chunk: slices and the bits behind nulls leave no trace."""
    import pyarrow

    fresh = pyarrow.array(value.to_pylist(), type=value.type)
    return pyarrow.chunked_array, ([fresh], value.type)


def _is_drawing(value: Any) -> bool:
    artist = sys.modules.get("matplotlib.artist")
    return artist is not None and isinstance(value, artist.Artist)


def _deep(function: Callable[[], Any]) -> Any:
    """Call with room for nesting: the Python pickler takes several frames per level."""
    limit = sys.getrecursionlimit()
    # Before 3.11 each Python frame took room on the C stack, and a deeper limit could crash the kernel.
    sys.setrecursionlimit(max(limit, 10_000 if sys.version_info >= (3, 11) else 3_000))
    try:
        return function()
    finally:
        sys.setrecursionlimit(limit)


# ── Formats ──────────────────────────────────────────────────────────────────────────────────────────────


def _load_parquet(path: Path) -> Any:
    import pandas as pd

    return _load_columns(path) if path.stat().st_size >= _LARGE else pd.read_parquet(path)


def _load_columns(path: Path) -> Any:
    """Read a large frame column by column: as a whole it would be held twice, in Arrow's memory and in pandas'."""
    import pandas as pd
    import pyarrow
    from pyarrow import parquet

    schema = parquet.read_schema(path)
    described = schema.pandas_metadata or {}
    index = {name for name in described.get("index_columns", ()) if isinstance(name, str)}
    parts: list[Any] = []
    for name in (one for one in schema.names if one not in index):
        part = pd.read_parquet(path, columns=[name], pre_buffer=False).copy()  # a copy is never Arrow's own memory
        if parts:
            part.index = parts[0].index
        parts.append(part)
        pyarrow.default_memory_pool().release_unused()
    if not parts or len(set(schema.names)) < len(schema.names):
        return pd.read_parquet(path)
    frame = pd.concat(parts, axis="columns")
    frame.attrs = parts[0].attrs
    frame.columns = parts[0].columns.append([part.columns for part in parts[1:]])
    return frame


def _dump_parquet(value: Any, path: Path) -> None:
    pandas = _loaded("pandas")
    if pandas is None or type(value) is not pandas.DataFrame:
        raise TypeError(f"a {_name(value)} is not a pandas DataFrame")
    if str(value.columns.inferred_type).startswith("mixed"):  # pyarrow would warn, and make them all strings
        raise TypeError("the columns' labels are of several types")
    value.to_parquet(path, engine="pyarrow")


def _load_column(path: Path) -> Any:
    return _load_parquet(path).squeeze("columns")


def _dump_column(value: Any, path: Path) -> None:
    pandas = _loaded("pandas")
    if pandas is None or type(value) is not pandas.Series:
        raise TypeError(f"a {_name(value)} is not a pandas Series")
    _dump_parquet(value.to_frame(), path)


def _load_npy(path: Path) -> Any:
    import numpy as np

    return np.load(path, allow_pickle=False)


def _dump_npy(value: Any, path: Path) -> None:
    numpy = _loaded("numpy")
    if numpy is None or type(value) is not numpy.ndarray:
        raise TypeError(f"a {_name(value)} is not a NumPy array")
    with path.open("wb") as file:
        numpy.save(file, _without_padding(value) if value.dtype.names else value, allow_pickle=False)


def _load_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _dump_json(value: Any, path: Path) -> None:
    _require_plain(value)
    _write_text(path, json.dumps(value) + "\n")


def _load_pickle(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)


def _dump_pickle(value: Any, path: Path) -> None:
    if isinstance(value, (types.ModuleType, *_OPAQUE_TYPES)) or _is_drawing(value):
        raise pickle.PicklingError("it lives only in its process")
    overlapping = Walk(value).overlapping
    with path.open("wb") as file:
        _deep(lambda: _CanonicalPickler(file, overlapping).dump(value))


class _Format:
    """How one kind of file is written, read back, and named in a sentence."""

    def __init__(self, name: str, dump: Callable[[Any, Path], None], load: Callable[[Path], Any]) -> None:
        self.name, self.dump, self.load = name, dump, load


# From here on data is not copied as a whole: tried by pieces, compared column by column, or through a memory map.
_LARGE = 64 * 2**20
_PIECE = 1000

_FORMATS = {
    "parquet": _Format("Parquet", _dump_parquet, _load_parquet),
    "column": _Format("Parquet", _dump_column, _load_column),
    "npy": _Format("NumPy's .npy", _dump_npy, _load_npy),
    "json": _Format("JSON", _dump_json, _load_json),
    "pickle": _Format("a pickle", _dump_pickle, _load_pickle),
}


def read_parquet(path: str | Path) -> Any:
    """Read a data frame; the same as ``pd.read_parquet``."""
    return _read("parquet", path)


def read_column(path: str | Path) -> Any:
    """Read a series; the same as ``pd.read_parquet(path).squeeze("columns")``."""
    return _read("column", path)


def read_npy(path: str | Path) -> Any:
    """Read a NumPy array; the same as ``np.load``."""
    return _read("npy", path)


def read_json(path: str | Path) -> Any:
    """Read a plain value."""
    return _read("json", path)


def read_pickle(path: str | Path) -> Any:
    """Read any other object; classes that it needs must be defined or importable by now."""
    return _read("pickle", path)


def write_parquet(value: Any, path: str | Path) -> None:
    """Write a data frame as Parquet."""
    _write("parquet", value, path)


def write_column(value: Any, path: str | Path) -> None:
    """Write a series as Parquet of one column."""
    _write("column", value, path)


def write_npy(value: Any, path: str | Path) -> None:
    """Write a NumPy array as ``.npy``, never with a pickle inside."""
    _write("npy", value, path)


def write_json(value: Any, path: str | Path) -> None:
    """Write None, bool, int, float, str, and lists and dicts of them, as JSON; a dict keeps its order."""
    _write("json", value, path)


def write_pickle(value: Any, path: str | Path) -> None:
    """Write any other object as a pickle whose bytes depend on its content only."""
    _write("pickle", value, path)


def choose_format(value: Any, size: int = 0) -> tuple[str | None, str]:
    """Return the first of parquet, column, npy, json, pickle that gives `value` back exactly, and the reason.

    Of large data (`size` in bytes) only pieces are tried, so that no second copy is made; writing compares it all.
    """
    lost = ""
    for key in _candidates(value):
        flaw = next((found for piece in _pieces(value, size) if (found := _round_trip_flaw(key, piece))), None)
        if flaw is None:
            return key, (lost and lost + "; ") + f"exact in {_FORMATS[key].name}"
        lost = lost or f"not exact in {_FORMATS[key].name}: {flaw}"
        last = flaw
    return None, f"a {_name(value)} cannot be stored: {last}"


def _pieces(value: Any, size: int) -> list[Any]:
    """Return the value, or, where it is large and can be cut, its first, middle and last rows."""
    numpy, pandas = _loaded("numpy"), _loaded("pandas")
    is_array = numpy and type(value) is numpy.ndarray and value.ndim and not value.dtype.hasobject
    is_table = pandas and type(value) in (pandas.DataFrame, pandas.Series)
    if size < _LARGE or not (is_array or is_table):
        return [value]
    rows = value.iloc if is_table else value
    starts = (0, len(value) // 2, max(0, len(value) - _PIECE))
    return [rows[start : start + _PIECE] for start in starts]


def _candidates(value: Any) -> list[str]:
    numpy, pandas = _loaded("numpy"), _loaded("pandas")
    if pandas and type(value) is pandas.DataFrame:
        return ["parquet", "pickle"]
    if pandas and type(value) is pandas.Series:
        return ["column", "pickle"]
    if numpy and type(value) is numpy.ndarray:
        return ["npy", "pickle"]
    plain = type(value) in (type(None), bool, int, float, str, list, dict)
    return ["json", "pickle"] if plain else ["pickle"]


#: The size of the file that was written to try a format.
last_trial = {"bytes": 0}


def _round_trip_flaw(key: str, value: Any) -> str | None:
    """Try a format in a scratch folder; say what it loses, or None."""
    with tempfile.TemporaryDirectory(prefix="stage-") as folder:
        path = Path(folder, "value")
        try:
            _FORMATS[key].dump(value, path)
            last_trial["bytes"] = path.stat().st_size
            return _difference(value, _FORMATS[key].load(path)) or _layout_flaw(key, value)
        except Exception as error:  # any library may refuse in its own way; the reason is passed on
            return _first_line(error)


def _difference(value: Any, back: Any, expected: str | None = None) -> str | None:
    """Say what a round trip lost, or None when nothing is missing; `expected` is the value's fingerprint."""
    if (expected or fingerprint(value)) == fingerprint(back):
        return None
    if type(value) is not type(back):
        return f"it comes back as a {_name(back)}"
    if not hasattr(value, "columns") or not hasattr(value, "index"):
        return "it comes back with other content"
    facts: list[tuple[str, Callable[[Any], Any]]] = [
        ("the index's freq", lambda frame: repr(getattr(frame.index, "freq", None))),
        ("the index", lambda frame: fingerprint(frame.index)),
        ("the columns' labels", lambda frame: fingerprint(frame.columns)),
        ("the attrs", lambda frame: fingerprint(frame.attrs)),
        ("the columns' types", lambda frame: [repr(kind) for kind in frame.dtypes]),
    ]
    lost = [name for name, fact in facts if fact(value) != fact(back)]
    return f"{lost[0]} would be lost" if lost else "the cells' objects come back as others"


def _layout_flaw(key: str, value: Any) -> str | None:
    """Parquet brings a frame back with each column in one piece: a sum over rows would add up in another order."""
    if key != "parquet" or len(value) < 2:
        return None
    strided = (column.strides[0] > column.itemsize for column in _float_columns(value))
    return "it lies in memory by rows, and last digits depend on that" if any(strided) else None


def _float_columns(frame: Any) -> Iterator[Any]:
    numpy = _loaded("numpy")
    for place, kind in enumerate(frame.dtypes):
        if isinstance(kind, numpy.dtype) and kind.kind in "fc":
            yield frame.iloc[:, place].to_numpy()


def _read(key: str, path: str | Path) -> Any:
    target = HOME / path
    if not target.is_file():
        raise StageError("the file does not exist", str(path), "run the stage that makes it: dvc repro")
    try:
        return _FORMATS[key].load(target)
    except Exception as error:  # whatever the reader raises, the file and the remedy are what helps
        what = f"cannot be read as {_FORMATS[key].name} ({_first_line(error)})"
        raise StageError(what, str(path), "run the stage that makes it again: dvc repro --force") from error


def _write(key: str, value: Any, path: str | Path) -> None:
    """Write to a temporary file, read it back, compare, and only then give it its name."""
    where = f"variable {', '.join(Path(path).stem.split('-'))} ({path})"

    def dump(temporary: Path) -> None:
        _check_apart(walk, where)
        try:
            _FORMATS[key].dump(value, temporary)
            flaw = _flaw_of_file(key, value, temporary, walk)
        except Exception as error:  # whatever the writer raises, the file and the remedy are what helps
            raise _otherwise(f"cannot be written ({_first_line(error)})", where) from error
        if flaw:
            raise _otherwise(f"a {_name(value)} is not exact in {_FORMATS[key].name}: {flaw}", where)

    walk = Walk(value)
    if walk.secret:
        raise _otherwise(f"it would hold the value of {walk.secret}, which is never written", where)
    _atomically(HOME / path, dump)
    _apart[where] = walk


def _flaw_of_file(key: str, value: Any, path: Path, walk: Walk) -> str | None:
    """Say what the file lost, or None; large data is never held twice."""
    if walk.size >= _LARGE and key == "npy":
        import numpy as np

        return _difference(value, np.asarray(np.load(path, mmap_mode="r")), walk.fingerprint)
    if walk.size >= _LARGE and key == "parquet":
        return _flaw_of_columns(value, path)
    return _difference(value, _FORMATS[key].load(path), walk.fingerprint)


def _flaw_of_columns(value: Any, path: Path) -> str | None:
    import pandas as pd
    import pyarrow
    from pyarrow import parquet

    stored = parquet.read_schema(path).names[: value.shape[1]]
    if stored != [str(label) for label in value.columns]:
        return "the columns' labels would be lost"
    for place, name in enumerate(stored):
        flaw = _difference(value.iloc[:, [place]], pd.read_parquet(path, columns=[name], pre_buffer=False))
        if flaw:
            return flaw
        pyarrow.default_memory_pool().release_unused()
    return None


def _atomically(target: Path, dump: Callable[[Path], None]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        dump(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _require_plain(value: Any) -> None:
    """Refuse what JSON would change without a word: tuples, subclasses, keys that are not strings, sharing."""
    pending, seen = [value], set()
    while pending:
        item = pending.pop()
        if type(item) in (type(None), bool, int, float, str):
            continue
        if type(item) not in (list, dict):
            raise TypeError(f"a {_name(item)} is not plain JSON")
        if id(item) in seen:
            raise TypeError(f"one {_name(item)} is held in two places")
        seen.add(id(item))
        if type(item) is dict and not all(type(key) is str for key in item):
            raise TypeError("its keys are not all strings")
        pending.extend(item.values() if type(item) is dict else item)


def _name(value: Any) -> str:
    return type(value).__qualname__


def _first_line(error: BaseException) -> str:
    text = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    line = (text.strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r" at 0x[0-9a-fA-F]+", "", line)  # an address would differ in every run


# ── Metrics ──────────────────────────────────────────────────────────────────────────────────────────────


def write_metrics(path: str | Path, **values: Any) -> None:
    """Write numbers, strings, and lists and mappings of them as sorted JSON, for ``dvc metrics``.

    NumPy's scalars become plain ones. NaN and the infinities become null: DVC could not parse them.
    """
    plain = {name: _plain_metric(name, value) for name, value in values.items()}
    text = json.dumps(plain, indent=2, sort_keys=True, allow_nan=False) + "\n"
    _atomically(HOME / path, lambda temporary: _write_text(temporary, text))


def _plain_metric(name: str, value: Any) -> Any:
    numpy = _loaded("numpy")
    if numpy and isinstance(value, numpy.generic):
        value = value.item()
    if isinstance(value, dict):
        return {str(key): _plain_metric(f"{name}.{key}", item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_metric(name, item) for item in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    remedy = "keep numbers, strings, or lists and mappings of them in a cell tagged metrics"
    raise StageError(f"a {_name(value)} is not a metric", name, remedy)


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))  # bytes: line ends must not depend on the platform


# ── Random state ─────────────────────────────────────────────────────────────────────────────────────────


def random_state() -> dict[str, Any]:
    """Return the state of the global generators of Python, NumPy and PyTorch, of those that are imported."""
    version, state, gauss = random.getstate()
    found: dict[str, Any] = {"python": [version, list(state), gauss]}
    numpy_random, torch = _loaded("numpy.random"), _loaded("torch")
    if numpy_random:
        found["numpy"] = _lists(numpy_random.get_state(legacy=False))
    if torch:
        found["torch"] = torch.get_rng_state().tolist()
    return found


def save_random_state(path: str | Path, *generators: str) -> None:
    """Write the state of the global generators named (python, numpy, torch), or of all that are imported."""
    state = random_state()
    write_json({name: state[name] for name in generators or state if name in state}, path)


def restore_random_state(path: str | Path) -> None:
    """Continue the sequences of random numbers where the stage that wrote `path` left them."""
    record = read_json(path)
    if "python" in record:
        version, state, gauss = record["python"]
        random.setstate((version, tuple(state), gauss))
    if "numpy" in record:
        import numpy as np

        np.random.set_state(_arrays(record["numpy"]))
    if "torch" in record:
        import torch

        torch.set_rng_state(torch.tensor(record["torch"], dtype=torch.uint8))


def _lists(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _lists(item) for key, item in state.items()}
    return state.tolist() if hasattr(state, "tolist") else state


def _arrays(state: Any) -> Any:
    import numpy as np

    if isinstance(state, dict):
        return {key: _arrays(item) for key, item in state.items()}
    return np.array(state, dtype=np.uint64) if isinstance(state, list) else state


# ── Values that a stage reads and was not seen to change ─────────────────────────────────────────────────

_watched: dict[str, tuple[str, int]] = {}
# What went into a file of its own, by name. A walk keeps its objects alive, so that their ids stay theirs.
_apart: dict[str, Walk] = {}


def make_folders(*paths: str | Path) -> None:
    """Make the folders that the notebook made before this stage, where they are not there yet."""
    for path in paths:
        (HOME / path).mkdir(parents=True, exist_ok=True)


def watch(**values: Any) -> None:
    """Remember values that this stage could change, and did not when the notebook was converted."""
    _watched.update({name: _looked_at(value) for name, value in values.items()})


def check_unchanged(**values: Any) -> None:
    """Fail when a watched value changed after all: later stages would read the old one."""
    for name, value in values.items():
        if _looked_at(value) != _watched.get(name):
            raise _otherwise(_CHANGED, f"variable {name}")


def _looked_at(value: Any) -> tuple[str, int]:
    """Return a value's content, and how many arrays in it cannot be written to."""
    walk = Walk(value)
    return walk.fingerprint, len(walk.readonly)


def check_present(*names: str) -> None:
    """Fail when one of these is not bound: later stages read it."""
    for name in names:
        if name not in vars(sys.modules["__main__"]):
            what = "this stage does not bind it, and did when the notebook was converted"
            raise _otherwise(what, f"variable {name}")


def check_absent(*names: str) -> None:
    """Fail when one of these is bound after all: later stages would not know of it."""
    for name in names:
        if name in vars(sys.modules["__main__"]):
            what = "this stage leaves it bound, and did not when the notebook was converted"
            raise _otherwise(what, f"variable {name}")


_settings: dict[str, str] = {}


def watch_settings(*names: str) -> None:
    """Remember settings that this stage could change, and did not when the notebook was converted."""
    for name in names:
        value = setting(name)
        if name in _PUT_BACK and value is not None:
            _PUT_BACK[name](value)  # from here on the generator counts as seeded
        _settings[name] = fingerprint(value)


def check_settings() -> None:
    """Fail when one of them changed after all: later stages would not know of it."""
    for name, seen in _settings.items():
        if seen == fingerprint(None):  # the library was not imported yet
            continue
        if fingerprint(setting(name)) != seen:
            raise _otherwise(_CHANGED, f"setting {name}")


def setting(name: str) -> Any:
    """Look at a setting: one of those below, or what belongs to a library's setter; None where nothing shows it.

    For ``socket.setdefaulttimeout`` that is what ``socket.getdefaulttimeout()`` gives.
    """
    if name in _SETTINGS:
        return _SETTINGS[name]()
    path, _, setter = name.rpartition(".")
    verb, rest = re.match(r"(set|reset|enable|disable|use|)(.*)", setter).groups()  # type: ignore[union-attr]
    holder = _held_under(path)
    getters = [f"get{rest}", f"is{rest}", f"is{rest}_enabled"] if rest else []
    for getter in [*getters, *(["isenabled", "is_enabled"] if verb in ("enable", "disable") else [])]:
        function = getattr(holder, getter, None)
        if callable(function):
            try:
                return [function()]
            except Exception:  # it needs arguments, or cannot tell
                continue
    return None


def _held_under(path: str) -> Any:
    """Find a module, or what one holds, if it is imported."""
    top, *parts = path.split(".")
    found: Any = _loaded(top)
    for part in parts:
        found = getattr(found, part, None)
    return found


def _numpy_settings() -> Any:
    numpy = _loaded("numpy")
    return numpy and [numpy.get_printoptions(), numpy.geterr()]


def _pandas_settings() -> Any:
    pandas = _loaded("pandas")
    return pandas and pandas._config.config._global_config


def _drawing_settings() -> Any:
    matplotlib = _loaded("matplotlib")
    if not matplotlib:
        return None
    # Read past the mapping's own access, which would choose a backend.
    settings = dict.items(matplotlib.rcParams)
    return sorted((key, repr(value)) for key, value in settings if not key.startswith("backend"))


def _numpy_state() -> Any:
    try:
        import numpy.random  # seeded by the system when it is imported: so it must be there before the cells
    except ImportError:
        return None
    return numpy.random.get_state(legacy=False)


def _put_back_numpy(state: Any) -> None:
    sys.modules["numpy.random"].set_state(state)


def _put_back_torch(state: Any) -> None:
    torch = sys.modules["torch"]
    torch.set_rng_state(torch.tensor(state, dtype=torch.uint8))


# By the names that the observed run has for them.
_SETTINGS: dict[str, Callable[[], Any]] = {
    "cwd": lambda: str(Path.cwd()),
    "environ": lambda: sorted(os.environ.items()),
    "numpy_print": _numpy_settings,
    "pandas_options": _pandas_settings,
    "random_numpy": _numpy_state,
    "random_python": random.getstate,
    "random_torch": lambda: (torch := _loaded("torch")) and torch.get_rng_state().tolist(),
    "rcparams": _drawing_settings,
    "sys_path": lambda: list(sys.path),
    "warnings": lambda: sys.modules["warnings"].filters,
}
_PUT_BACK: dict[str, Callable[[Any], Any]] = {
    "random_numpy": _put_back_numpy,
    "random_python": random.setstate,
    "random_torch": _put_back_torch,
}


def keep_apart(**values: Any) -> None:
    """Fail when an output shares objects with one of these: later stages read them from an earlier stage's file."""
    for name, value in values.items():
        _apart[f"variable {name}"] = Walk(value)


def _check_apart(walk: Walk, where: str) -> None:
    """Fail when the value shares objects with one that has a file of its own: read back, they would be two."""
    for other, seen in _apart.items():
        if other != where and (walk.shared & (seen.shared | seen.readonly) or walk.readonly & seen.shared):
            what = f"it shares objects with {other}, and did not when the notebook was converted"
            raise _otherwise(what, where)


# ── What the project's own modules hold: every stage imports them anew ───────────────────────────────────


class Modules:
    """The variables of the project's modules: what they held when they had been imported, and what they hold."""

    def __init__(self, root: str | Path) -> None:
        self._root = _absolute(HOME / root).rstrip(os.sep) + os.sep
        self._left_alone = _left_alone(self._root)
        self._importing = False
        self._changed: set[str] = set()
        self._held = self.look()
        sys.meta_path.insert(0, self)  # type: ignore[arg-type]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a module as usual; one of the project's is looked at when it has run, with what it imports."""
        others = sys.meta_path[sys.meta_path.index(self) + 1 :]  # type: ignore[arg-type]
        spec = next((spec for finder in others if (spec := finder.find_spec(name, path, target))), None)
        if spec and not self._importing and hasattr(spec.loader, "exec_module") and self._is_mine(spec.origin):
            run = spec.loader.exec_module
            spec.loader.exec_module = lambda module: self._import(run, module)
        return spec

    def _import(self, run: Callable[[types.ModuleType], None], module: types.ModuleType) -> None:
        self.changed()
        self._importing = True
        try:
            run(module)
        finally:
            self._importing = False
            self._held = self.look()

    def changed(self) -> list[str]:
        """Name the variables, as ``module.name``, that were changed by something else than an import."""
        before, self._held = self._held, self.look()
        self._changed |= {name for name in before | self._held if before.get(name) != self._held.get(name)}
        return sorted(self._changed)

    def take(self) -> list[str]:
        """Return what changed since the last time."""
        found = self.changed()
        self._changed = set()
        return found

    def look(self) -> dict[str, str]:
        """Return the fingerprint of each variable; one object's names stand together."""
        return {", ".join(names): _contained(value) for names, value in self._variables()}

    def shared(self) -> set[int]:
        """Return the ids of the mutable objects that the modules hold."""
        return shared_objects([value for _, value in self._variables()])

    def _variables(self) -> Iterable[tuple[list[str], Any]]:
        found: dict[Any, tuple[list[str], Any]] = {}
        for module_name, module in sorted(sys.modules.items(), key=lambda item: str(item[0])):
            held = vars(module) if isinstance(module, types.ModuleType) else {}
            if module_name != "__main__" and self._is_mine(held.get("__file__")):
                for name, value in list(held.items()):
                    if not (name.startswith("__") or isinstance(value, types.ModuleType)):
                        full, state = f"{module_name}.{name}", _state(value, held)
                        key = id(value) if state is value and _can_change(value) else full
                        found.setdefault(key, ([], state))[0].append(full)
        return found.values()

    def _is_mine(self, file: Any) -> bool:
        path = _absolute(file) if isinstance(file, str) else ""
        return path.startswith(self._root) and not path.startswith(self._left_alone) and "site-packages" not in path


def _state(value: Any, module: dict[str, Any]) -> Any:
    """Return what can change in a module's variable: of its own functions and classes, what they remember."""
    if isinstance(value, types.FunctionType) and value.__globals__ is module:
        kept = [_cell_content(cell) for cell in value.__closure__ or ()]
        return [value.__code__, value.__defaults__, value.__kwdefaults__, kept, value.__dict__]
    if isinstance(value, type) and value.__module__ == module["__name__"]:
        return [value, *_class_state(value)]
    return repr(value) if type(value).__module__ == "itertools" else value


def _contained(value: Any) -> str:
    try:
        return fingerprint(value)
    except Exception:  # an object may fail in any way when it is looked at; then only its type is known
        return _qualified(type(value))


_modules: list[Modules] = []


def watch_modules(root: str | Path = ".") -> None:
    """Remember what the project's modules hold when they are imported."""
    _modules[:] = _modules or [Modules(root)]


def check_modules(*replaced: str) -> None:
    """Fail when a module holds something else than it was imported with; `replaced` is set in later stages as well."""
    for name in _modules[0].changed():
        if not any(f"{place}.".startswith(f"{one}.") for place in replaced for one in name.split(", ")):
            raise _otherwise(_CHANGED, f"module variable {name}")


# ── Files of the project that a stage may open ───────────────────────────────────────────────────────────

#: An environment variable: set to 1, it lets stages open any file.
ALLOW = "NB2PROD_ALLOW_UNDECLARED"
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ENVIRONMENTS = {"__pycache__", "node_modules", "site-packages", "venv"}
_IMPORT_SYSTEM = {
    "_frozen_importlib", "_frozen_importlib_external", "importlib._bootstrap",
    "importlib._bootstrap_external", "importlib.metadata", "inspect", "linecache", "pkgutil", "tokenize",
    "zipimport",
}  # fmt: skip
_FILE_LAYERS = {"codecs", "contextlib", "functools", "genericpath", "io", "os", "pathlib", "zipfile", __name__}


def only_files(reads: Sequence[str | Path] = (), writes: Sequence[str | Path] = (), root: str = ".") -> None:
    """Let this stage open no other files of the project, for nobody would know that its results depend on them.

    A folder stands for everything below it. Files outside of `root`, below the pipeline's own folder, hidden ones,
    libraries and modules are left alone; so are files that the stage made itself and removes again.

    Libraries that open files in C (Arrow's own readers, HDF5) and subprocesses are not seen.
    """
    if os.environ.get(ALLOW, "0") not in ("", "0"):
        return
    if not _files:
        sys.addaudithook(_audit)  # for good: it looks up what is in force
    _files[:] = [_Files([HOME / path for path in reads], [HOME / path for path in writes], HOME / root)]


def check_files() -> None:
    """Fail when the stage opened a file that it does not declare, or leaves one behind."""
    for files in _files:
        files.check()


class _Files:
    """What one stage may open, and what it wrote."""

    def __init__(self, reads: Iterable[Path], writes: Iterable[Path], root: Path) -> None:
        self._root = _absolute(root).rstrip(os.sep) + os.sep
        self._reads = {_absolute(path) for path in reads}
        self._writes = {_absolute(path) for path in writes}
        self._declared = self._reads | self._writes
        self._left_alone = _left_alone(self._root)
        self._known = (self._root, *self._left_alone)
        self._foreign: dict[str, bool] = {}
        self._written: set[str] = set()
        self._appended: set[str] = set()
        self._refused: str | None = None
        self.handlers: dict[str, Callable[..., None]] = {
            "open": self._open,
            "sqlite3.connect": self._connect,
            "os.rename": self._rename,
            "os.link": lambda _, target, *__: self._write(target),
            "os.symlink": lambda _, target, *__: self._write(target),
            "os.truncate": self._update,
        }

    def _open(self, path: Any, _: Any, flags: Any) -> None:
        flags = flags or 0
        if not flags & _WRITE_FLAGS:
            self._read(path)
        elif flags & (os.O_TRUNC | os.O_EXCL) or (flags & os.O_APPEND and not flags & os.O_RDWR):
            (self._append if flags & os.O_APPEND and not flags & os.O_TRUNC else self._write)(path)
        else:
            self._update(path)

    def _connect(self, database: Any) -> None:
        text = os.fsdecode(database)
        if text.startswith("file:"):
            text = unquote(re.sub(r"file:(//[^/]*)?", "", text.partition("?")[0], count=1))
        if text and text != ":memory:":
            self._update(text)

    def _rename(self, source: Any, target: Any, *_: Any) -> None:
        self._read(source)
        self._write(target)

    def _update(self, path: Any, *_: Any) -> None:
        self._read(path)
        self._write(path)

    def _write(self, path: Any) -> None:
        full = self._inside(path)
        if full and not Path(full).is_dir():  # `tempfile` names the folder first, then the file in it
            self._written.add(full)

    def _append(self, path: Any) -> None:
        full = self._inside(path)
        if full:
            self._appended.add(full)

    def _read(self, path: Any) -> None:
        full = self._inside(path)
        if not full or full in self._written or _is_below(full, self._declared):
            return
        try:
            info, link = Path(full).stat(), Path(full).lstat()
        except OSError:
            return  # whoever opens it is told so, and may have reckoned with it
        if max(info.st_ctime, link.st_ctime) >= _BEGAN:
            self._written.add(full)  # made since the stage began, by a subprocess or by a library in C
        elif stat.S_ISREG(info.st_mode) and not _asked_by_import():
            self._refused = full
            raise _undeclared(full, "reads", "input")

    def _inside(self, path: Any) -> str | None:
        """Return the absolute name of a file that has to be declared; None for any other."""
        if isinstance(path, int):
            return None
        try:
            full = _absolute(os.fsdecode(path))
            full = full if full.startswith(self._known) else os.path.realpath(full)
        except (OSError, TypeError, ValueError):
            return None  # no name of a file: the caller's own error says so
        if not full.startswith(self._root) or full.startswith(self._left_alone):
            return None
        folder, _, name = full.rpartition(os.sep)
        if folder not in self._foreign:
            self._foreign[folder] = self._is_foreign(folder)
        return None if self._foreign[folder] or name.startswith(".") else full

    def _is_foreign(self, folder: str) -> bool:
        """Say whether a folder of the project is hidden, or belongs to an environment."""
        parts = Path(folder[len(self._root) :]).parts
        above = (Path(self._root, *parts[: end + 1]) for end in range(len(parts)))
        return any(
            one.name.startswith(".") or one.name in _ENVIRONMENTS or (one / "pyvenv.cfg").exists() for one in above
        )

    def check(self) -> None:
        """Fail with the first file that was refused, or was written without being declared."""
        if self._refused:  # a cell that caught the error went on with something else
            raise _undeclared(self._refused, "reads", "input")
        opened = self._written | self._appended
        for full in sorted(path for one in opened for path in _files_at(Path(one))):
            if not _is_below(full, self._writes) and not self._is_untouched(full):
                raise _undeclared(full, "writes", "output")

    def _is_untouched(self, full: str) -> bool:
        """Say whether a file was opened for writing, and left as it was, by who reads it or only appends.

        A log that is opened where there is none, and not written to, goes again.
        """
        info = Path(full).lstat()
        if full in self._appended - self._written and not info.st_size:
            Path(full).unlink()
            return True
        known = full in self._appended - self._written or _is_below(full, self._reads)
        return known and info.st_mtime < _BEGAN


_files: list[_Files] = []


def _left_alone(root: str) -> tuple[str, ...]:
    """Name the pipeline's folder, the libraries, and the interpreter's environment where the project holds it."""
    places = [Path(__file__).parent.parent, *(path for name, path in sysconfig.get_paths().items() if name != "data")]
    places += [sys.prefix] if _absolute(sys.prefix).startswith(root) else []
    return tuple(_absolute(path) + os.sep for path in places)


def _audit(event: str, args: tuple[Any, ...]) -> None:
    for files in _files:
        if handler := files.handlers.get(event):
            handler(*args)


def _files_at(path: Path) -> list[str]:
    """List the file, or all files below the folder; nothing where it is gone."""
    if path.is_dir() and not path.is_symlink():
        return [str(Path(folder, name)) for folder, _, names in os.walk(path) for name in names]
    return [str(path)] if path.is_symlink() or path.exists() else []


def _is_below(full: str, declared: set[str]) -> bool:
    """Say whether the file or a folder above it is declared, under this name or its real one."""
    return _has_above(full, declared) or _has_above(os.path.realpath(full), declared)


def _has_above(name: str, declared: set[str]) -> bool:
    while name and name not in declared:
        name = name.rpartition(os.sep)[0]
    return bool(name)


def _absolute(path: str | Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - a link keeps its name; `resolve` would follow it


def _undeclared(full: str, does: str, tag: str) -> StageError:
    name = Path(os.path.relpath(full, HOME)).as_posix()
    what = f"this stage {does} it and does not declare it"
    remedy = f"convert the notebook again with these parameters, or tag the cell `{tag}:{name}`; {ALLOW}=1 goes on"
    return StageError(what, name, remedy)


def _asked_by_import() -> bool:
    """Say whether a module is being looked for, or its source shown."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in _FILE_LAYERS:
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") in _IMPORT_SYSTEM


# ── Secrets ──────────────────────────────────────────────────────────────────────────────────────────────

#: Names of environment variables that were asked for as passwords.
ASKED: list[str] = []
_ASSIGNED = re.compile(r"""^\s*(?:export\s+)?["']?([\w.-]+)["']?\s*[:=]\s*["']?([^"'\n]+?)["']?,?\s*$""", re.MULTILINE)
_SENSITIVE = re.compile(r"pass|pwd|secret|token|credential|api_?key|private|auth", re.IGNORECASE)
_SHORTEST, _SHORTEST_SENSITIVE, _SHORTEST_LINE = 8, 6, 16
_URL_SAFE = str.maketrans("+/", "-_")
_PLAIN = re.compile(r"true|false|none|null|enabled|disabled|default|[\d.]{1,7}", re.IGNORECASE)


def never_write(*names: str, files: Sequence[str] = ()) -> None:
    """Let no output hold the value of these environment variables, nor one that stands in these files."""
    SECRETS.clear()
    SECRETS.update(secret_values(names, [HOME / path for path in files]))


def secret_values(names: Iterable[str], files: Iterable[Path]) -> dict[str, tuple[bytes, ...]]:
    """Return the values in the forms in which they may stand somewhere; what is too short to be told is left out."""
    found = [(name, os.environ.get(name, "")) for name in names]
    for file in files:
        try:
            text = file.read_text("utf-8", "replace")
        except OSError:
            continue
        found += [(f"{name} ({file.name})", value) for name, value in _ASSIGNED.findall(text)]
    return {name: _forms(value) for name, value in found if _is_told(name, value)}


def _is_told(name: str, value: str) -> bool:
    shortest = _SHORTEST_SENSITIVE if _SENSITIVE.search(name) else _SHORTEST
    return len(value) >= shortest and not _PLAIN.fullmatch(value)


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _in_json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _in_code(value: str) -> str:
    return repr(value)[1:-1]


def _forms(value: str) -> tuple[bytes, ...]:
    # A notebook's file keeps a text of several lines as a list of them.
    lines = [line for line in value.splitlines() if len(line) >= _SHORTEST_LINE and line[0] != "-"]
    wholes = {value, *lines}
    texts = wholes | {write(one) for one in wholes for write in (quote, _quoted, quote_plus, _in_json, _in_code)}
    texts |= {text for one in wholes for text in _in_base64(one.encode("utf-8", "surrogateescape"))}
    return (*sorted(text.encode("utf-8", "surrogateescape") for text in texts), value.encode("utf-32-le", "replace"))


def _in_base64(value: bytes) -> Iterator[str]:
    """Yield what tells it within a longer text in Base64, as a header has it: by how many bytes stand before it."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + value).decode("ascii")
        inner = whole[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]
        yield from (inner, inner.translate(_URL_SAFE))


def secret_in(data: bytes) -> str:
    """Return the name of the secret that stands in there, if any."""
    return next((name for name, forms in SECRETS.items() if any(form in data for form in forms)), "")


def answer_getpass() -> None:
    """Let `getpass` read environment variables: nobody sits before a stage. `DB password:` is `DB_PASSWORD`."""
    shell: Any = sys.modules["IPython"].get_ipython()

    def ask(prompt: str = "Password: ", stream: Any = None, **_: Any) -> str:
        name = re.sub(r"\W+", "_", prompt).strip("_").upper() or "PASSWORD"
        if name not in os.environ:
            raise StageError(
                "there is nobody to answer", f"getpass({prompt!r})", f"set the environment variable {name}"
            )
        ASKED.append(name)
        return os.environ[name]

    if hasattr(shell, "kernel"):
        shell.kernel.getpass = ask


# ── A cell that is tagged `raises-exception` ─────────────────────────────────────────────────────────────


def expect_exception() -> None:
    """Let the next cell raise: its traceback becomes text, for papermill takes an error output for a failure."""
    shell: Any = sys.modules["IPython"].get_ipython()
    cells = iter((True, False))  # this one, and the next

    def show(shell: Any, kind: Any, error: Any, trace: Any, tb_offset: Any = None) -> None:
        sys.stderr.write("".join(traceback.format_exception(kind, error, trace.tb_next or trace)))

    def restore(*_: Any) -> None:
        if not next(cells, False):
            shell.events.unregister("post_run_cell", restore)
            shell.set_custom_exc((), None)

    shell.set_custom_exc((Exception,), show)
    shell.events.register("post_run_cell", restore)
