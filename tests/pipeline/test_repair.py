"""What is tried after a difference, in which order."""

from __future__ import annotations

from nb2prod.errors import CellFailed
from nb2prod.pipeline.build import NO_REPAIRS
from nb2prod.pipeline.model import Pipeline, Repairs
from nb2prod.pipeline.repair import next_repair
from nb2prod.pipeline.verdict import Difference, StageEvidence

from .notebooks import observed, planned, variable

TEXT = "# %%\ndef f(x): return x\n# %% stage:a\nx = [f(1)]\n# %% stage:b\nprint(f(x))"
EVIDENCE = StageEvidence("b", 1, 1, 0, (), (Difference("b", "output", "cell 3", "1", "2"),))


def pipeline(repairs: Repairs = NO_REPAIRS) -> Pipeline:
    after = [variable("f", "1", kind="value", format=None), variable("x", "2", format="npy")]
    return planned(TEXT, observation=observed(("0", after[:1]), ("1", after), ("2", after)), repairs=repairs)


def repaired(
    failed: CellFailed | None = None,
    repairs: Repairs = NO_REPAIRS,
    tree: frozenset[str] = frozenset(),
) -> Repairs | None:
    one = pipeline(repairs)
    return next_repair(one, one.stages[-1], EVIDENCE, failed, repairs, tree)


def test_a_missing_name_comes_first() -> None:
    failed = CellFailed("cell 3 raised NameError: name 'z' is not defined", name="NameError")
    found = repaired(failed)
    assert found is not None
    assert found.inputs == {("b", "z")}


def test_then_a_missing_file_of_the_project() -> None:
    failed = CellFailed("cell 3 raised OSError: data/a.csv not found", name="OSError")
    found = repaired(failed, tree=frozenset({"data/a.csv", "other.csv", "work.ipynb"}))
    assert found is not None
    assert found.files == {("b", "data/a.csv")}


def test_then_definitions_go_back_then_pickles_then_the_merge() -> None:
    first = repaired()
    assert first is not None
    assert first.unlifted == {0}
    second = repaired(repairs=first)
    assert second is not None
    assert second.pickled == {"x"}
    third = repaired(repairs=second)
    assert third is not None
    assert [(one, other) for one, other, _ in third.merges] == [("a", "b")]


def test_pickles_go_up_to_the_first_stage_before_stages_merge() -> None:
    text = "# %% stage:a\nx = [1]\n# %% stage:b\ny = x\n# %% stage:c\nprint(y)"
    after = [variable("x", "1", format="npy"), variable("y", "2", format="npy")]
    found, tried = NO_REPAIRS, []
    while not found.merges:
        one = planned(text, observation=observed(("0", after[:1]), ("1", after), ("2", after)), repairs=found)
        found = next_repair(one, one.stages[-1], EVIDENCE, None, found, frozenset()) or found
        tried.append(set(found.pickled))
    assert tried == [{"y"}, {"x", "y"}, {"x", "y"}]


def test_an_output_that_its_file_does_not_hold_is_pickled_then_not_cut_off() -> None:
    message = "the outputs cell raised StageError: pipeline/artifacts/a/x.npy: it is not exact in NumPy's .npy: lost"
    failed = CellFailed(message, name="StageError")
    one = pipeline()
    first = next_repair(one, one.stages[0], EVIDENCE, failed, NO_REPAIRS, frozenset())
    assert first is not None
    assert first.pickled == {"x"}
    two = pipeline(first)
    again = CellFailed(message.replace("x.npy", "x.pkl"), name="StageError")
    second = next_repair(two, two.stages[0], EVIDENCE, again, first, frozenset())
    assert second is not None
    assert [(one, other) for one, other, _ in second.merges] == [("a", "b")]


def test_nothing_is_left_for_one_stage() -> None:
    one = pipeline(Repairs(merges=(("a", "b", "why"),), unlifted=frozenset({0})))
    assert next_repair(one, one.stages[0], EVIDENCE, None, Repairs(unlifted=frozenset({0})), frozenset()) is None


def test_a_name_that_is_an_input_already_is_not_tried_again() -> None:
    failed = CellFailed("cell 3 raised NameError: name 'z' is not defined", name="NameError")
    known = Repairs(inputs=frozenset({("b", "z")}))
    found = repaired(failed, repairs=known)
    assert found is not None
    assert found.inputs == known.inputs
    assert [(one, other) for one, other, _ in found.merges] == [("a", "b")]
