"""Which of the locked versions the interpreter has not."""

from __future__ import annotations

import pytest

from nb2prod.operations.upgraded import _moved

VERSIONS = {"pandas": "3.1.1", "scikit-learn": "1.8.0"}


@pytest.mark.parametrize(("text", "said"), [
    ("# pandas==1.0\npandas==3.1.1\n", ""),
    ("scikit_learn==1.8.0 ; python_version > '3'\n", ""),
    ("pandas[excel]==3.1.0\nscikit-learn==1.8.0\n", "pandas 3.1.1 (3.1.0 then)"),
    ("tables==3.10\n", "tables that is gone (3.10 then)"),
])  # fmt: skip
def test_versions_that_moved(text: str, said: str) -> None:
    assert ", ".join(_moved(text, VERSIONS)) == said
