"""`nb2prod tag`: stages are proposed with their reasons, and `--write` changes the tags and no other byte."""

from __future__ import annotations

import json

import pytest

from cli.notebooks import code, document, prose, write
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.notebook.stages import cut
from nb2prod.notebook.tag_edits import edited_json, edited_text

MODELLING = (
    code("import pandas as pd"),
    prose("# Loading the data"),
    code("frame = pd.read_csv('a.csv')"),
    prose("## Clean"),
    code("frame = frame.dropna()"),
    prose("## Zebra crossing!"),
    code("n = len(frame)\nm = n + 1"),
)


def test_headings_name_the_stages_and_the_reasons_are_printed(cli, tmp_path):
    path = write(tmp_path / "n.ipynb", *MODELLING)
    before = path.read_bytes()
    answer = cli("tag", "n.ipynb")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "stage:load on cell 3 (c2): heading “Loading the data”; its code does: load",
        "stage:clean on cell 5 (c4): heading “Clean”; its code does: clean",
        "stage:zebra_crossing on cell 7 (c6): heading “Zebra crossing!”",
        "nothing was written: `--write` does",
    ]
    assert path.read_bytes() == before


def test_without_headings_the_code_tells(cli, tmp_path):
    cells = [cell for cell in MODELLING[:5] if cell["cell_type"] == "code"]
    write(tmp_path / "n.ipynb", *cells, code("model.fit(frame, y)"), code("print(model.score(frame, y))"))
    lines = cli("tag", "n.ipynb").out.splitlines()
    assert [line.partition(" ")[0] for line in lines[:-1]] == [
        "stage:load",
        "stage:clean",
        "stage:train",
        "stage:evaluate",
    ]
    assert lines[2].endswith("its code does: train")


def test_where_nothing_tells_it_is_one_stage(cli, tmp_path):
    write(tmp_path / "n.ipynb", code("import math"), code("x = 1"))
    assert "stage:compute on cell 1" in cli("tag", "n.ipynb").out


def test_where_no_cell_is_free_it_says_so(cli, tmp_path):
    write(tmp_path / "n.ipynb", code("x = 1", "parameters"))
    answer = cli("tag", "n.ipynb", "--write")
    assert answer.code == 0
    assert answer.out.startswith("no cell could open a stage")
    assert "nothing was written" in answer.out


def test_convert_uses_the_proposal_and_says_so(cli, tmp_path):
    path = write(tmp_path / "n.ipynb", *MODELLING)
    before = path.read_bytes()
    answer = cli("convert", "n.ipynb", "--no-run")
    assert answer.code == 0
    assert "converted by the proposal of `nb2prod tag` (load, clean, zebra_crossing)" in answer.out
    stages = [one.stem for one in (tmp_path / "pipeline" / "stages").glob("*.ipynb")]
    assert sorted(stages) == ["clean", "load", "zebra_crossing"]
    assert path.read_bytes() == before


def test_a_tagged_notebook_is_left_alone(refused, tmp_path):
    write(tmp_path / "n.ipynb", code("x = 1", "stage:a"), code("y = 1", "stage:b"))
    assert "has stage tags already: a, b" in refused(2, "tag", "n.ipynb", "--write")


def test_kales_tags_are_read(cli, tmp_path):
    cells = [
        code("import math", "imports"),
        code("def f(x):\n    return x", "functions"),
        code("n = 3", "pipeline-parameters"),
        code("x = f(n)", "block:load"),
        code("y = x + 1"),
        code("z = 9", "skip"),
        code("total = y", "step:sum", "prev:load", "limit:nvidia.com/gpu:1"),
        code("print(total)", "pipeline-metrics"),
    ]
    found = cut(read_notebook(write(tmp_path / "n.ipynb", *cells)))
    assert [(stage.name, stage.cells) for stage in found.stages] == [("load", (3, 4)), ("sum", (6, 7))]
    assert (found.preamble, found.skipped, found.parameters) == ((0, 1, 2), (5,), 2)
    assert found.roles[0].setup and found.roles[1].setup and found.roles[7].metrics
    assert "has stage tags already: load, sum" in cli("tag", "n.ipynb").err


def _layouts():
    cells = [*MODELLING[:3], code("frame = frame.dropna()", "mine"), prose("# Train")]
    cells += [
        code("model.fit(frame)", metadata={"collapsed": True}),
        prose("# Test"),
        code("model.score()", metadata={"tags": []}),
    ]
    plain = document(*cells)
    spread = json.dumps(plain, indent=1, ensure_ascii=False)
    return {
        "as Jupyter saves it": spread + "\n",
        "four spaces, sorted, without a last newline": json.dumps(plain, indent=4, sort_keys=True),
        "tabs": json.dumps(plain, indent="\t") + "\n\n",
        "on one line": json.dumps(plain),
        "compact": json.dumps(plain, separators=(",", ":")),
        "line ends of Windows": spread.replace("\n", "\r\n"),
        "with a byte order mark": "\ufeff" + spread,
        "numbers, escapes and empty lines": spread.replace(
            '"nbformat"', '"x": 1.50e+3, "é": "\\u00e9\\/",\n\n "nbformat"', 1
        ),
    }


@pytest.mark.parametrize("layout", _layouts())
def test_every_other_byte_of_a_notebook_stays(layout, cli, tmp_path):
    path = tmp_path / "n.ipynb"
    text = _layouts()[layout]
    path.write_bytes(text.encode())
    path.chmod(0o600)
    assert cli("tag", "n.ipynb", "--write").code == 0
    after = path.read_bytes().decode()
    assert path.stat().st_mode & 0o777 == 0o600
    # What was inserted are tags; without them the text is the same.
    kept = iter(after)
    assert all(letter in kept for letter in text)
    before_cells, cells = (json.loads(one.lstrip("\ufeff"))["cells"] for one in (text, after))
    assert [cell["metadata"].get("tags") for cell in cells] == [
        None, None, ["stage:load"], ["mine"], None, ["stage:train"], None, ["stage:evaluate"],
    ]  # fmt: skip
    for cell in (*before_cells, *cells):
        cell["metadata"].pop("tags", None)
    assert cells == before_cells
    assert json.loads(after.lstrip("\ufeff")).keys() == json.loads(text.lstrip("\ufeff")).keys()


def test_the_layout_is_jupyters_own():
    """Writing the tags gives what nbformat would save."""
    cells = [code("x = 1"), code("y = 1", "mine"), code("z = 1", metadata={"tags": []})]
    for cell in cells:
        cell.pop("id", None)
    before = json.dumps(document(*cells), indent=1) + "\n"
    expected = json.loads(before)
    expected["cells"][0]["metadata"] = {"tags": ["stage:a"]}
    expected["cells"][1]["metadata"] = {"tags": ["mine", "stage:b"]}
    expected["cells"][2]["metadata"] = {"tags": ["stage:c"]}
    assert edited_json(before, {0: "stage:a", 1: "stage:b", 2: "stage:c"}) == json.dumps(expected, indent=1) + "\n"


def test_a_link_stays_a_link(cli, tmp_path):
    real = write(tmp_path / "kept" / "real.ipynb", *MODELLING)
    (tmp_path / "n.ipynb").symlink_to(real)
    assert cli("tag", "n.ipynb", "--write").code == 0
    assert (tmp_path / "n.ipynb").is_symlink()
    assert "stage:load" in real.read_text()


PERCENT = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # Load

# %%
import os
x = os.listdir()

# %% [markdown]
# # Train

# %% A title tags=["mine"]
y = x + [1]   # two  spaces
"""
MARKDOWN = """# Load

```python
x = open("a").read()
```

```
no cell
```

# Train

```python tags=["mine"]
y = x + "1"
```
"""
MYST = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

# Load

```{code-cell} ipython3
x = open("a").read()
```

# Train

```{code-cell} ipython3
y = x + "1"
```
"""


@pytest.mark.parametrize(
    ("name", "before", "changes"),
    [
        (
            "n.py",
            PERCENT,
            [("# %%\nimport", '# %% tags=["stage:load"]\nimport'), ('["mine"]', '["mine", "stage:train"]')],
        ),
        ("n.md", MARKDOWN, [("python\nx", 'python tags=["stage:load"]\nx'), ('["mine"]', '["mine", "stage:train"]')]),
        ("n.md", MYST, [("\nx", "\n:tags: [stage:load]\nx"), ("\ny", "\n:tags: [stage:train]\ny")]),
    ],
    ids=["percent", "markdown", "myst"],
)
def test_every_other_byte_of_a_text_notebook_stays(name, before, changes, cli, tmp_path):
    pytest.importorskip("jupytext")
    (tmp_path / name).write_text(before)
    answer = cli("tag", name, "--write")
    assert answer.code == 0, answer
    expected = before
    for old, new in changes:
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert (tmp_path / name).read_text() == expected
    assert [stage.name for stage in cut(read_notebook(tmp_path / name)).stages] == ["load", "train"]


def test_a_text_without_marks_is_refused(refused, tmp_path):
    pytest.importorskip("jupytext")
    (tmp_path / "n.py").write_text("# jupytext: light\nimport os\n\nx = os.listdir()\n\n# # Train\n\ny = [1]\n")
    assert "write them by hand: cell " in refused(1, "tag", "n.py", "--write")


def test_a_text_notebook_reads_the_same_twice(tmp_path):
    pytest.importorskip("jupytext")
    (tmp_path / "n.py").write_text(PERCENT)
    assert read_notebook(tmp_path / "n.py") == read_notebook(tmp_path / "n.py")


def test_blocks_shown_inside_another_block_are_no_cells():
    text = "````\n```python\nshown\n```\n````\n\n```python\nx = 1\n```\n"
    assert edited_text(text, ["markdown", "code"], {1: "stage:a"}, ".md") == text.replace(
        "python\nx", 'python tags=["stage:a"]\nx'
    )
    assert edited_text(text, ["code"], {0: "stage:a"}, ".Rmd") is None
