"""A sample of the ten thousand broken notebooks of `tests/long/mutated_notebooks.py`."""

from __future__ import annotations

import pytest

from tests.lint.hardness import trouble

_SAMPLE = 300
_PART = 30


@pytest.mark.parametrize("first", range(0, _SAMPLE, _PART))
def test_check_takes_whatever_comes(first, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [one for seed in range(first, first + _PART) for one in trouble(seed, tmp_path)] == []
