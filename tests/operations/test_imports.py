"""What is read out of stages for the warm process."""

from __future__ import annotations

import pytest

from nb2prod.operations.imports import imported


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import pandas as pd", "pandas"),
        ("import numpy, pandas as pd", "numpy pandas"),
        ("import scipy.stats", "scipy.stats"),
        ("from sklearn.svm import SVC", "sklearn.svm sklearn.svm.SVC"),
        ("from sklearn import svm, tree as t", "sklearn sklearn.svm sklearn.tree"),
        ("if x:\n    import joblib", "joblib"),
        ("from a import (\n    b,\n)", "a"),
        ("from . import near", ""),
        ("important = 1\nfromage = 2", ""),
        ("x = 'import os'", ""),
    ],
)
def test_import_statements(source, modules):
    assert list(imported(source)) == modules.split()
