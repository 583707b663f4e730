"""Personal data by value: addresses and numbers that identify somebody."""

from __future__ import annotations

from collections.abc import Iterable

from nb2prod.lint.personal.checksums import CHECKSUMS
from nb2prod.lint.personal.table import ValueForm, personal_table

# What stands further down is not looked at.
_LONGEST = 1_000_000
_NEAR = 2000
_SHAPES = bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0" * 10 + b"A" * 26)


def forms_in(texts: Iterable[str]) -> tuple[ValueForm, ...]:
    """The kinds of values that may stand in any of the texts: one look at all of them spares many at each."""
    return _possible("\n".join(texts), personal_table().values)


def _possible(text: str, forms: Iterable[ValueForm]) -> tuple[ValueForm, ...]:
    lower, shape = text.lower(), _shape(text)
    return _possible_in(lower, shape, forms)


def _possible_in(lower: str, shape: bytes, forms: Iterable[ValueForm]) -> tuple[ValueForm, ...]:
    return tuple(
        form
        for form in forms
        if (not form.shapes or any(one in shape for one in form.shapes))
        and (not form.near or any(word in lower for word in form.near))
        and any(keyword in lower for keyword in form.keywords)
    )


def _shape(text: str) -> bytes:
    """Its digits as `0`, its capitals as `A`; a byte for each character."""
    return text.encode("ascii", "replace").translate(_SHAPES)


def find_personal(text: str, forms: tuple[ValueForm, ...] | None = None) -> dict[str, list[str]]:
    """Kind → the different values of that kind, in order; only kinds with as many as it takes. `forms`: those that may
    be there at all.
    """
    if forms == ():
        return {}
    text = text[:_LONGEST]
    lower, shape = text.lower(), _shape(text)
    found: dict[str, list[str]] = {}
    for form in _possible_in(lower, shape, personal_table().values if forms is None else forms):
        values = _values(form, text, lower, shape)
        if len(values) >= form.least:
            found.setdefault(form.name, []).extend(values)
    return found


def _values(form: ValueForm, text: str, lower: str, shape: bytes) -> list[str]:
    matches = dict.fromkeys(
        match[0]
        for start, end in _lines(form, shape)
        for match in form.pattern.finditer(text, start, end)
        if _is_announced(form, lower, match.start())
    )
    if form.checksum:
        return [value for value in matches if CHECKSUMS[form.checksum](value)]
    return [value for value in matches if "@" not in value or _is_somebodys(value)]


def _lines(form: ValueForm, shape: bytes) -> list[tuple[int, int]]:
    """Where the lines lie that hold one of the form's shapes: a value and its shape stand in one line."""
    if not form.shapes:
        return [(0, len(shape))]
    lines: dict[int, int] = {}
    for one in form.shapes:
        at = shape.find(one)
        while at >= 0:
            start, end = shape.rfind(b"\n", 0, at) + 1, shape.find(b"\n", at)
            lines[start] = end if end >= 0 else len(shape)
            at = shape.find(one, lines[start])
    return sorted(lines.items())


def _is_announced(form: ValueForm, lower: str, at: int) -> bool:
    """Whether a word that says what it is stands in front of it, as a label or at the head of its column."""
    around = lower[max(0, at - _NEAR) : at + _NEAR // 10] if form.near else ""
    return not form.near or any(word in around for word in form.near)


def _is_somebodys(address: str) -> bool:
    """Whether an e-mail address may be a person's: no sample, no role, no file."""
    table = personal_table()
    local, _, domain = address.lower().rpartition("@")
    ending = domain.rpartition(".")[2]
    if len(local) < 2 or len(domain.partition(".")[0]) < 2:  # `a@b.com`
        return False
    if ending in table.endings or local.strip(".") in table.local_parts or local.isdigit():
        return False
    return not any(domain == one or domain.endswith(f".{one}") for one in table.domains)
