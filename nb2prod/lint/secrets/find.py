"""Find the secrets in a text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nb2prod.lint.secrets.formats import Format, secret_table
from nb2prod.lint.secrets.named import is_secret_value, kind_of_name
from nb2prod.lint.secrets.placeholders import is_placeholder, is_sample_token
from nb2prod.lint.secrets.random_text import is_varied


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and where it stands in the text. `variable`: the environment variable that would hold it."""

    kind: str
    start: int
    end: int
    value: str
    variable: str


# `NAME = value`, `"name": "value"`, `NAME=value` of a shell. Quotes may be escaped once more.
_NAMED = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z][\w.-]{1,60}+)\\?["']?\]?[ \t]{0,8}(?:=(?!=)|:)[ \t]{0,8}"""
    r"""(?:str[ \t]{0,4}=[ \t]{0,4})?"""
    r"""(?:[rbuRBU]{0,2}\\?(?P<quote>["'])(?P<quoted>[^"'\n\\]{6,400}+)\\?(?P=quote)"""
    r"""|(?P<bare>[^\s"'\\<>,;()\[\]{}]{12,400}+)(?=[\s<,;)\]}]|$))"""
)
# A word of sixteen characters or more that holds a digit and a letter.
_DRAWN = re.compile(
    r"(?<![A-Za-z0-9_+/=.-])(?=[A-Za-z0-9_+/=.-]{16})(?=[^A-Za-z\s]*+[A-Za-z])[A-Za-z_+/=.-]*+\d[A-Za-z0-9_+/=.-]*"
)
_ANNOUNCES = re.compile(
    r"(?i)basic |bearer |token |pwd=|password=|curl |wget |mysql |sshpass |twine |docker login|-----BEGIN|://"
)
_NAME_HINTS = ("pass", "pwd", "secret", "token", "key", "auth", "bearer", "credential")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
# A file inside the text: an image in HTML, a font in a style sheet.
_EMBEDDED = re.compile(r";base64,[A-Za-z0-9+/=\s\\]*+")
# What stands further down is not looked at: a megabyte of text takes about a tenth of a second.
_LONGEST = 4_000_000
_BUNDLE = 100_000
# How far a token may reach from its keyword.
_BEFORE, _AFTER = 300, 20_000
_BLOCK = re.compile(r"</?(?:td|th|tr|table|thead|tbody|div|p|br|li|ul|ol|pre|h\d)\b[^<>]{0,500}>")
_INLINE = re.compile(r"</?(?:span|b|i|em|strong|code|a|mark|font|small|tt)\b[^<>]{0,500}>")
_ESCAPE = re.compile(r"\\(?:u00([0-7][0-9a-fA-F])|([nrt\"'/\\]))")
_WHITE = {"n": "\n", "r": "\r", "t": "\t"}
_BLANK = re.compile(r"\\[nrt]|\s")


def formats_in(texts: Iterable[str]) -> tuple[Format, ...]:
    """The forms that may stand in any of the texts: one look at all of them spares one at each."""
    lower = "\n".join(text for text in texts if _may_hold_token(text)).lower()
    if not lower:
        return ()
    return tuple(one for one in secret_table().formats if any(keyword in lower for keyword in one.keywords))


def find_tokens(text: str, formats: tuple[Format, ...] | None = None) -> list[Secret]:
    """Secrets that their form gives away, in order, without overlaps. `formats`: those that may be there at all."""
    if not _may_hold_token(text) or formats == ():
        return []
    lower = text.lower()
    found = [
        secret
        for one in (secret_table().formats if formats is None else formats)
        for start, end in _windows(one.keywords, lower)
        for secret in _of_format(one, text, start, end)
    ]
    return _apart(found)


def _may_hold_token(text: str) -> bool:
    """Whether there is a long word of letters and digits, a sign of an address, or a word that stands before a short
    secret: most texts have none of these, and need no closer look.
    """
    return _DRAWN.search(text) is not None or "@" in text or _ANNOUNCES.search(text) is not None


def _windows(keywords: tuple[str, ...], lower: str) -> Iterator[tuple[int, int]]:
    """Where a pattern is worth trying: around its keywords, windows that touch being one."""
    begin = end = -1
    for at in sorted(at for keyword in keywords for at in _places(keyword, lower)):
        if at - _BEFORE > end:
            if end >= 0:
                yield begin, end
            begin = max(0, at - _BEFORE)
        end = at + _AFTER
    if end >= 0:
        yield begin, end


def _places(keyword: str, lower: str) -> Iterator[int]:
    """Where the keyword stands; of places close to each other one is enough."""
    at = lower.find(keyword)
    while at >= 0:
        yield at
        at = lower.find(keyword, at + _AFTER // 2)


def _of_format(one: Format, text: str, start: int, end: int) -> Iterator[Secret]:
    pattern = one.pattern
    for match in pattern.finditer(text, start, end):
        group = "secret" if "secret" in pattern.groupindex and match["secret"] is not None else 0
        value = match[group]
        if is_placeholder(value) or is_sample_token(value) or (one.random and not is_varied(value)):
            continue
        yield Secret(one.name, match.start(group), match.end(group), value, one.variable)


def find_named(text: str, *, bare: bool = True) -> list[Secret]:
    """Values behind a name that announces a secret: `password = "…"`, `"api_key": "…"`; `bare`: `DB_TOKEN=…` too."""
    lower = text.lower()
    if not any(hint in lower for hint in _NAME_HINTS):
        return []
    return [secret for match in _NAMED.finditer(text) if (secret := _named(match, bare))]


def _named(match: re.Match[str], bare: bool) -> Secret | None:
    name = match["name"].rpartition(".")[2]
    kind = kind_of_name(name)
    group = "quoted" if match["quoted"] is not None else "bare"
    if group == "bare" and not bare:
        return None
    # What nobody quoted is a value only where no code could stand.
    if kind is None or not is_secret_value("made" if group == "bare" else kind, match[group]):
        return None
    return Secret(f"value of `{name}`", match.start(group), match.end(group), match[group], variable_of(name))


def variable_of(name: str) -> str:
    """The environment variable that a name would be read from: `apiKey` → `API_KEY`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", spaced).strip("_").upper() or "SECRET"


def find_secrets(text: str, *, bare: bool = True, formats: tuple[Format, ...] | None = None) -> list[Secret]:
    """Secrets by form and by name, in order, without overlaps. `bare`: a value may stand without quotes."""
    text = _EMBEDDED.sub(lambda match: " " * len(match[0]), text[:_LONGEST]) if ";base64," in text else text[:_LONGEST]
    return _apart([*find_tokens(text, formats), *find_named(text, bare=bare)])


def find_hidden(text: str, formats: tuple[Format, ...] | None = None) -> list[Secret]:
    """Secrets of an output: also behind colours, tags, entities and the escapes of JSON in JSON.

    Places are those in the text only where nothing had to be undone: see `value`. In the code of a library that is
    shown with a figure, names say nothing: lines as long as a book are read for tokens only.
    """
    bundle = _is_bundle(text)
    found = {
        _BLANK.sub("", secret.value): secret
        for plain in undone(text)
        for secret in reversed(find_tokens(plain, formats) if bundle else find_secrets(plain, formats=formats))
    }
    return sorted(found.values(), key=lambda secret: secret.start)


def _is_bundle(text: str) -> bool:
    """Whether it holds a JavaScript library, which is written in few, endless lines."""
    return len(text) > _BUNDLE and "function" in text and text.count("\n") * 200 < len(text)


def undone(text: str) -> list[str]:
    """The text as it is, and as it may be read: without colours and tags, and with escapes undone twice."""
    plain = _ANSI.sub("", text) if "\x1b[" in text else text
    if "<" in plain or "&" in plain:
        plain = html.unescape(_INLINE.sub("", _BLOCK.sub("\n", plain)))
    for _ in range(2):
        plain = _ESCAPE.sub(_unescaped, plain) if "\\" in plain else plain
    return [text] if plain == text else [text, plain]


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _WHITE.get(match[2], match[2])


def _apart(found: list[Secret]) -> list[Secret]:
    """Without those that overlap an earlier one; of two that begin at one place the first stays."""
    kept: list[Secret] = []
    for secret in sorted(found, key=lambda one: one.start):
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return kept
