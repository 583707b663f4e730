"""The cell tagged `predict`: its function in a module of its own, with what it needs."""

from __future__ import annotations

import ast

import pytest

from .notebooks import planned


def built(*cells):
    """The pipeline of cells given as (tags, source)."""
    return planned("".join(f"# %% {tags}\n{source}\n" for tags, source in cells))


def _module(*cells):
    predict = built(*cells).predict
    return predict, predict.source


FIT = ("stage:train", "from sklearn.linear_model import Ridge\nmodel = Ridge().fit(X, y)")
LOAD = ("stage:load", "import pandas as pd\nX = pd.read_csv('x.csv')\ny = X.pop('y')")


def test_what_only_production_reads_is_an_artifact_all_the_same():
    pipeline = built(LOAD, FIT, ("predict", "def predict(frame):\n    return model.predict(frame)"))
    assert [one.path for one in pipeline.stage("train").outputs] == ["artifacts/train/model.pkl"]
    assert pipeline.predict.needs == ("artifacts/train/model.pkl",)
    assert pipeline.predict.function == "work.predict:predict"


def test_helpers_come_along_lifted_or_copied():
    lifted = ("stage:features", "def ratio(frame):\n    return frame['a'] / frame['b']")
    constant = ("", "LIMIT = 3")
    copied = ("", "def clipped(frame):\n    return ratio(frame).clip(upper=LIMIT)")
    _, text = _module(
        LOAD, lifted, constant, copied, FIT, ("predict", "def score(frame):\n    return model.predict(clipped(frame))")
    )
    assert "from .features import ratio" in text
    assert "LIMIT = 3\n" in text
    assert text.index("LIMIT") < text.index("def clipped") < text.index("def score")
    assert "def ratio" not in text
    ast.parse(text)


def test_a_parameter_is_kept_with_the_value_that_the_model_was_made_with():
    pipeline = built(
        ("parameters", "cut = 0.5"),
        LOAD,
        FIT,
        ("predict", "def predict(frame):\n    return model.predict(frame) > cut"),
    )
    assert set(pipeline.predict.needs) == {"artifacts/train/cut.pkl", "artifacts/train/model.pkl"}
    assert pipeline.stage("train").parameters == ("cut",)
    assert pipeline.stage("load").parameters == ()


def test_only_definitions_of_the_cell_go():
    _, text = _module(
        LOAD, FIT, ("predict", "def predict(frame):\n    return model.predict(frame)\n\nprint(predict(X))")
    )
    assert "print" not in text


def test_the_function_of_a_cell_with_several():
    cell = (
        "predict",
        "def ready(frame):\n    return frame\n\ndef answer(frame):\n    return model.predict(ready(frame))",
    )
    predict, text = _module(LOAD, FIT, cell)
    assert predict.function == "work.predict:answer"
    assert "def ready" in text


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([LOAD, FIT, ("predict", "answer = model.predict(X)")], "defines no function"),
        (
            [LOAD, ("predict", "def predict(frame):\n    return nowhere(frame)")],
            "`nowhere`, which no cell before it binds",
        ),
        ([LOAD, FIT, ("predict", "def p(f):\n    return 1"), ("predict", "def q(f):\n    return 2")], "too"),
    ],
)
def test_what_stays_in_the_notebook_and_why(cells, why):
    pipeline = built(*cells)
    assert pipeline.predict.function is None
    assert why in pipeline.predict.why
    assert any(why in note for note in pipeline.notes)


def test_without_the_tag_there_is_none():
    assert built(LOAD, FIT).predict is None
