"""The notebook's variables: what each is, who shares state with whom, how live ones are stored."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator
from typing import Any

from _nb2prod_file_sizes import stored_bytes
from _nb2prod_watching import ipython_shell

_HISTORY = re.compile(r"_i{0,3}|_i?\d+|_{1,3}|_[doi]h|In|Out|exit|quit|get_ipython|__\w+__")


class Variables:
    """The notebook's variables: what each is, who shares state with whom, how live ones are stored."""

    def __init__(
        self, stage: Any, package: str, live: list[str], formats: dict[Any, Any], in_modules: set[int]
    ) -> None:
        self._stage = stage
        self._in_modules = in_modules
        self._formats = formats
        self._values = _user_variables(package)
        self._live = [name for name in dict.fromkeys(live) if name in self._values]
        self._errors: dict[str, str] = {}
        # The walks live as long as this object: they keep alive the objects whose ids are compared.
        self._walks = {name: self._walk(name) for name in self._values}
        self._sharing = self._find_sharing()

    def _walk(self, name: str) -> Any:
        try:
            return self._stage.Walk(self._values[name])
        except Exception as error:  # a user's object may fail in any way; the kernel must go on
            self._errors[name] = f"it cannot be looked at ({type(error).__name__}: {error})"
            return None

    def _find_sharing(self) -> dict[str, set[str]]:
        """Map each variable to those that one of the two could change for the other."""
        sharing: dict[str, set[str]] = {name: set() for name in self._values}
        writers: dict[int, set[str]] = {}
        for name, walk in self._walks.items():
            for key in walk.shared if walk else ():
                writers.setdefault(key, set()).add(name)
        for name, walk in self._walks.items():
            for key in walk.shared | walk.readonly if walk else ():
                for writer in writers.get(key, set()) - {name}:
                    sharing[name].add(writer)
                    sharing[writer].add(name)
        return sharing

    def records(self) -> dict[str, Any]:
        return {name: self._record(name) for name in self._values}

    def _record(self, name: str) -> dict[str, Any]:
        value, walk = self._values[name], self._walks[name]
        kind = _kind(value, walk)
        key, why, stored = None, self._errors.get(name), None
        if name in self._live and walk:
            key, why, stored = self._format_of(value, walk)
        if key and walk.placed:
            key, why = None, "it names the project's folder, which is another one elsewhere"
        if key and walk.secret:
            key, why = None, f"it holds the value of {walk.secret}, which is never written"
        if key and self._in_modules & walk.shared:
            key, why = None, "it is part of what a module of the project holds"
        if kind == "opaque" and why is None:
            why = "only its type is known"
        return {
            "fingerprint": walk.fingerprint if walk else "unknown",
            "type": _type_name(type(value)),
            "kind": kind,
            "blind": bool(walk and walk.blind),
            "bytes": walk.size if walk else None,
            "shares": sorted(self._sharing[name]),
            "classes": sorted(walk.own) if walk else [],
            "modules": sorted(walk.modules) if walk else [],
            "format": key,
            "stored": stored,
            "why": why,
        }

    def _format_of(self, value: Any, walk: Any) -> tuple[str | None, str, int | None]:
        """What was tried for the same content is not tried again."""
        asked = (walk.fingerprint, _type_name(type(value)))
        if asked not in self._formats:
            self._formats[asked] = self._format(value, walk.size)
        return self._formats[asked]

    def _format(self, value: Any, size: int = 0) -> tuple[str | None, str, int | None]:
        try:
            key, why = self._stage.choose_format(value, size)
            return key, why, stored_bytes(self._stage, value, key, size) if key else None
        except Exception as error:  # as above: a user's object
            return None, f"it cannot be stored ({type(error).__name__}: {error})", None

    def groups(self) -> list[dict[str, Any]]:
        """Return the live variables that share state, directly or through one another, as one value each."""
        return [self._group(names) for names in self._components() if len(names) > 1]

    def _components(self) -> Iterator[list[str]]:
        left = set(self._live)
        while left:
            names, pending = set(), [min(left)]
            while pending:
                name = pending.pop()
                if name in left:
                    left.remove(name)
                    names.add(name)
                    pending.extend(self._sharing[name])
            yield sorted(names)

    def _group(self, names: list[str]) -> dict[str, Any]:
        together = tuple(self._values[name] for name in names)
        key, why, stored = self._format(together)
        why = why.replace("a tuple cannot be stored", f"{', '.join(names)} cannot be stored in one file", 1)
        try:
            print_ = self._stage.fingerprint(together)
        except Exception as error:  # as above: a user's object
            print_, why = None, f"it cannot be looked at ({type(error).__name__}: {error})"
        return {"names": names, "format": key, "stored": stored, "why": why, "fingerprint": print_}


def _user_variables(package: str) -> dict[str, Any]:
    """Return the names that the notebook bound, without IPython's own."""
    shell = ipython_shell()
    names = shell.user_ns if shell else sys.modules["__main__"].__dict__
    hidden = shell.user_ns_hidden if shell else {}
    mine = sys.modules.get(f"{package}._stage", names)
    return {
        name: value
        for name, value in list(names.items())
        if not _HISTORY.fullmatch(name) and hidden.get(name, names) is not value and value is not mine
    }


def _kind(value: Any, walk: Any) -> str:
    if isinstance(value, types.ModuleType):
        return "module"
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.BuiltinFunctionType) and not isinstance(value.__self__, (types.ModuleType, type(None))):
        return "value"  # a method bound to an object travels with it
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
        return "function"
    return "opaque" if walk is None or walk.opaque else "value"


def _type_name(kind: type) -> str:
    """Name a type by the shortest module that offers it: pandas.DataFrame, not pandas.core.frame's."""
    parts = str(kind.__module__).split(".")
    for end in range(1, len(parts)):
        module = sys.modules.get(".".join(parts[:end]))
        if module is not None and module.__dict__.get(kind.__name__) is kind:
            return ".".join([*parts[:end], kind.__name__])
    own = parts[0] in ("builtins", "__main__")
    return kind.__qualname__ if own else f"{kind.__module__}.{kind.__qualname__}"
