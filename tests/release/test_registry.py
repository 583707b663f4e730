"""A repository in which a name does not say which version is meant."""

from __future__ import annotations

import json
import subprocess

import pytest

from nb2prod.adapters.begun import work
from nb2prod.errors import OutsideError, Refused
from nb2prod.operations.publishing import Draft, publish
from nb2prod.operations.registry import check_alone, open_registry


@pytest.fixture
def repository(tmp_path):
    for folder in ("pipeline", "copy"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "conversion.json").write_text(json.dumps({"version": 1, "package": "churn"}))
    for command in (
        ["init", "-q"],
        ["config", "user.name", "team"],
        ["config", "user.email", "team@example.org"],
        ["add", "pipeline"],
        ["commit", "-qm", "a pipeline"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_a_tag_that_tells_nothing_is_in_the_way(repository):
    subprocess.run(["git", "tag", "churn@v1.0.0"], cwd=repository, check=True)
    registry = open_registry(repository, "churn")
    assert registry.ledger.next_version == 1
    with work(registry.top, ("release",)) as begun, pytest.raises(OutsideError, match="in the way") as told:
        publish(registry, lambda _: Draft("churn@v1.0.0", "HEAD", "v1"), begun)
    assert "git tag -d 'churn@v1.0.0'" in told.value.hint


def test_two_pipelines_of_one_name(repository):
    check_alone(repository, "churn")
    subprocess.run(["git", "add", "copy"], cwd=repository, check=True)
    with pytest.raises(Refused, match="copy and pipeline are both called churn"):
        check_alone(repository, "churn")
    check_alone(repository, "other")
