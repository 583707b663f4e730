"""Which edits of a cell's text leave its code as it is."""

from __future__ import annotations

import pytest

from nb2prod.notebook.same_code import code_of, looks_at_itself

SAME = [
    ("x = 1  # one", "x = 1"),
    ("# a\n\nx = 1\n\n\ny = 2", "x = 1\ny = 2  # two"),
    ("def f():\n    # why\n    return 1", "def f():\n  return 1"),
    ("%%time\nx = 1  # one", "%%time\nx = 1"),
    ("x = f'{a!r} # no comment'  # one", "x = f'{a!r} # no comment'"),
    ("f(  # why\n    1,\n)", "f(\n    1,\n)"),
]
OTHER = [
    ("x", "x;"),
    ("x = '# a'", "x = '# b'"),
    ("x = f'{a} # a'", "x = f'{a} # b'"),
    ("x = f'''\n{a} # a\n'''", "x = f'''\n{a} # b\n'''"),
    ("def f():\n    'a'", "def f():\n    'b'"),
    ("if x:\n    y()\nz()", "if x:\n    y()\n    z()"),
    ("%%bash\necho 1 # a", "%%bash\necho 1 # b"),
    ("%%time\nx = 1", "%%timeit\nx = 1"),
    ("!ls # a", "!ls # b"),
    ("x = (1,\n     2)", "x = (1,\n     3)"),
    ("x = 1\ny = 2", "x = 1; y = 2 ;"),
    ("no python # a", "no python # b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same(one, other):
    assert code_of(one) == code_of(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other(one, other):
    assert code_of(one) != code_of(other)


@pytest.mark.parametrize(
    ("source", "looks"),
    [
        ("import inspect", True),
        ("f??", True),
        ("print(In[1])", True),
        ("inspected = 1", False),
        ("model.save(x)", False),
        ("%history", True),
        ("x = 1", False),
    ],
)
def test_code_that_sees_its_own_text(source, looks):
    assert looks_at_itself([source]) is looks
