"""What was known before: a file of fingerprints, so that only new findings are reported.

A fingerprint is code, message and the text of the lines that it stands on: it survives cells that are inserted above,
and ends when the line changes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nb2prod.diagnostics import Diagnostic
from nb2prod.errors import UsageError
from nb2prod.lint.results import Checked

VERSION = 1
_Known = Mapping[str, Counter[str]]


def render(checked: Iterable[Checked]) -> str:
    """The file's text. Paths are the keys, with forward slashes."""
    notebooks = {
        one.path.replace("\\", "/"): sorted(_fingerprint(one, diagnostic) for diagnostic in one.diagnostics)
        for one in checked
        if one.diagnostics
    }
    return json.dumps({"version": VERSION, "notebooks": dict(sorted(notebooks.items()))}, indent=1) + "\n"


def read(text: str, file: str) -> _Known:
    """Path → fingerprints. Raises UsageError for a file that is no baseline."""
    try:
        document: Any = json.loads(text)
        if document["version"] != VERSION:
            raise UsageError(f"{file} is a baseline of version {document['version']}", hint="write it again")
        return {str(path): Counter(str(one) for one in known) for path, known in document["notebooks"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} is not a baseline", hint="write one with `--write-baseline`") from error


def new(checked: Checked, known: _Known) -> Checked:
    """The notebook's diagnostics that the baseline does not hold; each entry excuses one."""
    left = Counter(known.get(checked.path.replace("\\", "/"), Counter()))
    kept: list[Diagnostic] = []
    for one in checked.diagnostics:
        mark = _fingerprint(checked, one)
        if left[mark]:
            left[mark] -= 1
        else:
            kept.append(one)
    return replace(checked, diagnostics=tuple(kept))


def _fingerprint(checked: Checked, one: Diagnostic) -> str:
    lines = checked.source(one.cell_index).split("\n")[one.span.line - 1 : one.span.end_line]
    text = "\n".join(line.strip() for line in lines)
    digest = hashlib.sha256("\n".join([one.message, text]).encode()).hexdigest()
    return f"{one.code}:{digest[:16]}"
