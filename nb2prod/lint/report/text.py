"""Diagnostics as text, with the source line and a caret below the range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nb2prod.diagnostics import SEVERITIES, Diagnostic
from nb2prod.lint.results import Checked
from nb2prod.lint.secrets.mask import masked_text

_WIDEST = 160
# How much of the line around is read for secrets that reach into what is shown.
_MARGIN = 2000


def render(checked: Sequence[Checked]) -> str:
    """The report of all notebooks, and a last line that counts."""
    blocks = [block for one in checked for block in _blocks(one)]
    return "\n".join([*blocks, summary(checked)])


def summary(checked: Iterable[Checked]) -> str:
    """`Found 3 problems (1 error, 2 warnings).`"""
    found = [one for notebook in checked for one in notebook.diagnostics]
    if not found:
        return "All checks passed."
    counts = Counter(one.severity for one in found)
    parts = ", ".join(_counted(counts[severity], severity) for severity in SEVERITIES if counts[severity])
    fixable = sum(one.fix is not None for one in found)
    fixes = f" {fixable} can be fixed (`--diff` shows how)." if fixable else ""
    return f"Found {_counted(len(found), 'problem')} ({parts}).{fixes}"


def statistics(checked: Iterable[Checked]) -> str:
    """How often each rule found something, the most frequent first."""
    found = [one for notebook in checked for one in notebook.diagnostics]
    counts = Counter((one.code, one.name) for one in found)
    fixable = {one.code for one in found if one.fix}
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(
        f"{count:5}  {code} {'[*]' if code in fixable else '[ ]'} {name}" for (code, name), count in ordered
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 or word == "info" else f"{number} {word}s"


def _blocks(checked: Checked) -> Iterator[str]:
    for one in checked.diagnostics:
        yield "\n".join([*_head(checked.path, one), *_source(checked, one), *_tail(one), ""])


def _head(path: str, one: Diagnostic) -> list[str]:
    word = {True: " (confirmed by a run)", False: " (not seen in a run)", None: ""}[one.confirmed]
    place = f"{path}:cell {one.cell_index + 1}:{one.span.line}:{one.span.column + 1}"
    return [f"{one.severity}[{one.code}]: {one.message}{word}", f"  --> {place}"]


def _source(checked: Checked, one: Diagnostic) -> list[str]:
    lines = checked.source(one.cell_index).split("\n")
    if one.span.line > len(lines) or not lines[one.span.line - 1].strip():
        return []
    text = lines[one.span.line - 1].replace("\t", " ")
    end = one.span.end_column if one.span.end_line == one.span.line else len(text)
    cut = max(0, one.span.column - _WIDEST // 2)
    around = max(0, cut - _MARGIN)
    masked = masked_text(text[around : cut + _WIDEST + _MARGIN])
    shown, column = masked[cut - around :][:_WIDEST], one.span.column - cut
    width = max(1, min(end - cut, len(shown)) - column)
    gutter = " " * len(str(one.span.line))
    return [
        f" {gutter} |",
        f" {one.span.line} | {shown}",
        f" {gutter} | {' ' * column}{'^' * width}",
    ]


def _tail(one: Diagnostic) -> list[str]:
    lines = [f"   = help: {one.hint}"] if one.hint else []
    if one.fix:
        lines.append(f"   = {'fix' if one.fix.safe else 'unsafe fix'}: {one.fix.title}")
    return lines
