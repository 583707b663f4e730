"""Notebooks that cannot be converted: each is refused with what, where and what to do, and nothing is written."""

from __future__ import annotations

import pytest

from cli.notebooks import code, prose, write

# The text of the file → what the message says.
FILES = {
    "no JSON": ("hello {", "n.ipynb is not valid JSON"),
    "nothing": ("", "n.ipynb is not valid JSON"),
    "a list": ("[]", "is JSON, but not a notebook"),
    "null": ("null", "is JSON, but not a notebook"),
    "no notebook": ("{}", "does not say its format"),
    "format 3": ('{"nbformat": 3, "worksheets": []}', "but of format 3"),
    "format 5": ('{"nbformat": 5, "cells": []}', "but of format 5"),
    "a format in words": ('{"nbformat": "four\\u001b[31m", "cells": []}', "does not say its format"),
    "cells are a number": ('{"nbformat": 4, "cells": 5}', "it has no list of cells"),
    "cells are null": ('{"nbformat": 4, "cells": null}', "it has no list of cells"),
    "cells are a mapping": ('{"nbformat": 4, "cells": {"a": 1}}', "it has no list of cells"),
    "no cells": ('{"nbformat": 4, "cells": []}', "holds no code"),
    "metadata is a list": ('{"nbformat": 4, "cells": [], "metadata": []}', "the metadata of n.ipynb is not a mapping"),
    "deep nesting": ("[" * 200_000, "is not valid JSON"),
    "a number without end": ('{"nbformat": ' + "4" * 6000 + "}", "is not valid JSON"),
    "other bytes": (b'{"cells": "\xff\xfe"}', "n.ipynb is not UTF-8"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_notebook(name, refused, tmp_path):
    content, said = FILES[name]
    (tmp_path / "n.ipynb").write_bytes(content if isinstance(content, bytes) else content.encode())
    for verb in (["convert", "n.ipynb"], ["convert", "n.ipynb", "--no-run"], ["convert", "n.ipynb", "--check"]):
        assert said in refused(2, *verb)
    assert said in refused(2, "tag", "n.ipynb", "--write")


def test_files_that_are_not_there_or_of_another_kind(refused, tmp_path):
    write(tmp_path / "churn.ipynb", code("x = 1"))
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "script.py").write_text("x = 1\n")
    (tmp_path / "latin.py").write_bytes(b'# %%\nx = "\xff"\n')
    (tmp_path / "header.py").write_text("# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---\n# %%\nx = 1\n")
    assert "did you mean churn.ipynb?" in refused(2, "convert", "chrun.ipynb")
    assert "name a notebook that is there" in refused(2, "convert", "elsewhere/zzz.ipynb")
    assert "there is no file zzz.md" in refused(2, "convert", "zzz.md")
    assert "notes.txt is not a notebook" in refused(2, "convert", "notes.txt")
    assert "is a folder" in refused(2, "convert", ".")
    assert "cannot read" in refused(2, "convert", "n" * 300 + ".ipynb")
    assert "a Python script without cells" in refused(2, "convert", "script.py")
    assert "latin.py is not UTF-8" in refused(2, "convert", "latin.py")
    assert "jupytext cannot read header.py" in refused(2, "convert", "header.py")


LANGUAGES = {
    "kernelspec": ({"kernelspec": {"name": "ir", "language": "R"}}, "is written in R"),
    "language_info": ({"kernelspec": {"name": "x"}, "language_info": {"name": "julia"}}, "is written in julia"),
    "only the kernel's name": ({"kernelspec": {"name": "julia-1.9"}}, "is for the kernel `julia-1.9`"),
    "no mapping": ({"kernelspec": ["ir"]}, "the kernelspec of n.ipynb is not a mapping"),
    "escapes": ({"kernelspec": {"name": "x", "language": "\x1b[31mR"}}, "is written in R"),
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_another_language(name, refused, tmp_path):
    metadata, said = LANGUAGES[name]
    write(tmp_path / "n.ipynb", code("x <- 1"), **metadata)
    assert said in refused(2, "convert", "n.ipynb", "--no-run")


_ONE = code("x = 1", "stage:a")
# (cells, exit code, what the message says)
CELLS = {
    "a syntax error": ([prose("a"), code("y = 2\nif x\n  pass")], 1, ["cell 2 (c1) of n.ipynb", "line 2"]),
    "one below a magic": ([code("%%time\ny = 2\nif x\n  pass")], 1, ["cell 1 (c0)", "line 3"]),
    "a NUL in code": ([code("x = 1\n\0")], 1, ["cell 1 (c0)", "null bytes"]),
    "deep code": ([code("y = 1\nx = " + "-" * 900 + "1")], 1, ["cell 1 (c0)", "line 2: nested more than"]),
    "deeper code": ([code("x = " + "(" * 3000 + "1" + ")" * 3000)], 1, ["cell 1 (c0)", "too many nested"]),
    "deepest code": ([code("x = a" + ".b" * 20_000)], 1, ["cell 1 (c0)"]),
    "half a character": ([_ONE, prose("\ud800")], 2, ["the source of cell 2 of n.ipynb", "half a character"]),
    "only prose": ([prose("x")], 2, ["n.ipynb holds no code"]),
    "a cell of text": ([_ONE, "abc"], 2, ["cell 2 of n.ipynb is not a mapping"]),
    "a cell of no kind": ([code("x = 1", cell_type=7)], 2, ["cell 1 of n.ipynb has no known `cell_type`: 7"]),
    "source is a number": ([code(5)], 2, ["the source of cell 1 of n.ipynb is not text: 5"]),
    "source is null": ([code(None)], 2, ["the source of cell 1 of n.ipynb is not text"]),
    "lines are numbers": ([code(["x = 1", 2])], 2, ["the source of cell 1 of n.ipynb is not text"]),
    "metadata is a list": ([code("x = 1", metadata=[])], 2, ["the metadata of cell 1 of n.ipynb"]),
    "tags are a text": ([code("x = 1", metadata={"tags": "stage:a"})], 2, ["the tags of cell 1 of n.ipynb"]),
    "tags are a mapping": ([code("x = 1", metadata={"tags": {"a": 1}})], 2, ["the tags of cell 1 of n.ipynb"]),
    "a tag is a number": ([code("x = 1", metadata={"tags": [1]})], 2, ["not a list of texts: [1]"]),
    "the same tag twice": ([code("x = 1", "stage:a", "stage:a")], 2, ["the tag `stage:a` twice"]),
    "a slip": ([code("x = 1", "stgae:a")], 2, ["unknown tag `stgae:a` on cell 1", "did you mean `stage:NAME`"]),
    "capitals": ([code("x = 1", "Stage:a")], 2, ["unknown tag `Stage:a`", "did you mean `stage:NAME`"]),
    "no colon": ([code("x = 1", "stage a")], 2, ["unknown tag `stage a`", "did you mean `stage:NAME`"]),
    "singular": ([code("x = 1", "parameter")], 2, ["unknown tag `parameter`", "did you mean `parameters`"]),
    "no stage name": ([code("x = 1", "stage:a b")], 2, ["`stage:a b` on cell 1", "is not a stage name"]),
    "an empty name": ([code("x = 1", "stage:")], 2, ["is not a stage name"]),
    "a long name": ([code("x = 1", "stage:" + "a" * 101)], 2, ["is not a stage name", "at most 100"]),
    "a name of Windows": ([code("x = 1", "stage:con")], 2, ["Windows allows no file of the name `con`"]),
    "no file": ([code("x = 1", "stage:a", "input:")], 2, ["`input:` on cell 1", "names no file"]),
    "stage and skip": ([code("x = 1", "stage:a", "skip")], 2, ["`skip` and `stage:a`", "keep one"]),
    "two stages": ([code("x = 1", "stage:a", "stage:b")], 2, ["`stage:a` and `stage:b`", "keep one"]),
    "setup and skip": ([code("x = 1", "setup", "skip")], 2, ["`setup` and `skip`"]),
    "two parameters cells": ([code("x = 1", "parameters"), code("y = 1", "parameters")], 2, ["(c0) and cell 2"]),
    "a stage on prose": ([prose("# x", "stage:a"), _ONE], 2, ["`stage:a` stands on cell 1", "not a code cell"]),
    "parameters on prose": ([prose("# x", "parameters"), _ONE], 2, ["`parameters` stands on cell 1"]),
    "an executed notebook": ([code("x = 1", "injected-parameters")], 2, ["an executed notebook"]),
    "names but for case": ([_ONE, code("y = 1", "stage:A")], 2, ["`a` and `A` differ only in case"]),
    "a stage that comes back": (
        [_ONE, code("y = 1", "stage:b"), code("z = 1", "stage:a")],
        1,
        ["stage `a` opens at cell 1 (c0) and again at cell 3 (c2), after stage `b`", "a name of its own"],
    ),
    "escapes in an id": ([code("if x\n", id="\x1b[31mred\0\x9b")], 1, ["cell 1 (cell-1) of n.ipynb"]),
    "escapes in a tag": ([code("x = 1", "stage:\x1b]0;pwn\x07")], 2, ["is not a stage name"]),
    "a tag of two lines": ([code("x = 1", "stgae:\u202e\x9b31m\nerror: fake")], 2, ["`stgae:31m error: fake`"]),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_that_have_no_single_meaning(name, refused, tmp_path):
    cells, code_, said = CELLS[name]
    write(tmp_path / "n.ipynb", *cells)
    for verb in (["convert", "n.ipynb"], ["convert", "n.ipynb", "--no-run"], ["tag", "n.ipynb", "--write"]):
        message = refused(code_, *verb)
        assert all(part in message for part in said), message
