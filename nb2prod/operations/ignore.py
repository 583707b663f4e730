"""Silence a finding by a comment, or a rule by the project's settings."""

from __future__ import annotations

import re
from pathlib import Path

from nb2prod.adapters import surroundings
from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.settings import settings_for
from nb2prod.errors import Refused, UsageError
from nb2prod.notebook.same_code import code_of
from nb2prod.operations.check import Choice

_COMMENT = re.compile(r"#\s*nb2prod:\s*ignore\[([^\]]*)\]")


def ignored(source: str, kind: str, line: int, code: str, reason: str = "") -> str:
    """The cell's text with a comment that silences `code`: on the line (from 1), or on top where no comment fits there.

    Raises UsageError for a line that is not there, Refused where no comment fits at all.
    """
    comment = f"nb2prod: ignore[{code}] {' '.join(reason.split())}".rstrip()
    if kind != "code":
        return f"<!-- {comment.replace('--', '')} -->\n{source}"
    lines = source.split("\n")
    if not 1 <= line <= len(lines):
        raise UsageError(f"the cell has no line {line}", hint="the notebook has changed")
    for number, text in ((line, f"{lines[line - 1]}  # {comment}".lstrip()), (1, f"# {comment}\n{lines[0]}")):
        changed = "\n".join([*lines[: number - 1], _joined(lines[number - 1], code) or text, *lines[number:]])
        if code_of(changed) == code_of(source):
            return changed
    raise Refused("no comment fits into this cell", hint="ignore the rule in pyproject.toml")


def _joined(text: str, code: str) -> str:
    """The line with one more code in the comment that it has; empty where it has none."""
    found = _COMMENT.search(text)
    if found is None:
        return ""
    codes = [one.strip() for one in found[1].split(",")]
    return text[: found.start(1)] + ", ".join(dict.fromkeys([*codes, code])) + text[found.end(1) :]


def ignore_rule(path: Path, code: str) -> Path:
    """Silence a rule in the `pyproject.toml` that the notebook's settings come from, or the repository's; that file.

    Raises UsageError for a code that no rule has, and for a file that is not TOML.
    """
    import tomlkit

    Choice(ignore=(code,)).expect_known()
    folder = path.absolute().parent
    _, place = settings_for(folder)
    file = place / "pyproject.toml"
    if not file.is_file():
        file = surroundings.project_root(folder) / "pyproject.toml"
    document = tomlkit.parse(read_text(file) or "")
    table = document.setdefault("tool", tomlkit.table(is_super_table=True)).setdefault("nb2prod", tomlkit.table())
    known = table.setdefault("ignore", [])
    if code not in known:
        known.append(code)
        write_text(file, tomlkit.dumps(document))
    settings_for.cache_clear()
    return file
