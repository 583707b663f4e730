"""Take away any one piece of evidence, and exactly the criteria that rest on it are no longer met."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nb2prod.adapters import evidence as store
from nb2prod.adapters.contract_file import edit_contract
from nb2prod.operations.ready import _known, _meant, ready
from nb2prod.readiness.grounds.recorded import PROBES
from nb2prod.readiness.grounds.registry import grounds
from nb2prod.readiness.judging import judge
from nb2prod.readiness.known import Found
from nb2prod.readiness.registry import criteria
from readiness.project import MODEL, commit, edit_json, git, lock, release_body, tag

Taking = Callable[[Path], Any]
PIPELINE = "pipeline"


def statuses(found) -> dict[str, str]:
    return {one.criterion.id: one.status for one in found.criteria}


def resting_on(*keys: str) -> set[str]:
    assert set(keys) <= set(grounds())
    return {one.id for one in criteria() if set(keys) & set(one.rests_on)}


def with_part(part: str) -> tuple[str, ...]:
    """The grounds that say that they go stale with a part of the subject."""
    return tuple(ground.key for ground in grounds().values() if part in ground.parts)


def answer(**answers: Any) -> Taking:
    return lambda folder: edit_contract(
        folder / PIPELINE, {key.replace("__", "."): one for key, one in answers.items()}
    )


def remove(*names: str) -> Taking:
    return lambda folder: [(folder / PIPELINE / name).unlink() for name in names]


def untag(*names: str) -> Taking:
    return lambda folder: git(folder, "tag", "-d", *names)


def write(name: str, text: str) -> Taking:
    return lambda folder: (folder / name).write_text(text, "utf-8")


def rewrite(name: str, old: str, new: str) -> Taking:
    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")

    return change


def other_model(folder: Path) -> None:
    """The model on disk, and in the lock, is another: as after a run on other random states."""
    file = folder / PIPELINE / MODEL
    before = file.read_text("utf-8")
    file.write_text("[]\n", "utf-8")
    md5 = {text: lock_md5(text) for text in (before, "[]\n")}
    rewrite(f"{PIPELINE}/dvc.lock", md5[before], md5["[]\n"])(folder)


def lock_md5(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode()).hexdigest()


def failed(kind: str) -> Taking:
    def change(folder: Path) -> None:
        (found,) = (one for one in store.evidence_of(folder / PIPELINE) if one.kind == kind)
        store.record(folder / PIPELINE, replace(found, passed=False))

    return change


def change_probe(name: str, change: Callable[[dict[str, Any]], None]) -> Taking:
    def changed(data: dict[str, Any]) -> None:
        (one,) = (one for one in data["facts"]["probes"] if one.get("name") == name)
        change(one)

    return lambda folder: edit_json(folder / PIPELINE / "evidence" / "probes.json", changed)


_RECORDED = [ground.key.partition(".")[2] for ground in grounds().values() if ground.key.startswith("evidence.")]
TAKEN: dict[str, tuple[Taking, tuple[str, ...]]] = {
    **{f"the record of {kind}": (remove(f"evidence/{kind}.json"), (f"evidence.{kind}",)) for kind in _RECORDED},
    **{f"{kind} failed": (failed(kind), (f"evidence.{kind}",)) for kind in _RECORDED},
    **{f"the probe {name}": (change_probe(name, dict.clear), ("evidence.probes",)) for name in PROBES},
    "a probe that failed": (change_probe("no rows", lambda one: one.update(passed=False)), ("evidence.probes",)),
    "the owner": (answer(owner__name=None), ("contract.owner",)),
    "the owner's contact": (answer(owner__contact=None), ("contract.owner",)),
    "the escalation": (answer(owner__escalation=None), ("contract.escalation",)),
    "the decision": (answer(decision=None), ("contract.decision",)),
    "an empty decision": (answer(decision=" "), ("contract.decision",)),
    "the consumers": (answer(consumers=[]), ("contract.consumers",)),
    "a consumer's form": (answer(consumers=[{"who": "sales"}]), ("contract.consumers",)),
    "the failure": (answer(failure=None), ("contract.failure",)),
    "the schedule": (answer(schedule=None), ("contract.schedule",)),
    "the retraining": (answer(retrain=None), ("contract.retrain",)),
    "the retirement": (answer(retire=None), ("contract.retrain",)),
    "the oversight": (answer(oversight=None), ("contract.oversight",)),
    "the answer on personal data": (answer(personal_data__present=None), ("contract.personal_data",)),
    "personal data without a basis": (answer(personal_data__present=True), ("contract.personal_data",)),
    "the drift": (answer(monitoring__drift=None), ("contract.thresholds",)),
    "who is alerted": (answer(monitoring__alerts=None), ("contract.thresholds",)),
    "the output's form": (answer(output__form=None), ("contract.form", *with_part("contract"))),
    "the slices": (answer(gate__slices=[]), ("contract.slices", *with_part("contract"))),
    "the cases": (answer(gate__cases=[]), ("contract.cases", *with_part("contract"))),
    "the schema": (remove("schema.yaml"), ("file.schema",)),
    "the card": (remove("MODEL_CARD.md"), ("file.card",)),
    "the runbook": (remove("RUNBOOK.md"), ("file.runbook",)),
    "the lockfile": (
        remove("requirements.txt"),
        ("file.lockfile", "conversion.verdict", "conversion.results", *with_part("code")),
    ),
    "the shared module": (lambda folder: (folder / "other" / "dvc.lock").unlink(), ("file.shared",)),
    "the job that delivers": (lambda folder: (folder / ".github/workflows/deliver.yml").unlink(), ("file.delivery",)),
    "the workflows": (
        lambda folder: (
            [one.unlink() for one in (folder / ".github/workflows").glob("*")]
            + [one.unlink() for one in (folder / ".gitlab/ci").glob("*")]
        ),
        ("file.delivery", "file.workflow"),
    ),
    "the lock": (
        remove("dvc.lock"),
        # Without a lock nothing says which data, and which model, the evidence was about; nor which modules are used.
        ("conversion.results", "conversion.inputs", "file.shared", *with_part("data"), *with_part("code")),
    ),
    "unchanged data": (
        write("data/calls.json", "[4, 5, 6]\n"),
        ("conversion.results", "conversion.inputs", *with_part("data")),
    ),
    "data of another size": (
        write("data/calls.json", "[4]\n"),
        ("conversion.results", "conversion.inputs", *with_part("data")),
    ),
    "unchanged parameters": (
        rewrite(f"{PIPELINE}/params.yaml", "0.5", "0.75"),
        ("conversion.results", *with_part("params")),
    ),
    "unchanged code": (
        rewrite("churn.ipynb", "print(model)", "print(len(model))"),
        ("conversion.verdict", "conversion.results", *with_part("code")),
    ),
    "an unchanged module": (
        rewrite("features.py", "sum(rows)", "max(rows)"),
        ("conversion.results", *with_part("code")),
    ),
    "an unchanged stage": (
        rewrite(f"{PIPELINE}/stages/report.ipynb", "print(model)", "print(len(model))"),
        ("conversion.verdict", "conversion.results", *with_part("code")),
    ),
    "the released model": (other_model, with_part("model")),
    "the model that the run made": (write(f"{PIPELINE}/{MODEL}", "[]\n"), ("conversion.results", *with_part("model"))),
    "the proof": (
        lambda folder: edit_json(
            folder / PIPELINE / "conversion.json", lambda data: data["verdict"].update(state="different")
        ),
        ("conversion.verdict", "conversion.results"),
    ),
    "the data's keeper": (
        lambda folder: [
            git(folder, "rm", "-q", "--cached", "data/calls.json"),
            (folder / ".gitignore").write_text("/data\n/pipeline/artifacts\n"),
        ],
        ("conversion.inputs",),
    ),
    "the versions": (untag("churn@v1.0.0", "churn@v2.0.0"), ("history.release",)),
    "the version of this model": (untag("churn@v2.0.0"), ("history.release",)),
    "the deployments": (
        untag("churn#staging#1", "churn#production#2", "churn#production#3", "churn#production#4"),
        ("history.deployment", "history.environments", "history.rollback"),
    ),
    "the environment before": (untag("churn#staging#1"), ("history.environments",)),
    "the record of the rollback": (remove("evidence/rollback.json"), ("history.rollback",)),
    "the rollback": (untag("churn#production#4"), ("history.rollback",)),
    "a rollback that failed": (failed("rollback"), ("history.rollback",)),
    "prose": (rewrite("churn.ipynb", '"print(model)"', '"# told\\nprint(model)"'), ()),
    "a comment in the contract": (rewrite(f"{PIPELINE}/production.yaml", "version: 1", "version: 1  # ours"), ()),
    "the retention": (answer(log__retention_days=30), ()),
}


def test_the_whole_project_meets_everything(whole):
    found = ready(whole / PIPELINE, level=2)
    assert statuses(found) == {one.id: "met" for one in criteria()}, [
        one.evidence for one in found.criteria if one.steps
    ]
    assert (found.score, found.is_reached, found.name) == (100, True, "churn")


@pytest.mark.parametrize("taken", TAKEN)
def test_what_rests_on_it_is_no_longer_met(folder, taken):
    take, keys = TAKEN[taken]
    take(folder)
    commit(folder)
    found = ready(folder / PIPELINE, level=2)
    assert {name for name, status in statuses(found).items() if status != "met"} == resting_on(*keys), [
        (one.criterion.id, one.evidence) for one in found.criteria if one.status != "met"
    ]
    for one in found.criteria:
        assert one.status == "met" or one.steps


def test_what_was_never_tried_is_not_known_and_what_failed_is_named(folder):
    take, _ = TAKEN["the probe no rows"]
    take(folder)
    assert "probes that were never tried: no rows (" in evidence_of(folder, "malformed_input")
    take = change_probe("another encoding", lambda one: one.update(passed=False, flaw="answered with nonsense"))
    take(folder)
    assert "probes failed: another encoding (answered with nonsense)" in evidence_of(folder, "malformed_input")


def evidence_of(folder: Path, criterion: str) -> str:
    return next(one.evidence for one in ready(folder / PIPELINE, level=2).criteria if one.criterion.id == criterion)


@pytest.mark.parametrize("code", ["NB101", "NB201", "NB301", "NB401", "NB501", "NB601", "NB404"])
def test_a_finding_of_check_counts_against_what_rests_on_it(whole, code):
    known = replace(_known(*_meant(whole / PIPELINE)), findings=(Found(code, "in cell 1: told"),))
    key = {
        "NB101": "check.order",
        "NB201": "check.determinism",
        "NB301": "check.environment",
        "NB401": "check.secrets",
        "NB501": "check.leakage",
        "NB601": "check.skew",
        "NB404": "contract.personal_data",  # a denial that the notebook contradicts
    }[code]
    found = statuses(judge(known, 2))
    assert {name for name, status in found.items() if status == "not_met"} == resting_on(key)
    assert "unknown" not in found.values()


def test_what_is_in_no_commit_counts_and_new_evidence_does_not(folder):
    store.record(folder / PIPELINE, replace(store.evidence_of(folder / PIPELINE)[0], by="Bo"))
    assert ready(folder / PIPELINE, level=2).is_reached
    (folder / "notes.txt").write_text("new", "utf-8")
    found = statuses(ready(folder / PIPELINE, level=2))
    assert {name for name, status in found.items() if status != "met"} == resting_on("git.committed")


def test_a_clone_without_the_artifacts_is_as_ready(folder, tmp_path):
    commit(folder)
    git(tmp_path, "clone", "-q", str(folder), "clone")
    assert not (tmp_path / "clone" / PIPELINE / MODEL).exists()
    found = ready(tmp_path / "clone" / PIPELINE, level=2)
    assert found.is_reached, [one.evidence for one in found.criteria if one.steps]


def test_without_git_the_history_is_not_known(folder):
    shutil.rmtree(folder / ".git")
    found = statuses(ready(folder / PIPELINE, level=2))
    keys = {"git.committed", "conversion.inputs", "file.shared"} | {
        key for key in grounds() if key.startswith("history.")
    }
    assert {name for name, status in found.items() if status != "met"} == resting_on(*keys)
    assert found["model_versioned"] == "unknown"


def test_every_ground_was_taken_away_once():
    taken = {key for _, keys in TAKEN.values() for key in keys}
    assert set(grounds()) - taken == {key for key in grounds() if key.startswith("check.")} | {"git.committed"}


def test_stale_evidence_says_what_changed_after_it(folder):
    write("data/calls.json", "[4, 5, 6]\n")(folder)
    gate = next(one for one in ready(folder / PIPELINE, level=1).criteria if one.criterion.id == "gate")
    assert gate.status == "unknown"
    assert "gate is stale: data changed after 2026-11-01 (pipeline/evidence/gate.json, 2026-11-01)" in gate.evidence


def test_a_new_version_is_measured_by_its_own_model(folder):
    other_model(folder)
    tag(folder, "churn@v3.0.0", release_body(3, lock_md5("[]\n"), git(folder, "rev-parse", "HEAD").strip()))
    found = statuses(ready(folder / PIPELINE, level=2))
    stale = {key for key in with_part("model") if key != "history.release"}
    assert {name for name, status in found.items() if status != "met"} - {"code_versioned"} == resting_on(*stale)


def test_a_file_of_evidence_that_cannot_be_read_is_told(folder):
    (folder / PIPELINE / "evidence" / "probes.json").write_text("{", "utf-8")
    found = next(one for one in ready(folder / PIPELINE).criteria if one.criterion.id == "malformed_input")
    assert found.status == "unknown"
    assert "probes.json cannot be read: not valid JSON" in found.evidence


def test_the_lock_can_be_made_again(folder):
    """The fixture's own `dvc.lock` is what made everything current."""
    (folder / PIPELINE / "dvc.lock").unlink()
    lock(folder / PIPELINE)
    assert git(folder, "status", "--porcelain") == ""
