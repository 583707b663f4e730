"""Names in the text of magics and commands, and what parsing costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nb2prod.dataflow.magics import interpolated
from nb2prod.notebook.parse import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ls {x}", "x"),
        ("ls {x + y.z}/{f(k)}", "f k x y"),
        ("echo $x ${y}", "x y"),
        ("where a = :x and b::int = 1", "x"),
        ("plain words", ""),
    ],
)
def test_names_in_a_command(text: str, expected: str) -> None:
    assert " ".join(sorted(interpolated(text))) == expected


@pytest.mark.parametrize("source", ["x = 1\ny = [v % 2 for v in z]", "x = 1\n%time y = 2"])
def test_ipython_as_a_whole_is_not_imported(source: str) -> None:
    """A magic needs its transformer, which is loaded alone and leaves no half of the package behind."""
    code = (
        "import sys; from nb2prod.dataflow.collect import collect_cell; "
        "from nb2prod.dataflow.environment import Environment; from nb2prod.notebook.model import Cell; "
        f"found = collect_cell(Cell('c', 0, 'code', {source!r}), Environment()); print('IPython' in sys.modules); "
        "print(sorted(found.facts.defines)); import IPython; print(IPython.get_ipython())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:3] == ["False", "['x', 'y']", "None"]


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (">>> x = 1\n>>> y = 2", ["x = 1", "y = 2"]),
        ("    x = 1\n    y = 2", ["x = 1", "y = 2"]),
        ("x = !ls\ny = 1", ["x = !ls", "y = 1"]),
        ("@a\n@b(1)\ndef f():\n    pass", ["@a\n@b(1)\ndef f():\n    pass"]),
        ("x = 'é'; y = 2", ["x = 'é'", "y = 2"]),
    ],
)
def test_statements_keep_the_text_of_the_user(source: str, texts: list[str]) -> None:
    assert [statement.text for statement in parse(source).statements] == texts


def test_bad_source_is_told_with_its_line() -> None:
    assert parse("x = 1\ny = = 2").error == ("invalid syntax", 2)
