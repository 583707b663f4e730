"""The line of a stage's notebook that names the files which the stage may open."""

from __future__ import annotations

import pytest

from nb2prod.pipeline.declared import only_files
from nb2prod.pipeline.model import File, Layout, Stage

from .notebooks import planned


def line(reads: str = "", writes: str = "", notebook: str = "work.ipynb", **values: object) -> str:
    layout = Layout("pipeline", notebook)
    files = [tuple(File(layout.from_pipeline(path), path) for path in paths.split()) for paths in (reads, writes)]
    stage = Stage("a", ("a",), (), (), (), (), (), (), reads=files[0], writes=files[1])
    return only_files(layout, stage, values)


# fmt: off
@pytest.mark.parametrize(("given", "expected"), [
    ({}, "_stage.only_files()"),
    ({"reads": "data/a.csv"}, '_stage.only_files(reads=["data/a.csv"])'),
    ({"reads": "data/a.csv b", "writes": "out"}, '_stage.only_files(reads=["b", "data/a.csv"], writes=["out"])'),
    ({"reads": "data/a.csv", "notebook": "nb/work.ipynb"}, '_stage.only_files(reads=["../data/a.csv"], root="..")'),
    ({"reads": "/srv/a.csv"}, '_stage.only_files(reads=["/srv/a.csv"])'),
    ({"writes": "out/${name}.csv", "name": "x"}, '_stage.only_files(writes=[f"out/{name}.csv"])'),
    ({"writes": "${a}_${n}.csv", "a": "x", "n": 1}, '_stage.only_files(writes=[f"{a}_{n}.csv"])'),
    ({"reads": "${path}", "path": "data/a.csv"}, "_stage.only_files(reads=[path])"),
    ({"reads": "${year}", "year": 2026}, '_stage.only_files(reads=[f"{year}"])'),
    ({"reads": "${name}", "name": "x", "notebook": "nb/work.ipynb"}, '_stage.only_files(reads=[f"../{name}"], root="..")'),
    ({"reads": 'q"{x}\\${name}', "name": "x"}, '_stage.only_files(reads=[f"q\\"{{x}}\\\\{name}"])'),
    ({"reads": "b ${name} a", "name": "c"}, '_stage.only_files(reads=[name, "a", "b"])'),
    ({"reads": "${HOME}"}, '_stage.only_files(reads=["${HOME}"])'),
    ({"reads": "größe.csv"}, '_stage.only_files(reads=["größe.csv"])'),
])
def test_the_line(given, expected):
    assert line(**given) == expected
    compile(expected, "line", "eval")
# fmt: on


def test_many_files_stand_one_below_the_other():
    text = line(reads=" ".join(f"data/part-{n}.csv" for n in range(12)), writes="out.csv", notebook="nb/work.ipynb")
    assert text.splitlines()[:3] == ["_stage.only_files(", "    reads=[", '        "../data/part-0.csv",']
    assert text.splitlines()[-6:] == [
        "    ],",
        "    writes=[",
        '        "../out.csv",',
        "    ],",
        '    root="..",',
        ")",
    ]
    compile(text, "line", "eval")


def _ours(text: str) -> dict[str, list[str]]:
    """The cells of each stage; the user's as `user`."""
    calls = ("_stage.only_files", "_stage.check_files")
    return {
        stage.name: [
            " ".join([cell.kind, *(one for one in cell.source.splitlines() if one.startswith(calls))])
            for cell in stage.cells
            if not cell.is_markdown
        ]
        for stage in planned(text).stages
    }


def test_every_stage_begins_and_ends_with_it():
    text = "\n# %% stage:a\nx = open('a.txt').read()\n# %% stage:b\nprint(1)\n"
    assert _ours(text) == {
        "a": ['start _stage.only_files(reads=["a.txt"])', "user", "outputs _stage.check_files()"],
        "b": ["start _stage.only_files()", "user", "outputs _stage.check_files()"],
    }


def test_a_path_of_a_parameter_is_named_where_the_parameter_is_in_force():
    text = """
# %% parameters
name = "x"
n = len(name)
# %% stage:a
x = open(f"{name}.txt").read()
# %% stage:b
print(x, name)
"""
    assert _ours(text) == {
        "a": ["start", "parameters", 'files _stage.only_files(reads=[f"{name}.txt"])', "derived", "user",
              "outputs _stage.check_files()"],
        "b": ["start _stage.only_files()", "parameters", "derived", "inputs", "user", "outputs _stage.check_files()"],
    }  # fmt: skip
