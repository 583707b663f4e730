"""Find the secrets in a text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from nb2prod.lint.secrets.formats import Format, dense, secret_table
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
_ANNOUNCES = (
    *("basic ", "bearer ", "token ", "pwd=", "password=", "curl ", "wget ", "mysql ", "sshpass ", "twine "),
    *("docker login", "-----begin", "://"),
)
# The characters of a token, for `run` of a format; everything else is a blank.
_SHORTEST = 16
_OF_TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]")
_MARKS = bytes(120 if _OF_TOKEN.match(chr(code)) else 32 for code in range(256))
_LONG_ROW = b"x" * _SHORTEST
_NAME_HINTS = ("pass", "pwd", "secret", "token", "key", "auth", "bearer", "credential")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
# A file inside the text: an image in HTML, a font in a style sheet.
_EMBEDDED = re.compile(r";base64,[A-Za-z0-9+/=\s\\]*+")
# What stands further down is not looked at: a megabyte of text takes about a tenth of a second.
_LONGEST = 4_000_000
_BUNDLE = 100_000
# How far a token may reach in front of its keyword, from its row of characters, from what stands in it.
_BEFORE = 300
_BESIDE, _REACH = 2, 400
_BLOCK = re.compile(r"</?(?:td|th|tr|table|thead|tbody|div|p|br|li|ul|ol|pre|h\d)\b[^<>]{0,500}>")
_INLINE = re.compile(r"</?(?:span|b|i|em|strong|code|a|mark|font|small|tt)\b[^<>]{0,500}>")
_ESCAPE = re.compile(r"\\(?:u00([0-7][0-9a-fA-F])|([nrt\"'/\\]))")
_WHITE = {"n": "\n", "r": "\r", "t": "\t"}
_BLANK = re.compile(r"\\[nrt]|\s")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What stands in several texts, one of them at least: a look at all of them spares one at each.

    `formats`: the forms of tokens; `named`: whether a name announces a secret.
    """

    formats: tuple[Format, ...]
    named: bool

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.formats and not self.named


def suspicion_of(texts: Iterable[str]) -> Suspicion:
    """What the texts, taken together, may hold."""
    text = _without_files("\n".join(texts))
    look = _Look(text)
    formats = (one for one in look.possible(secret_table().formats) if any(True for _ in look.matches(one)))
    return Suspicion(tuple(formats), bool(find_named(text)))


class _Look:
    """One text, prepared for looking at many formats."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lower = text.lower()
        self._near: dict[str, str] = {}

    @cached_property
    def _rows(self) -> list[tuple[int, int]]:
        """Where rows of a token's characters stand that are long enough for one."""
        marks = self.text.encode("ascii", "replace").translate(_MARKS)
        found = []
        at = marks.find(_LONG_ROW)
        while at >= 0:
            end = marks.find(b" ", at)
            found.append((at, end if end >= 0 else len(marks)))
            at = marks.find(_LONG_ROW, found[-1][1])
        return found

    def _holds(self, one: Format, start: int, end: int) -> bool:
        """Whether a keyword stands there."""
        return any(map(self.text[start:end].lower().__contains__, one.keywords))

    @cached_property
    def _of_rows(self) -> str:
        return " ".join(self.text[start:end] for start, end in self._rows).lower()

    @cached_property
    def _longest_row(self) -> int:
        return max((end - start for start, end in self._rows), default=0)

    @cached_property
    def _dense(self) -> bytes:
        return dense(self.lower)

    def _around(self, sign: str) -> str:
        """What stands near a sign: in most texts little."""
        if sign not in self._near:
            windows = _windows((sign,), self.lower, _REACH, _REACH)
            self._near[sign] = " ".join(self.lower[start:end] for start, end in windows)
        return self._near[sign]

    def _may_hold(self, one: Format) -> bool:
        if one.run > self._longest_row:
            return False
        if one.run or one.around:
            text = self._of_rows if one.run else self._around(one.around)
            return any(map(text.__contains__, one.keywords))
        return any(map(self._dense.__contains__, one.dense)) and any(map(self.lower.__contains__, one.keywords))

    def possible(self, formats: Iterable[Format]) -> list[Format]:
        """Those whose keyword stands in the text."""
        return [one for one in formats if self._may_hold(one)]

    def matches(self, one: Format) -> Iterator[re.Match[str]]:
        """Of the pattern of a possible format."""
        for start, end in self._windows(one):
            yield from one.pattern.finditer(self.text, start, end)

    def _windows(self, one: Format) -> Iterator[tuple[int, int]]:
        """Where the pattern is worth trying."""
        if one.run:
            long = ((start, end) for start, end in self._rows if end - start >= one.run)
            return ((max(0, start - _BESIDE), end + _BESIDE) for start, end in long if self._holds(one, start, end))
        if one.around:
            near = _windows((one.around,), self.lower, _REACH, _REACH)
            return ((start, end) for start, end in near if self._holds(one, start, end))
        return _windows(one.keywords, self.lower, _BEFORE, 2 * one.reach)


def find_tokens(text: str, formats: tuple[Format, ...] | None = None) -> list[Secret]:
    """Secrets that their form gives away, in order, without overlaps. `formats`: those that may be there at all."""
    if formats == ():
        return []
    look = _Look(text)
    possible = look.possible(secret_table().formats if formats is None else formats)
    found = [secret for one in possible for match in look.matches(one) if (secret := _of_format(one, match))]
    return _apart(found) if found and _may_hold_token(text, look.lower) else []


def _may_hold_token(text: str, lower: str) -> bool:
    """Whether there is a long word of letters and digits, a sign of an address, or a word that stands before a short
    secret: without any of these, what looks like a token is none.
    """
    return "@" in text or any(word in lower for word in _ANNOUNCES) or _DRAWN.search(text) is not None


def _windows(words: tuple[str, ...], lower: str, before: int, after: int) -> Iterator[tuple[int, int]]:
    """The surroundings of words, those that touch being one."""
    begin, end = 0, -1
    for at in sorted(at for word in words for at in _places(word, lower, after // 2)):
        if at - before > end:
            if end >= 0:
                yield begin, end
            begin = max(0, at - before)
        end = at + after
    if end >= 0:
        yield begin, end


def _places(word: str, lower: str, step: int) -> Iterator[int]:
    """Where the word stands; of places close to each other one is enough."""
    at = lower.find(word)
    while at >= 0:
        yield at
        at = lower.find(word, at + step)


def _of_format(one: Format, match: re.Match[str]) -> Secret | None:
    group = "secret" if "secret" in match.re.groupindex and match["secret"] is not None else 0
    value = match[group]
    if is_placeholder(value) or is_sample_token(value) or (one.random and not is_varied(value)):
        return None
    return Secret(one.name, match.start(group), match.end(group), value, one.variable)


def find_named(text: str, *, bare: bool = True) -> list[Secret]:
    """Values behind a name that announces a secret: `password = "…"`, `"api_key": "…"`; `bare`: `DB_TOKEN=…` too."""
    lower = text.lower()
    # A few letters change their number when they become small.
    lines = _hinting_lines(lower) if len(lower) == len(text) else [(0, len(text))]
    return [
        secret for start, end in lines for match in _NAMED.finditer(text, start, end) if (secret := _named(match, bare))
    ]


def _hinting_lines(lower: str) -> list[tuple[int, int]]:
    """Where the lines lie that hold a name's hint: name and value stand in one line."""
    lines: dict[int, int] = {}
    for hint in _NAME_HINTS:
        at = lower.find(hint)
        while at >= 0:
            start, end = lower.rfind("\n", 0, at) + 1, lower.find("\n", at)
            lines[start] = end if end >= 0 else len(lower)
            at = lower.find(hint, lines[start])
    return sorted(lines.items())


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


def find_secrets(text: str, *, bare: bool = True, among: Suspicion | None = None) -> list[Secret]:
    """Secrets by form and by name, in order, without overlaps. `bare`: a value may stand without quotes."""
    if among is not None and among.is_idle:
        return []
    text = _without_files(text[:_LONGEST])
    named = find_named(text, bare=bare) if among is None or among.named else []
    return _apart([*find_tokens(text, None if among is None else among.formats), *named])


def _without_files(text: str) -> str:
    """Blanks for the files that stand in it, as many as they have characters."""
    return _EMBEDDED.sub(lambda match: " " * len(match[0]), text) if ";base64," in text else text


def find_hidden(text: str, among: Suspicion | None = None, readings: list[str] | None = None) -> list[Secret]:
    """Secrets of an output: also behind colours, tags, entities and the escapes of JSON in JSON.

    `readings`: what `undone` gives. Places are those in the text only where nothing had to be undone: see `value`. In
    the code of a library that is shown with a figure, names say nothing: lines as long as a book are read for tokens
    only.
    """
    if among is not None and among.is_idle:
        return []
    bundle = _is_bundle(text)
    formats = None if among is None else among.formats
    found = {
        _BLANK.sub("", secret.value): secret
        for plain in (undone(text) if readings is None else readings)
        for secret in reversed(find_tokens(plain, formats) if bundle else find_secrets(plain, among=among))
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
