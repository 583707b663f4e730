"""The proposal for a notebook without tags: names and openings, as text."""

from __future__ import annotations

import pytest

from nb2prod.pipeline.proposal import propose
from pipeline.notebooks import notebook

ONE_KIND = """
# %%
import matplotlib.pyplot as plt
# %% md
## Two lines
# %%
plt.plot([1, 2])
# %% md
## The style of a line
# %%
plt.plot([1, 2], "--")
# %% md
## Limits
# %%
plt.plot([1, 2]); plt.xlim(0, 1)
"""
NO_HEADINGS = """
# %%
import math
# %%
a = [1, 2]
# %%
b = [one * 2 for one in a]
# %%
c = sum(b)
# %%
print(c)
# %%
print(c + 1)
# %%
print(c + 2)
# %%
print(c + 3)
"""
SECTIONS = """
# %% md
# Load
# %%
rows = list(open("a.csv"))
# %% md
# Train
# %%
model.fit(rows)
# %% md
# Train again
# %%
model.fit(rows[1:])
# %% md
# Evaluate
# %%
model.score(rows)
# %% md
# Train
# %%
model.fit(rows[2:])
"""


def proposed(text: str) -> str:
    return " ".join(f"{one.name}@{one.cell}" for one in propose(notebook(text)))


def test_sections_of_one_kind_stay_apart_where_too_few_stages_would_be_left():
    assert proposed(ONE_KIND) == "explore@2 style_line@4 limits@6"


def test_the_heading_right_above_the_code_counts_and_code_in_prose_is_none():
    above = "# %% md\n# Predicting prices\n\n## Load\n```python\n# Evaluate\n```\n"
    assert proposed(above + SECTIONS.partition("# Load\n")[2]).startswith("load@1 train@3")


def test_neighbours_of_one_kind_are_one_stage_and_a_kind_that_comes_back_has_its_headings_name():
    assert proposed(SECTIONS) == "load@1 train@3 evaluate@7 train_2@9"


def test_without_headings_it_is_cut_where_the_fewest_values_cross():
    assert proposed(NO_HEADINGS) == "compute@1 compute_2@4 compute_3@6"


def test_a_figure_is_not_cut_from_what_draws_on_it():
    cells = [
        "x = 1; print(x)",
        "print(x)",
        "fig, ax = plt.subplots()",
        "ax.plot([x])",
        "ax.set_title('a')",
        "z = x * x",
    ]
    cells += ["print(z)", "print(z + 1)"]
    assert proposed("".join(f"# %%\n{cell}\n" for cell in ["import matplotlib.pyplot as plt", *cells])) == (
        "compute@1 explore@3 compute_2@6"
    )


def test_three_cells_are_not_cut():
    assert proposed("# %%\nx = 1; print(x)\n# %%\nprint(x)\n# %%\nprint(x)\n") == "compute@0"


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Step 4. What is the number of rows?", "number_rows"),
        ("3.2 Lag of a series", "lag_series"),
        ("Exercise 2", "exercise_2"),
        ("2019 in numbers", "numbers"),
        ("Histogram of the standardized deviances", "histogram_standardized"),
        ("The", "compute"),
    ],
)
def test_a_name_holds_the_words_of_the_heading_that_say_something(heading, name):
    text = f"# %% md\n# Zebra\n# %%\nprint(1)\n# %% md\n# {heading}\n# %%\nprint(2)\n"
    assert proposed(text) == f"zebra@1 {name}@3"
