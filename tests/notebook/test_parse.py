"""A cell's text → its statements, each with the user's own text."""

from __future__ import annotations

import sys

import pytest

from nb2prod.notebook.parse import parse

TEXTS = {
    "x = 1; y = 2": ["x = 1", "y = 2"],
    "%matplotlib inline\nx = 1\n!ls\ny = !ls": ["%matplotlib inline", "x = 1", "!ls", "y = !ls"],
    "é = 'ü'; b = 'ß'": ["é = 'ü'", "b = 'ß'"],
    "@a\n@b\ndef f():\n    pass\nx = 1": ["@a\n@b\ndef f():\n    pass", "x = 1"],
    "%%time\nx = 1": ["x = 1"],
    "x = '''a\nb'''; y = 1": ["x = '''a\nb'''", "y = 1"],
    "s = 'a\u2028b'\nimport os\n!ls\nq = 3": ["s = 'a\u2028b'", "import os", "!ls", "q = 3"],
    "s = 'a\x0cb'\nimport os\n!ls": ["s = 'a\x0cb'", "import os", "!ls"],
}


@pytest.mark.parametrize("source", TEXTS)
def test_statements_keep_their_text(source):
    assert [statement.text for statement in parse(source).statements] == TEXTS[source]


@pytest.mark.parametrize(
    ("source", "line"),
    [("x = 1\nif x\n  pass", 2), ("%%time\nx = 1\nif x\n  pass", 3), ("y = 1\nx = " + "-" * 300 + "1", 2)],
)
def test_what_is_no_python_has_a_line(source, line):
    error = parse(source).error
    assert error is not None and error[1] == line


def test_a_cell_of_many_lines_is_split_once():
    """The work grows with the text, not with its square: counted in calls."""
    counts = []
    for lines in (500, 2000):
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            parse("\n".join(f"x{number} = {number}" for number in range(lines)))
        finally:
            sys.setprofile(None)
        counts.append(calls)
    assert counts[1] < 5 * counts[0]
