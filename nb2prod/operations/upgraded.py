"""Whether the interpreter is still the one that the proof was made with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from nb2prod.adapters.files import read_text
from nb2prod.adapters.installed import installed
from nb2prod.errors import OutsideError
from nb2prod.operations.project import Project
from nb2prod.operations.served import kernel_python

_PINNED = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)


def upgraded(project: Project) -> str:
    """What the kernel's interpreter has in another version than the pipeline's own lock; empty where nothing is.

    A project's lock of another tool is not compared, nor anything where the interpreter is not there.
    """
    manifest = project.manifest or {}
    text = read_text(project.folder / "requirements.txt") or ""
    try:
        python, versions = installed(kernel_python(project.folder, manifest))
    except OutsideError:
        return ""  # nothing could be proved here: what was proved elsewhere stands
    return ", ".join(_moved(text, versions) if python == manifest.get("python") else [f"Python {python}"])


def _moved(text: str, versions: dict[str, str]) -> Iterator[str]:
    for name, version in _PINNED.findall(text):
        here = versions.get(canonicalize_name(name))
        if here != version:
            yield f"{name} {here or 'that is gone'} ({version} then)"
