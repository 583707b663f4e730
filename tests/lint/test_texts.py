"""What was found in texts is known for their copies, and forgotten when it is too much."""

from __future__ import annotations

from nb2prod.lint.texts import Finds


def test_only_new_texts_are_searched_and_all_finds_are_given():
    finds, asked = Finds(), []

    def found(keys):
        def search(new):
            asked.append([keys[at] for at in new])
            return [keys[at].upper() for at in new]

        return finds.of(keys, search)

    assert found(["a", "b"]) == ["A", "B"]
    assert found(["b", "c", "a"]) == ["B", "C", "A"]
    assert found(["c"]) == ["C"]
    assert asked == [["a", "b"], ["c"]]


def test_finds_of_more_text_than_is_kept_are_given_all_the_same():
    finds = Finds()
    keys = [letter * 9_000_000 for letter in "abc"]
    assert finds.of(keys, lambda new: [keys[at][0] for at in new]) == ["a", "b", "c"]
    assert finds.of(keys, lambda new: [f"{keys[at][0]} anew" for at in new]) == ["a anew", "b anew", "c"]
