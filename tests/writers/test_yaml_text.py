"""YAML that PyYAML (1.1) and ruamel.yaml (1.2) read as the same values of the same types."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from nb2prod.writers import yaml_text

# fmt: off
AMBIGUOUS = [
    "007", "0o17", "0x1f", "0b1", "1e5", "1e-05", "1.5", "1_000", "12:30", "190:20:30", "+1", "-1", ".5",
    "5.", "0", "00", ".inf", "-.inf", ".nan", ".NaN", "inf", "nan", "yes", "No", "ON", "off", "y", "N",
    "true", "False", "null", "Null", "None", "~", "", "=", "<<", "2026-11-20", "2026-11-20T10:00:00Z",
    "- a", "-", "--flag", "? a", "a: b", "a:", ":a", "a #b", "#a", "&a", "*a", "!a", "!!int 1", "%a",
    "@a", "`a`", "[a]", "{a: 1}", "'", '"', "it's", "a'b\"c", "|", ">", " a", "a ", "\ta", "a\tb", "a\n",
    "\n", "\na", "a\nb", "a\n b\n", "a\nb\n\n", " a\nb", "a \nb", "a\r\nb", "a\x85b", "a\u2028b",
    "\ufeffa", "a\x00b", "a\x7fb", "é", "日本語", "🙂", "---", "...", "--- a", "a\n---\nb", "a\n...\nb",
    "$(rm -rf /)", "${item}", "a" * 500 + " " + "b" * 500, "../data/a.csv", "./x", "..", ".", "C:\\data",
]
NUMBERS = [1e-05, 1e16, 1e22, 1.0, -0.0, 0.1, 5e-324, 1.7e308, math.inf, -math.inf, 0, -1, 10**30]
# fmt: on

texts = st.text() | st.sampled_from(AMBIGUOUS)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
documents = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner))


def read_both(text: str) -> tuple[Any, Any]:
    """The text as the two readers take it, in plain containers."""
    return pyyaml.safe_load(text), YAML(typ="safe", pure=True).load(text)


def typed(value: Any) -> Any:
    """A value with its types spelt out: 1, 1.0 and True are equal to Python, -0.0 and 0.0 too."""
    if isinstance(value, dict):
        return ("dict", [(typed(key), typed(item)) for key, item in value.items()])
    if isinstance(value, list):
        return ("list", [typed(item) for item in value])
    return (type(value).__name__, repr(value))


def survives(data: Any) -> None:
    text = yaml_text.dump(data)
    first, second = read_both(text)
    assert typed(first) == typed(data), text
    assert typed(second) == typed(data), text
    assert text == yaml_text.dump(data)
    assert text.endswith("\n")


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_an_ambiguous_string_stays_a_string_as_value_item_and_key(text: str) -> None:
    survives({"value": text, "items": [text, [text]], "nested": {text: text}})


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_keeps_its_type(number: float) -> None:
    survives({"value": number, "items": [number]})


def test_nan_is_read_as_nan() -> None:
    assert all(math.isnan(read["x"]) for read in read_both(yaml_text.dump({"x": math.nan})))


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.text(), documents) | st.lists(documents))
def test_any_document_survives_both_readers(data: Any) -> None:
    survives(data)


def test_the_look_of_a_pipeline() -> None:
    cmd = "papermill stages/load.ipynb runs/load.ipynb -f params.yaml --cwd ../nb" + " -k a-kernel" * 20
    stage = {"cmd": cmd, "deps": ["../data/a.csv", "stages/load.ipynb"], "x": None}
    data = {"stages": {"load": stage}}
    assert yaml_text.dump(data) == (
        f"stages:\n  load:\n    cmd: {cmd}\n    deps:\n    - ../data/a.csv\n    - stages/load.ipynb\n    x: null\n"
    )


def test_order_is_kept_and_nothing_is_aliased() -> None:
    shared = ["z", "a"]
    assert yaml_text.dump({"b": shared, "a": shared}) == "b:\n- z\n- a\na:\n- z\n- a\n"
    assert yaml_text.dump(OrderedDict(b=(), a={})) == "b: []\na: {}\n"


def test_lines_become_a_block() -> None:
    assert yaml_text.dump({"run": "set -e\necho 'a'\n"}) == "run: |\n  set -e\n  echo 'a'\n"


def test_notes_and_a_header_are_comments() -> None:
    data = {"uses": yaml_text.Note("a/b@0123", "v1.2.3"), "with": {"x": yaml_text.Note(1, "one")}}
    text = yaml_text.dump(data, header="Two lines.\n\nOf prose.")
    assert text == "# Two lines.\n#\n# Of prose.\nuses: a/b@0123 # v1.2.3\nwith:\n  x: 1 # one\n"
    assert read_both(text)[0] == {"uses": "a/b@0123", "with": {"x": 1}}


def test_what_is_no_literal_is_refused() -> None:
    with pytest.raises(TypeError, match="not set"):
        yaml_text.dump({"x": {1, 2}})


def test_a_subclass_of_a_scalar_is_written_as_the_scalar() -> None:
    class Real(float):
        def __repr__(self) -> str:
            return "Real()"

    assert yaml_text.dump({"x": Real(1.5)}) == "x: 1.5\n"
