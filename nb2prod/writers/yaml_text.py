"""YAML from data: the one place that decides how a generated YAML file looks.

A generated file is read by two kinds of reader: PyYAML (papermill, most linters) follows YAML 1.1,
ruamel.yaml (DVC) follows YAML 1.2. They disagree about plain scalars: `yes`, `007`, `12:30` and `1e5` are
a bool, an octal, a base-60 number and a string to one, and something else to the other. So:

1. a string is written plain only where neither reader could take it for another type;
2. another string is quoted, and a text of several lines becomes a literal block where that loses nothing;
3. a float always has its point (`1.0e-05`), without which PyYAML reads a string;
4. mappings keep their order, nothing is aliased, no line is folded: the same data gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

# Starting with a letter, a path or a variable, a plain scalar cannot be a number, a date or an indicator …
_PLAIN = re.compile(r"(?:[A-Za-z_/$]|\.{1,2}/)[ -~]*")
# … and the words that one reader or the other takes for a bool or a null (YAML 1.1 has single letters too).
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# Folding would break a command in two: no line is ever this long.
_NEVER = 2**31


@dataclass(frozen=True, slots=True)
class Note:
    """A string, or a number, with a comment after it on its line; only as a mapping's value."""

    value: str | int | float | bool
    comment: str


def dump(data: Mapping[str, Any] | Sequence[Any], header: str = "") -> str:
    """Data as YAML text that YAML 1.1 and 1.2 readers read as equal values of equal types.

    `header` is prose that opens the file, each of its lines as a comment.
    """
    stream = StringIO()
    _dumper().dump(_prepared(data), stream)
    return "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines()) + stream.getvalue()


def _dumper() -> YAML:
    """A dumper of our own for each text: ruamel's keeps state between two dumps."""
    yaml = YAML(typ="rt", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = _NEVER
    return yaml


def _prepared(data: Any) -> Any:
    """Data in ruamel's own containers, which keep their order and carry the comments."""
    if isinstance(data, Note):
        return data.value
    if isinstance(data, Mapping):
        return _prepared_mapping(data)
    if isinstance(data, (list, tuple)):
        return CommentedSeq([_prepared(item) for item in data])
    if data is None or isinstance(data, (str, bool, int, float)):
        return data
    raise TypeError(f"YAML here holds literals, lists and mappings, not {type(data).__name__}")


def _prepared_mapping(data: Mapping[Any, Any]) -> CommentedMap:
    mapping = CommentedMap()
    for key, value in data.items():
        mapping[key] = _prepared(value)
        if isinstance(value, Note):
            mapping.yaml_add_eol_comment(value.comment, key, column=0)
    return mapping


class _Representer(RoundTripRepresenter):  # type: ignore[misc]
    """ruamel's representer, but with scalars that both versions of YAML read alike."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a list that occurs twice twice: an alias is hard on people and refused by some readers."""
        return True

    def string(self, data: str) -> ScalarNode:
        """A string, quoted where a reader could take it for something else."""
        return self.represent_scalar("tag:yaml.org,2002:str", str(data), style=_style(data))

    def floating(self, data: float) -> ScalarNode:
        """A float with a point in it."""
        return self.represent_scalar("tag:yaml.org,2002:float", _float(data))

    def integer(self, data: int) -> ScalarNode:
        """An int in decimal, of an int's subclass too."""
        return self.represent_scalar("tag:yaml.org,2002:int", int.__repr__(data))

    def null(self, data: None) -> ScalarNode:
        """`null`, said aloud: ruamel leaves the value empty, which reads like a mistake."""
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(str, _Representer.string)
_Representer.add_multi_representer(str, _Representer.string)
_Representer.add_representer(float, _Representer.floating)
_Representer.add_multi_representer(float, _Representer.floating)
_Representer.add_representer(int, _Representer.integer)
_Representer.add_multi_representer(int, _Representer.integer)
_Representer.add_representer(type(None), _Representer.null)


def _style(text: str) -> str | None:
    """The style of a string: plain (None), a literal block, single or double quotes."""
    if _fits_block(text):
        return "|"
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        # The emitter still quotes what would end a plain scalar early: `: `, ` #`, a space at the end.
        return None
    return "'" if text.isprintable() and "'" not in text else '"'


def _fits_block(text: str) -> bool:
    """Whether a literal block holds these lines exactly: no indentation indicator, no trailing space."""
    lines = text.removesuffix("\n").split("\n")
    return (
        "\n" in text.removesuffix("\n")
        and lines[0] != ""
        and not lines[0].startswith(" ")
        and lines[-1] != ""
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )


def _float(number: float) -> str:
    """A float's shortest exact text, in the form that both readers take for a float."""
    text = float.__repr__(number)
    if text.endswith(("inf", "nan")):
        return text.replace("inf", ".inf").replace("nan", ".nan")
    mantissa, exponent, power = text.partition("e")
    return (mantissa if "." in mantissa else f"{mantissa}.0") + exponent + power
