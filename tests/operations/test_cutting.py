"""What the panel is told of a notebook's stages: tagged, proposed, and the report."""

from pathlib import Path

import pytest

from nb2prod.operations.cutting import cutting

SOURCES = {
    "load": 'import pandas as pd\ndf = pd.read_csv("a.csv")',
    "make": 'table = df.groupby("a").mean()\nX, y = df[["a"]], df["b"]',
    "show": "table.describe()",
    "fit": "from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression().fit(X, y)",
    "score": "auc = model.score(X, y)",
}


def document(**tags):
    cell = {"cell_type": "code", "execution_count": None, "outputs": []}
    cells = [
        cell | {"id": name, "source": source, "metadata": {"tags": tags[name].split()} if name in tags else {}}
        for name, source in SOURCES.items()
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def shown(**tags):
    found = cutting(document(**tags), Path("a.ipynb"))
    assert not found.problem
    return [
        f"{one.name}: {' '.join(one.cells)}{' (last)' * one.is_report}{' ?' * bool(one.why)}" for one in found.stages
    ]


@pytest.mark.parametrize(
    ("tags", "stages"),
    [
        ({}, ["load: load ?", "features: make ?", "train: fit ?", "evaluate: score ?", "report: show (last) ?"]),
        (
            {"show": "report"},
            ["load: load ?", "features: make ?", "train: fit ?", "evaluate: score ?", "report: show (last)"],
        ),
        ({"load": "stage:a", "fit": "stage:b"}, ["a: load make show", "b: fit score"]),
        ({"load": "stage:a", "show": "report"}, ["a: load make fit score", "report: show (last)"]),
        ({"load": "stage:Report", "show": "report"}, ["Report: load make fit score", "plots: show (last)"]),
    ],
)
def test_the_report_is_the_last_stage(tags, stages):
    assert shown(**tags) == stages


def test_no_cell_of_the_report_is_proposed_for_another_stage():
    found = cutting(document(), Path("a.ipynb"))
    cells = [cell for one in found.stages for cell in one.cells]
    assert sorted(cells + list(found.preamble)) == sorted(SOURCES)
