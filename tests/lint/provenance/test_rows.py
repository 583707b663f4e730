"""Which sets of rows lie in which."""

from __future__ import annotations

import pytest

from nb2prod.lint.provenance.rows import TEST, TRAIN, Rows, covers, overlaps, splits_above, union

_ALL = Rows(role="")
_SPLIT = object()
_TRAIN = _ALL.part((_SPLIT, TRAIN), split=_SPLIT, role=TRAIN)
_TEST = _ALL.part((_SPLIT, TEST), split=_SPLIT, role=TEST)
_OTHER = Rows()
_SOME = _TRAIN.part("dropna")
_BOTH = union((_TRAIN, _TEST))
_CUT = _BOTH.part(":10")


@pytest.mark.parametrize(("one", "other", "expected"), [
    (_ALL, _TEST, True),
    (_TRAIN, _TEST, False),
    (_TRAIN, _SOME, True),
    (_TEST, _SOME, False),
    (_ALL, _OTHER, False),
    (_BOTH, _TEST, True),
    (_BOTH, _SOME, True),
    (_CUT, _BOTH, True),
    (_CUT, _BOTH.part("10:"), False),
    (_CUT, _OTHER, False),
])  # fmt: skip
def test_sets_overlap_where_one_lies_in_the_other(one, other, expected):
    assert overlaps(one, other) == overlaps(other, one) == expected


def test_a_part_lies_in_its_whole_and_not_the_other_way():
    assert covers(_ALL, _SOME)
    assert not covers(_SOME, _ALL)
    assert covers(_BOTH, _TEST)
    assert not covers(_TEST, _BOTH)


def test_the_same_filter_gives_the_same_part():
    assert _ALL.part("dropna") is _ALL.part("dropna")
    assert _ALL.part("dropna") is not _ALL.part("query")


def test_a_part_knows_the_split_and_the_role_above_it():
    assert list(splits_above(_SOME)) == [_TRAIN]
    assert _SOME.known_role == TRAIN
    assert _CUT.known_role == ""


def test_a_union_of_one_is_that_one():
    assert union((_TRAIN, _TRAIN)) is _TRAIN
