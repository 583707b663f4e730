"""The interpreter, what is installed, and what else shapes a process before its first line."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import locale
import os
import platform
import re
import sys
import time
from pathlib import Path
from typing import Any


def environment() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "markers": _markers(),
        "distributions": [_distribution(found) for found in _distributions()],
        "imported": _imported(),
        "process": _process(),
        "conda": _conda_packages(),
        "indexes": _indexes(),
    }


def _conda_packages() -> list[dict[str, str]]:
    """Return what conda installed into the interpreter's environment; nothing where it is not one of conda's."""
    found = []
    for path in sorted(Path(sys.prefix, "conda-meta").glob("*.json")):
        try:
            record = json.loads(path.read_text("utf-8"))
            found.append({key: str(record[key]) for key in ("name", "version", "build", "channel")})
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _indexes() -> list[str]:
    """Return the indexes that pip is told to ask besides the default one, as its settings have them."""
    names = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX")
    texts = [os.environ.get(name, "") for name in names]
    own = [Path("~", folder).expanduser() for folder in (".pip", ".config/pip")]
    places = [str(folder / "pip.conf") for folder in (Path("/etc"), *own, Path(sys.prefix))]
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read([place for place in [*places, os.environ.get("PIP_CONFIG_FILE", "")] if place], "utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return sorted({url for text in texts for url in text.split()})
    texts += [value for one in parser.sections() for key, value in parser.items(one) if key.endswith("index-url")]
    return sorted({url for text in texts for url in text.split()})


# What shapes a process before its first line: the environment's part of it.
_SHAPING = re.compile(r"TZ|LANG|LANGUAGE|LC_\w+|PATH|LD_\w+|PYTHON\w+|\w+_NUM_THREADS")


def _process() -> list[Any]:
    """Return what results may depend on besides code, data and distributions."""
    variables = sorted(item for item in os.environ.items() if _SHAPING.fullmatch(item[0]))
    zone = [time.tzname, time.timezone, os.path.realpath("/etc/localtime")]
    packages = sorted(path.name for path in Path(sys.prefix, "conda-meta").glob("*.json"))
    return [variables, zone, locale.setlocale(locale.LC_ALL), locale.getpreferredencoding(False), packages]


def _markers() -> dict[str, str]:
    """Return the variables of environment markers (PEP 508)."""
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": platform.python_version(),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def _distributions() -> list[Any]:
    """Return one distribution per name: the first on the path is the one that is imported."""
    found: dict[str, Any] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), distribution)
    return [found[name] for name in sorted(found)]


def _distribution(found: Any) -> dict[str, Any]:
    text = found.read_text("direct_url.json")
    direct_url = json.loads(text) if text else None
    return {
        "name": found.metadata["Name"],
        "version": found.version,
        "requires": list(found.requires or ()),
        "editable": bool(direct_url and direct_url.get("dir_info", {}).get("editable")),
        "direct_url": direct_url,
        "installed": _when_installed(found),
        "conda": (found.read_text("INSTALLER") or "").strip() == "conda",
    }


def _when_installed(found: Any) -> str:
    """Return what tells one installation of a version from the next: a commit later a project may have the same one."""
    try:
        info = Path(found._path, "RECORD").stat()
    except (AttributeError, TypeError, OSError):
        return ""
    return f"{info.st_size} {info.st_mtime_ns}"


# Loaded at every start of Python, or by the debugger, for distributions that nobody asked for.
_UNASKED = {"_distutils_hack", "pydevd_plugins"}


def _imported() -> list[str]:
    tops = {name.partition(".")[0] for name in sys.modules} - _UNASKED
    return sorted(found.metadata["Name"] for found in _distributions() if tops & _top_level(found))


def _top_level(found: Any) -> set[str]:
    """Return the module names that a distribution installs."""
    declared = (found.read_text("top_level.txt") or "").split()
    if declared:
        return set(declared)
    files = [path for path in found.files or () if path.suffix in (".py", ".so", ".pyd")]
    return {path.parts[0].partition(".")[0] for path in files} - {"", "__pycache__"}
