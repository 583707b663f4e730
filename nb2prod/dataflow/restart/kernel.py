"""The names that a fresh kernel has."""

from __future__ import annotations

import builtins
import re
from functools import lru_cache

_NUMBERED = re.compile(r"_i?\d+\Z")
_OF_THE_MODULE = {"__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtin__", "__builtins__"}
_OF_IPYTHON = {
    "In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "_sh", "exit", "quit", "get_ipython",
    "display", "_exit_code", "__class__",
}  # fmt: skip
# What hosted services put into every notebook's namespace.
_OF_SERVICES = {"spark", "sc", "sqlContext", "dbutils", "displayHTML", "sql"}
_KNOWN = frozenset(dir(builtins)) | _OF_THE_MODULE | _OF_IPYTHON | _OF_SERVICES


@lru_cache(maxsize=4096)
def in_fresh_kernel(name: str) -> bool:
    """Whether the name is there before the first cell runs. `_12` and `_i12` are, as far as cells have run."""
    return name in _KNOWN or _NUMBERED.match(name) is not None
