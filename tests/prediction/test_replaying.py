"""What an estimator was given at prediction, beside training's features."""

from __future__ import annotations

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def replaying(worker_module):
    return worker_module("replaying")


class _Lengths:
    def predict(self, texts):
        return [len(text) for text in texts]


@pytest.mark.parametrize(
    ("given", "features", "said"),
    [
        (["a", "bb"], {"text": ["a", "bb"]}, []),
        (["a", "bb"], {"text": ["a", "b"]}, ["other values in the prediction path"]),
        (["a", "bb"], {"text": ["a", "bb"], "name": ["x", "y"]}, ["`input.features`"]),
    ],
)
def test_one_column_of_texts(given, features, said, replaying):
    heard = replaying._Heard([_Lengths()])
    heard.estimators[0].predict(pd.Series(given, name="text"))
    found = replaying._against_training(heard.take(), pd.DataFrame(features), heard)
    assert len(found) == len(said)
    assert all(words in one["what"] for words, one in zip(said, found, strict=True))
