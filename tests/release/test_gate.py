"""What was measured → conditions, met or failed by how much. Metrics agree with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as known

from nb2prod.contract.model import Case, Contract, Gate, Holdout, Model, Output, Training
from nb2prod.errors import Refused, UsageError
from nb2prod.release.gate import Rival, Scored, dummy, judge
from nb2prod.release.metrics import METRICS, metric_of
from nb2prod.release.overlap import Stage, judged, seen_by
from nb2prod.release.pairing import Pairs, pair, same_features

_RANDOM = np.random.default_rng(1)
TRUTH = _RANDOM.integers(0, 2, 200)
GOOD = np.clip(TRUTH * 0.35 + _RANDOM.random(200) * 0.65, 0, 1)
COIN = _RANDOM.random(200)


def _scored(score, **more) -> Scored:
    return Scored(TRUTH, score=score, decision=(score >= 0.5).astype(int), **more)


def _contract(output: Output = Output("score", 1, 0.5), **gate) -> Contract:  # noqa: B008 - frozen
    return Contract(output=output, gate=Gate(**{"metric": "roc_auc", **gate}))


def _failed(verdict) -> dict[str, float | None]:
    return {one.name: one.short_by for one in verdict.conditions if not one.passed}


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("roc_auc", known.roc_auc_score),
        ("average_precision", known.average_precision_score),
        ("log_loss", known.log_loss),
        ("brier", known.brier_score_loss),
        ("accuracy", known.accuracy_score),
        ("balanced_accuracy", known.balanced_accuracy_score),
        ("f1", known.f1_score),
        ("precision", known.precision_score),
        ("recall", known.recall_score),
        ("rmse", known.root_mean_squared_error),
        ("mae", known.mean_absolute_error),
        ("r2", known.r2_score),
    ],
)
def test_metrics_are_scikit_learns(name, theirs):
    metric = metric_of(name)
    weight = np.random.default_rng(2).integers(0, 3, 200).astype(float)
    found = GOOD.round(1) if metric.needs != "decision" else (GOOD >= 0.5).astype(int)
    ours = metric.measure(TRUTH, found, weight)
    assert ours == pytest.approx(theirs(TRUTH, found, sample_weight=weight))
    assert set(METRICS) >= {name}


def test_better_and_not_by_chance():
    assert judge(_contract(), _scored(GOOD), Rival("v1", _scored(COIN), version=1)).passed
    verdict = judge(_contract(), _scored(COIN), Rival("v1", _scored(GOOD), version=1))
    short = _failed(verdict)["metric"]
    assert short is not None and short > 0.3
    assert "short by" in verdict.conditions[0].sentence and verdict.difference.high < 0


def test_the_same_model_again_passes_and_a_minimum_effect_is_asked_for():
    same = Rival("v1", _scored(GOOD))
    assert judge(_contract(), _scored(GOOD), same).passed
    assert _failed(judge(_contract(minimum_effect=0.01), _scored(GOOD), same)) == {"metric": pytest.approx(0.01)}
    assert judge(_contract(minimum_effect=-0.01), _scored(GOOD), same).passed


def test_lower_is_better_where_it_is():
    ours, theirs = Scored(TRUTH, value=TRUTH + 0.1), Scored(TRUTH, value=TRUTH + 0.5)
    verdict = judge(_contract(Output("value"), metric="rmse"), ours, Rival("v1", theirs))
    assert verdict.passed and verdict.difference.value == pytest.approx(0.4)
    assert not judge(_contract(Output("value"), metric="rmse"), theirs, Rival("v1", ours)).passed


def test_against_a_value_and_a_dummy():
    assert not judge(_contract(), _scored(GOOD), Rival("the baseline", value=0.999)).passed
    assert judge(_contract(), _scored(GOOD), dummy(_contract(), TRUTH, _scored(GOOD))).passed
    assert not judge(_contract(), _scored(COIN), dummy(_contract(), TRUTH, _scored(COIN))).passed


def test_a_group_that_became_worse():
    groups = {"region": np.repeat(["north", "south"], 100)}
    ours = GOOD.copy()
    ours[100:] = 1 - ours[100:]
    champion = Rival("v1", _scored(COIN))
    verdict = judge(_contract(minimum_effect=-1, slices=("region",)), _scored(ours, groups=groups), champion)
    assert _failed(verdict).keys() == {"slices"}
    sentence = next(one.sentence for one in verdict.conditions if one.name == "slices")
    assert "region = south (100 rows)" in sentence and "north" not in sentence


def test_a_small_group_is_told_not_judged():
    groups = {"region": np.array(["few"] * 5 + ["many"] * 195)}
    ours = GOOD.copy()
    ours[:5] = 1 - TRUTH[:5]
    verdict = judge(_contract(slices=("region",)), _scored(ours, groups=groups), Rival("v1", _scored(COIN)))
    assert verdict.passed and [one.worse_by is None for one in verdict.slices] == [True, False]


@pytest.mark.parametrize(
    ("expect", "answer", "said"),
    [
        ({"decision": 1}, {"decision": 1}, ""),
        ({"decision": "1"}, {"decision": 1}, ""),
        ({"score_min": 0.8}, {"score": 0.7}, "score is 0.7, at least 0.8 is wanted"),
        ({"value_max": 3}, {"value": 4.0}, "at most 3"),
        ({"decision": 1}, {"error": "ValueError: no"}, "the model raised ValueError: no"),
        ({"score_min": 0.1}, {"value": 1.0}, "gives no score"),
    ],
)
def test_cases(expect, answer, said):
    contract = _contract(minimum_effect=-1, cases=(Case("one", {}, expect),))
    verdict = judge(contract, _scored(GOOD, cases={"one": answer}), Rival("v1", _scored(GOOD)))
    condition = next(one for one in verdict.conditions if one.name == "cases")
    assert condition.passed is (said == "") and said in condition.sentence


def test_limits():
    contract = _contract(latency_ms=5, size_mb=1)
    slow = _scored(GOOD, milliseconds=7.0, size=3_000_000)
    assert _failed(judge(contract, slow, Rival("v1", _scored(COIN)))) == {"latency": 2.0, "size": 2.0}


@pytest.mark.parametrize(
    ("contract", "scored", "error", "message"),
    [
        (_contract(metric=None), _scored(GOOD), UsageError, "by which metric"),
        (_contract(metric="roc_acu"), _scored(GOOD), UsageError, "did you mean `roc_auc`"),
        (_contract(direction="lower"), _scored(GOOD), UsageError, "higher is better"),
        (_contract(Output("score", "yes")), _scored(GOOD), UsageError, "no label of the truth"),
        (_contract(metric="rmse"), _scored(GOOD), Refused, "gives no value"),
        (_contract(), _scored(GOOD).taken(np.arange(10)), Refused, "only 10 rows"),
    ],
)
def test_what_cannot_be_judged(contract, scored, error, message):
    with pytest.raises(error, match=message):
        judge(contract, scored, Rival("v1", scored))


def _stages(**deps) -> tuple[Stage, ...]:
    return (
        Stage("split", {"data.csv": "d"}, {"a/X_train.parquet": "1", "a/X_test.parquet": "2"}),
        Stage("train", {"a/X_train.parquet": "1", **deps}, {"a/model.pkl": "m"}),
    )


_HELD = Contract(
    model=Model("a/model.pkl"), holdout=Holdout("a/X_test.parquet", "y"), training=Training("a/X_train.parquet", "y")
)


def test_what_training_read():
    stages = _stages()
    assert seen_by(stages[1], stages, _HELD) == {"a/X_train.parquet": "1"}
    leaky = _stages(**{"a/X_test.parquet": "2"})
    with pytest.raises(Refused, match="training saw it"):
        seen_by(leaky[1], leaky, _HELD)
    merged = (Stage("all", {"data.csv": "d"}, {"a/X_test.parquet": "2", "a/model.pkl": "m"}),)
    with pytest.raises(Refused, match="cannot be shown"):
        seen_by(merged[0], merged, _HELD)
    other = Contract(model=_HELD.model, holdout=_HELD.holdout, training=Training("a/X.parquet"))
    with pytest.raises(Refused, match="does not read"):
        seen_by(stages[1], stages, other)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"same": 0, "alike": 0, "usual": 0.0}, ""),
        ({"same": 3, "alike": 0, "usual": 0.5}, "training saw 3 of the hold-out's 100 rows"),
        ({"same": 0, "alike": 30, "usual": 0.3}, ""),
        ({"same": 0, "alike": 30, "usual": 0.0}, "have a double of another name"),
    ],
)
def test_overlap_of_rows(found, said):
    told = judged("X_train", {"comparable": True, "rows": 100, "examples": [1], **found}, is_training=True)
    assert said in told.said and bool(said) is bool(told.said)


def test_rows_that_both_held_out():
    ours = {"names": np.array(["c", "a", "b"]), "truth": np.array([1, 0, 1])}
    theirs = {"names": np.array(["b", "c", "z"]), "truth": np.array([1, 1, 0])}
    found = pair(ours, theirs, None)
    assert isinstance(found, Pairs) and found.ours.tolist() == [0, 2] and found.theirs.tolist() == [1, 0]
    other = {**theirs, "truth": np.array([0, 1, 0])}
    assert "does not name the same rows" in str(pair(ours, other, None))
    assert isinstance(pair(ours, other, "customer"), Pairs)
    assert "tells their rows apart" in str(pair({"truth": ours["truth"]}, theirs, None))


def test_the_same_features_are_made_by_the_same_code_and_parameters():
    one = (Stage("split", {"data.csv": "1", "split.ipynb": "x"}, {"X": "1"}, {"params.yaml": {"seed": 1}}),)
    new_data = (Stage("split", {"data.csv": "2", "split.ipynb": "x"}, {"X": "2"}, {"params.yaml": {"seed": 1}}),)
    new_code = (Stage("split", {"data.csv": "1", "split.ipynb": "y"}, {"X": "2"}, {"params.yaml": {"seed": 1}}),)
    assert same_features(one, new_data, "X", "X") and not same_features(one, new_code, "X", "X")


def test_among_more_than_two_labels_the_dummy_answers_the_commonest():
    truth = np.array(["a", "b", "c", "b"] * 20)
    contract = _contract(Output("value"), metric="accuracy")
    verdict = judge(contract, Scored(truth, decision=truth), dummy(contract, truth, Scored(truth)))
    assert (verdict.passed, verdict.rival.value) == (True, 0.5)
