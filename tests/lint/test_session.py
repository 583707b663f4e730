"""An editor's session: after each change it says what a fresh check says."""

from __future__ import annotations

import random

import pytest

from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import rules
from nb2prod.lint.session import Session
from nb2prod.notebook.model import Notebook
from tests.lint.tables import CASES, cases, notebook_of

_SOURCES = [
    cell.source
    for file in sorted(CASES.glob("NB*.txt"))
    for case in cases(file)
    for cell in notebook_of(case.notebook).cells
    if len(cell.source) < 500
]


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_cell_gives_what_a_fresh_check_gives(seed):
    chance = random.Random(seed)
    notebook = notebook_of(
        "".join(f"# %% count={at + 1}\n{text}\n" for at, text in enumerate(chance.sample(_SOURCES, 12)))
    )
    session = Session(notebook, rules())
    assert session.diagnostics() == diagnose(Context(notebook), rules())
    cells = list(notebook.cells)
    for _ in range(6):
        at, text = chance.randrange(len(cells)), chance.choice(_SOURCES)
        found = session.changed(at, text)
        cells[at] = type(cells[at])(
            cells[at].id, at, cells[at].kind, text, cells[at].tags, cells[at].count, cells[at].outputs
        )
        fresh = Notebook(notebook.name, notebook.file, tuple(cells), notebook.kernel)
        assert found == diagnose(Context(fresh), rules())


def test_a_cell_that_is_typed_into_gives_what_a_fresh_check_gives():
    """The story is told from the edited cell on; then one below is edited, then one above."""
    texts = [
        "import numpy as np\nimport pandas as pd\nfrom sklearn.model_selection import train_test_split",
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.linear_model import LogisticRegression",
        "df = pd.read_csv('a.csv')\nX, y = df.drop(columns='y'), df['y']",
        "scaler = StandardScaler()",
        "Xs = X",
        "a, b, c, d = train_test_split(Xs, y, random_state=0)",
        "model = LogisticRegression().fit(a, c)\nprint(model.score(b, d))",
    ]
    session = Session(_of(texts), rules())
    edits = [(4, "Xs = scaler.fit"), (4, "Xs = scaler.fit_transform(X)"), (4, "Xs = scaler.fit_transform(X)  # scaled")]
    edits += [(5, "a, b, c, d = train_test_split(Xs, y)"), (2, "df = pd.DataFrame()\nX, y = df, df"), (2, texts[2])]
    leaks = []
    for at, text in edits:
        texts[at] = text
        found = session.changed(at, text)
        assert found == diagnose(Context(_of(texts)), rules())
        leaks.append(sum(one.code == "NB501" for one in found))
    assert leaks[0] == 0 and leaks[1] == leaks[-1] == 1


def test_a_long_notebook_that_is_edited_here_and_there_gives_what_a_fresh_check_gives():
    """It is longer than what lies between two states that are kept."""
    filling = ["print(1)"] * 45
    texts = [
        "import pandas as pd\nfrom sklearn.model_selection import train_test_split",
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.linear_model import LogisticRegression",
        "df = pd.read_csv('a.csv')\nX, y = df.drop(columns='y'), df['y']\nscaler = StandardScaler()",
        *filling,
        "Xs = X",
        *filling,
        "a, b, c, d = train_test_split(Xs, y, random_state=0)",
        "model = LogisticRegression().fit(a, c)\nprint(model.score(b, d))",
    ]
    session = Session(_of(texts), rules())
    session.diagnostics()
    edits = [(48, "Xs = scaler.fit_transform(X)"), (90, "print(2)"), (48, "Xs = X"), (90, "print(3)")]
    edits += [(2, "df = pd.read_csv('a.csv')\nX, y = df, df['y']\nscaler = StandardScaler()"), (90, "print(4)")]
    leaks = []
    for at, text in edits:
        texts[at] = text
        found = session.changed(at, text)
        assert found == diagnose(Context(_of(texts)), rules())
        leaks.append(sorted(one.code for one in found if one.code in ("NB501", "NB506")))
    assert leaks == [["NB501"], ["NB501"], [], [], ["NB506"], ["NB506"]]


def test_a_name_that_a_late_cell_binds_by_now_is_missed_above_no_longer():
    texts = ["flag = input()", "if flag:\n    print(later)", *(f"n{at} = {at}" for at in range(20)), "print(flag)"]
    session = Session(_of(texts), rules())
    assert "NB104" in {one.code for one in session.diagnostics()}
    for text in ("later = 1", "print(flag)"):
        texts[-1] = text
        assert session.changed(len(texts) - 1, text) == diagnose(Context(_of(texts)), rules())


def test_a_long_chain_of_frames_is_told_anew_instead():
    chain = "df = df[df.x > 1]\n" * 3_000
    texts = ["import pandas as pd\ndf = pd.read_csv('a.csv')", chain, "n = 1"]
    session = Session(_of(texts), rules())
    assert session.changed(2, "n = 2") == diagnose(Context(_of([*texts[:2], "n = 2"])), rules())


def _of(texts: list[str]) -> Notebook:
    return notebook_of("".join(f"# %% count={at + 1}\n{text}\n" for at, text in enumerate(texts)))
