"""Tags → history, champions, what a rollback goes back to. A story is written as `deploy 1`, `rollback 1`, …"""

from __future__ import annotations

import json

import pytest

from nb2prod.errors import Refused, UsageError
from nb2prod.release.ledger import Ledger, Tag, ledger, pipelines
from nb2prod.release.names import deployed, deployment_tag, reference, release_tag, released
from nb2prod.release.plans import deploy_plan, rollback_plan


def _gate(**more) -> dict:
    return {"passed": True, "sentence": "passed", **more}


def _binding(number: int, gate: dict) -> dict:
    return {
        "version": 1, "name": "churn", "number": number, "commit": f"c{number}", "pipeline": "pipeline",
        "notebook": "churn.ipynb", "artifact": {"path": "model.pkl", "md5": "0" * 32, "sha256": f"{number}" * 64},
        "data": [{"path": "data.csv", "md5": "d" * 32}], "params": {}, "metrics": {}, "lockfile": None,
        "dvc_lock": "", "contract": "", "schema": None, "gate": gate, "evidence": {}, "approval": None,
        "at": f"2026-01-0{number}T00:00:00Z", "by": "team-a", "nb2prod": "0",
    }  # fmt: skip


def _tags(*story: str, versions: int = 3) -> list[Tag]:
    tags = [
        Tag(
            release_tag("churn", n),
            f"c{n}",
            f"2026-01-0{n}T00:00:00Z",
            "team-a",
            f"x\n\n{json.dumps(_binding(n, _gate()))}",
        )
        for n in range(1, versions + 1)
    ]
    for order, line in enumerate(story, 1):
        action, number, *rest = line.split()
        place, role = ([*rest, "production"])[0], ([*rest, "", "champion"])[1] or "champion"
        role = role if role in ("shadow", "canary") else "champion"
        data = {
            "version": 1,
            "number": int(number),
            "action": action,
            "at": f"2026-02-01T00:00:{order:02}Z",
            "by": "team-b",
        }
        name = deployment_tag("churn", place, role, order)
        tags.append(Tag(name, f"c{number}", data["at"], "team-b", f"x\n\n{json.dumps(data)}"))
    return tags


def _ledger(*story: str) -> Ledger:
    return ledger("churn", reversed(_tags(*story)))


@pytest.mark.parametrize("text", ["v2", "2", "v2.0.0", "2.0.0", "churn@v2", "churn@2"])
def test_all_names_of_a_version(text):
    assert reference(text).version == 2


@pytest.mark.parametrize("text", ["two", "v0", "v2.1.0", "v", "", "v2 ", "20261121T145012Z-3f9a1c07.0"])
def test_no_names_of_a_version(text):
    with pytest.raises(UsageError):
        reference(text)


def test_tags_are_gtos():
    assert released("churn@v2.0.0") == ("churn", 2) and released("churn@v2.1.0") is None
    assert deployed("churn#production#7") == ("churn", "production", "champion", 7)
    assert deployed("churn#production-shadow#8") == ("churn", "production", "shadow", 8)
    assert deployed("churn@v2.0.0") is None
    assert pipelines(_tags("deploy 1")) == ("churn",)


@pytest.mark.parametrize(
    ("story", "champion", "back"),
    [
        ([], None, None),
        (["deploy 1"], 1, None),
        (["deploy 1", "deploy 2"], 2, 1),
        (["deploy 1", "deploy 2", "deploy 3"], 3, 2),
        (["deploy 1", "deploy 2", "deploy 3", "rollback 2"], 2, 1),
        (["deploy 1", "deploy 2", "deploy 3", "rollback 2", "rollback 1"], 1, None),
        (["deploy 1", "deploy 2", "deploy 3", "rollback 1"], 1, None),
        (["deploy 1", "deploy 2", "rollback 1", "deploy 3"], 3, 1),
        (["deploy 1", "deploy 2", "deploy 1"], 1, 2),
        (["deploy 1", "deploy 2", "deploy 1", "rollback 2"], 2, 1),
        (["deploy 1", "deploy 2", "deploy 2"], 2, 1),
        (["deploy 1", "deploy 2 staging"], 1, None),
        (["deploy 1", "deploy 2 production shadow"], 1, None),
        (["deploy 1", "deploy 2", "deploy 3", "rollback 1", "rollback 3"], 3, 1),
    ],
)
def test_champions_are_a_stack(story, champion, back):
    found = _ledger(*story)
    now, before = found.champion("production"), found.before("production")
    assert (now and now.version, before and before.version) == (champion, back)


def test_a_challenger_is_one_until_it_is_champion():
    on = _ledger("deploy 1", "deploy 2 production shadow", "deploy 3 production canary")
    assert [(one.version, one.role) for one in on.challengers("production")] == [(2, "shadow"), (3, "canary")]
    off = _ledger("deploy 1", "deploy 2 production shadow", "deploy 2")
    assert off.challengers("production") == ()


def test_who_was_champion_when():
    found = _ledger("deploy 1", "deploy 2")
    assert found.champion_at("production", "2026-02-01T00:00:01Z").version == 1
    assert found.champion_at("production", "2026-02-01T00:00:09Z").version == 2
    assert found.champion_at("production", "2026-01-01T00:00:09Z") is None


def test_plans():
    found = _ledger("deploy 1")
    plan = deploy_plan(found, 2, "production", "champion")
    assert plan is not None and (plan.tag, plan.replaces) == ("churn#production#2", 1)
    assert deploy_plan(found, 1, "production", "champion") is None
    assert rollback_plan(_ledger("deploy 1", "deploy 2"), "production", None, "x").release.number == 1


@pytest.mark.parametrize(
    ("story", "to", "error", "message"),
    [
        ([], None, Refused, "nothing of churn is deployed"),
        (["deploy 1"], None, Refused, "none to go back to"),
        (["deploy 1", "deploy 2"], 3, Refused, "never the champion"),
        (["deploy 1", "deploy 2"], 2, Refused, "already"),
        (["deploy 1", "deploy 2"], 9, UsageError, "no version v9"),
    ],
)
def test_no_way_back(story, to, error, message):
    with pytest.raises(error, match=message):
        rollback_plan(_ledger(*story), "production", to, None)


def test_what_no_gate_passed_is_not_deployed():
    by_gto = [Tag("churn@v1.0.0", "c1", "2026-01-01T00:00:00Z", "team-a", "Registering artifact churn version v1.0.0")]
    with pytest.raises(Refused, match="has not passed a gate"):
        deploy_plan(ledger("churn", by_gto), 1, "production", "champion")


def test_tags_of_gto_count():
    plain = Tag("churn#production#1", "c2", "2026-02-01T00:00:00Z", "team-a", "Assigning stage production to churn")
    found = ledger("churn", [*_tags(), plain])
    champion = found.champion("production")
    assert champion is not None and champion.version == 2 and found.next_order == 2


def test_a_tag_whose_text_is_of_another_version_or_commit_binds_nothing():
    one, two, three, deployment = _tags("deploy 2")
    copied = Tag("churn@v2.0.0", "c2", two.at, two.by, one.message)
    moved = Tag(three.name, "c1", three.at, three.by, three.message)
    found = ledger("churn", [one, copied, moved, deployment])
    assert [bool(release.binding) for release in found.releases] == [True, False, False]
    with pytest.raises(Refused, match="has not passed a gate"):
        deploy_plan(found, 3, "production", "champion")


def test_a_deployment_of_another_commit_than_its_version_is_of_none():
    *versions, deployment = _tags("deploy 2")
    moved = Tag(deployment.name, "c1", deployment.at, deployment.by, deployment.message)
    assert ledger("churn", [*versions, deployment]).champion("production").version == 2
    assert ledger("churn", [*versions, moved]).champion("production").version is None
