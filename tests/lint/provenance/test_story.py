"""What the analysis sees in a notebook: source → events, as a table. `---` parts cells."""

from __future__ import annotations

import ast

import pytest

from nb2prod.lint.provenance.events import Story
from nb2prod.lint.provenance.library import role_of
from nb2prod.lint.provenance.machine import tell

_IMPORTS = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
df = pd.read_csv("data.csv")
X, y = df[["a", "b"]], df["y"]
"""


def story(source: str) -> Story:
    cells = [_IMPORTS, *source.strip("\n").split("\n---\n")]
    return tell((index, ast.parse(cell).body) for index, cell in enumerate(cells))


def events(source: str) -> str:
    """Fits and evaluations in order: `what role tainted-by`."""
    told = story(source)
    lines = [(fit.order, f"{fit.what} {_role(fit.rows)}{_taints(fit.data.taints)}") for fit in told.fits]
    for one in told.evaluations:
        verb = "scores" if one.scored else "predicts"
        lines.append((one.order, f"{one.model.short} {verb} {_role(one.data.rows)}{_taints(one.data.taints)}"))
    return "\n".join(line.replace("  ", " ").rstrip() for _, line in sorted(lines))


def _role(rows) -> str:
    return rows.known_role or "all"


def _taints(taints) -> str:
    return "".join(f" <{fit.what}>" for fit in taints)


@pytest.mark.parametrize(("source", "expected"), [
    ("m = LogisticRegression().fit(X, y)",
     "LogisticRegression.fit all"),
    ("Z = StandardScaler().fit_transform(X)\nm = LogisticRegression().fit(Z, y)",
     "StandardScaler.fit all\nLogisticRegression.fit all <StandardScaler.fit>"),
    ("A, B = train_test_split(X)\nm = LogisticRegression().fit(A, y)\nm.score(B, y)",
     "LogisticRegression.fit train\nLogisticRegression scores test"),
    ("df['a'] = df['a'].fillna(df['a'].mean())\nLogisticRegression().fit(df[['a']], y)",
     "mean() all\nLogisticRegression.fit all <mean()>"),
    ("df['a'] = df['a'].fillna(df['a'].mean())\nLogisticRegression().fit(df[['b']], y)",
     "mean() all\nLogisticRegression.fit all"),
    ("df['a'] = df['a'] - df['a'].mean()\ndf['a'] = 0\nLogisticRegression().fit(df[['a']], y)",
     "mean() all\nLogisticRegression.fit all"),
    ("df['a'] = df['a'] - df['a'].min()\nLogisticRegression().fit(df, y)",
     "min() all\nLogisticRegression.fit all"),
    ("df['a'] = df['a'] / df['a'].max()\nLogisticRegression().fit(df, y)",
     "max() all\nLogisticRegression.fit all <max()>"),
    ("make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)",
     "make_pipeline.fit all"),
    ("def f(a):\n    return StandardScaler().fit_transform(a)\n---\nLogisticRegression().fit(f(X), y)",
     "StandardScaler.fit all\nLogisticRegression.fit all <StandardScaler.fit>"),
    ("class P:\n    def __init__(self, d):\n        self.d = d / d.std()\n---\nLogisticRegression().fit(P(X).d, y)",
     "std() all\nLogisticRegression.fit all <std()>"),
    ("for train, test in KFold(3).split(X):\n    LogisticRegression().fit(X.iloc[train], y).predict(X.iloc[test])",
     "LogisticRegression.fit train\nLogisticRegression predicts test"),
    ("for m in [LogisticRegression(), LogisticRegression(C=2)]:\n    m.fit(X, y)",
     "LogisticRegression.fit all\nLogisticRegression.fit all"),
    ("parts = {'x': X}\nLogisticRegression().fit(parts['x'], y)",
     "LogisticRegression.fit all"),
    ("if fast:\n    Z = X\nelse:\n    Z = StandardScaler().fit_transform(X)\nLogisticRegression().fit(Z, y)",
     "StandardScaler.fit all\nLogisticRegression.fit all"),
    ("def loop(a):\n    return loop(a)\nLogisticRegression().fit(loop(X), y)",
     "LogisticRegression.fit all"),
    ("x = []\nx.append(x)\nLogisticRegression().fit(x, y)",
     "LogisticRegression.fit all"),
])  # fmt: skip
def test_events(source, expected):
    assert events(source) == expected


@pytest.mark.parametrize(("name", "role"), [
    ("X_train", "train"), ("y_test", "test"), ("train_df", "train"), ("dfTest", "test"), ("xtrain", "train"),
    ("test.csv", "test"), ("X_test2", "test"), ("contest", ""), ("trainer", ""), ("train_test", ""), ("latest", ""),
    ("test_acc_train", ""), ("holdout", "test"), ("data", ""),
])  # fmt: skip
def test_a_name_says_which_rows_it_holds(name, role):
    assert role_of(name) == role


def test_draws_are_seen_where_no_seed_came_before():
    told = story("np.random.rand(3)\n---\nnp.random.seed(0)\nnp.random.rand(3)")
    assert [(draw.place.cell, draw.generator) for draw in told.draws] == [(1, "numpy")]


def test_a_target_keeps_what_it_was_computed_from():
    told = story("df['z'] = df['a'] > 3\nLogisticRegression().fit(df[['a']], df['z'])")
    (fit,) = told.fits
    assert fit.target is not None
    assert fit.target.sources == {"z"}
    assert fit.data.table is not None
    assert fit.data.table.sources["z"] == {"a"}
