"""Which version is where: deployed, rolled back, from a second clone, at once and killed; all of it in the history."""

from __future__ import annotations

import importlib
import json
import re
import shutil
from pathlib import Path

import pytest

from integration import deploying, loans, projects
from integration.striking import Moment
from nb2prod.adapters.contract_file import edit_contract
from nb2prod.errors import OutsideError, Refused, UsageError
from nb2prod.operations.bundle import bundle_of
from nb2prod.operations.deploy import deploy
from nb2prod.operations.history import history
from nb2prod.operations.predict import predict
from nb2prod.operations.release import release
from nb2prod.operations.rollback import rollback
from nb2prod.operations.status import status
from nb2prod.operations.trace import trace
from nb2prod.operations.trying import Tried, try_recent

rolling = importlib.import_module("nb2prod.operations.rollback")

pytestmark = pytest.mark.slow


@pytest.fixture
def three(loans_three, tmp_path) -> Path:
    """Three versions, nothing deployed."""
    return loans.copied(loans_three, tmp_path / "copy")


@pytest.fixture
def shared_remote(three, tmp_path) -> tuple[Path, Path]:
    """Two clones of one bare repository; DVC's remote is the same folder for both."""
    bare = tmp_path / "bare.git"
    projects.git(tmp_path, "clone", "-q", "--bare", str(three), str(bare))
    projects.git(three, "remote", "add", "origin", str(bare))
    second = tmp_path / "copy" / "second"
    projects.git(tmp_path, "clone", "-q", str(bare), str(second))
    for key, value in (("user.name", "team-b"), ("user.email", "team-b@example.org")):
        projects.git(second, "config", key, value)
    return three, second


def _champion(root: Path, environment: str = "production") -> str | None:
    found = next(one for one in status(None, root).environments if one.name == environment)
    return found.champion.version if found.champion else None


def test_the_life_of_versions(three):
    assert deploy("v1", three).replaced is None
    assert deploy("1", three).tag is None
    assert deploy("loans@v2", three, because="better").replaced == "v1"
    assert deploy("v3", three, environment="staging").environment == "staging"
    assert deploy("v3", three, canary=10).role == "canary"
    assert (_champion(three), _champion(three, "staging"), _champion(three, "dev")) == ("v2", "v3", None)
    back = rollback(None, three, because="too many complaints")
    assert (back.version, back.replaced) == ("v1", "v2") and _champion(three) == "v1"
    events = [(one.kind, one.version, one.environment, one.because) for one in history(None, three).events]
    assert events == [
        ("release", "v1", None, None),
        ("release", "v2", None, None),
        ("release", "v3", None, None),
        ("deploy", "v1", "production", None),
        ("deploy", "v2", "production", "better"),
        ("deploy", "v3", "staging", None),
        ("canary", "v3", "production", None),
        ("rollback", "v1", "production", "too many complaints"),
    ]
    data = json.loads(projects.nb2prod(three, "status", "--format", "json").stdout)
    production = data["environments"][0]
    assert production["champion"]["gate"]["passed"] is True and production["champion"]["by"] == "team-a"
    assert [one["role"] for one in production["challengers"]] == ["canary"]
    assert trace("v2", three).plain()["deployed_at"] is not None
    evidence = json.loads((three / "pipeline" / "evidence" / "rollback.json").read_text())
    assert evidence["facts"]["replaced"] == "v2"
    deploying.check_whole(three)


def test_gto_reads_what_was_written(three):
    deploy("v3", three)
    deploy("v1", three, environment="staging")
    shown = json.loads(projects.call(["gto", "show", "--json"], three).stdout)
    assert shown["loans"]["stage"] == {"production": "v3.0.0", "staging": "v1.0.0"}
    events = json.loads(projects.call(["gto", "history", "--json"], three).stdout)
    assert len(events) == 5


def test_what_is_refused(three):
    with pytest.raises(UsageError, match="no version v9"):
        deploy("v9", three)
    with pytest.raises(UsageError, match="no environment `prod`"):
        deploy("v1", three, environment="prod")
    with pytest.raises(Refused, match="nothing of loans is deployed"):
        rollback(None, three)
    with pytest.raises(Refused, match="no champion"):
        deploy("v1", three, shadow=True)
    deploy("v1", three)
    with pytest.raises(Refused, match="never the champion"):
        rollback(None, three, to="v2")


def test_an_older_version_must_beat_the_new_champion(three):
    deploy("v2", three)
    with pytest.raises(Refused, match=r"passed its gate against .*, but the champion is v2 now"):
        deploy("v1", three)


def test_bytes_that_were_changed_after_the_release(three):
    model = bundle_of(three, loans.NAME, 2).model
    model.write_bytes(model.read_bytes() + b"\0")
    with pytest.raises(Refused, match="is not the file that was released"):
        deploy("v2", three)


@pytest.mark.parametrize(
    ("file", "text"),
    [("schema.yaml", "version: 1\n"), ("conversion.json", None), ("pandas.py", "raise SystemExit\n")],
    ids=["changed", "removed", "added"],
)
def test_code_that_was_changed_after_the_release_serves_nobody(three, file, text):
    deploy("v2", three)
    bundle = bundle_of(three, loans.NAME, 2)
    changed = bundle.package_dir / file
    changed.write_text(text) if text is not None else changed.unlink()
    rows = loans.rows(three.parent / "rows.csv", 5)
    said = projects.nb2prod(three, "predict", str(rows), code=1).stderr
    assert f"pipeline/{file} below" in said and "not as in commit" in said, said
    shutil.rmtree(bundle.path)
    assert "5 rows predicted by loans v2.0.0" in projects.nb2prod(three, "predict", str(rows)).stdout


def test_a_model_that_was_changed_after_the_release_predicts_nothing(three):
    deploy("v2", three)
    model = bundle_of(three, loans.NAME, 2).model
    model.write_bytes(model.read_bytes() + b"\0")
    rows = loans.rows(three.parent / "rows.csv", 5)
    assert "is not the file that was released" in projects.nb2prod(three, "predict", str(rows), code=1).stderr


def test_a_rollback_needs_no_network_where_the_model_is_here(shared_remote):
    first, _ = shared_remote
    deploy("v1", first)
    deploy("v2", first)
    projects.git(first, "remote", "set-url", "origin", str(first / "nowhere.git"))
    shutil.rmtree(first.parent / "store")
    shutil.rmtree(first / ".nb2prod")
    done = rollback(None, first)
    assert done.version == "v1" and any("did not" in note for note in done.notes)
    assert _champion(first) == "v1"


def test_from_a_second_clone(shared_remote):
    first, second = shared_remote
    deploy("v1", first)
    deploy("v2", second)  # neither its cache nor its tags were there
    assert history(None, second).events[-1].by == "team-b"
    assert rollback(None, first).version == "v1"
    with pytest.raises(Refused, match="none to go back to"):
        rollback(None, second)
    projects.git(first, "fetch", "-q", "--tags")
    assert deploying.tags(first) == deploying.tags(second)


def test_what_could_not_be_sent_is_sent_by_the_next(shared_remote):
    first, second = shared_remote
    url = projects.git(first, "remote", "get-url", "origin").strip()
    projects.git(first, "remote", "set-url", "origin", "nowhere.git")
    deploy("v1", first)
    projects.git(first, "remote", "set-url", "origin", url)
    deploy("v2", first)
    projects.git(second, "fetch", "-q", "--tags")
    assert [one.version for one in history(None, second).events[-2:]] == ["v1", "v2"]


def test_a_lock_that_was_left_at_the_remote_is_said(shared_remote):
    """Of a push that was killed there: nobody else has the tag, and it is not taken back for that."""
    first, second = shared_remote
    url = Path(projects.git(first, "remote", "get-url", "origin").strip())
    lock = url / "refs" / "tags" / "loans#production#1.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    done = deploy("v1", first)
    assert "is in this clone only" in done.notes[0] and "#1.lock" in done.notes[0], done.notes
    lock.unlink()
    assert deploy("v1", first).tag is None
    projects.git(second, "fetch", "-q", "--tags")
    assert deploying.tags(first) == deploying.tags(second)


def test_two_clones_that_could_not_see_each_other(shared_remote):
    first, second = shared_remote
    projects.git(first, "remote", "set-url", "origin", "nowhere.git")
    deploy("v1", first)
    deploy("v2", second)
    projects.git(first, "remote", "set-url", "origin", projects.git(second, "remote", "get-url", "origin").strip())
    with pytest.raises(OutsideError, match="another one at origin than here"):
        deploy("v3", first)


def test_a_shallow_clone_says_what_it_hides(three, tmp_path):
    shallow = tmp_path / "shallow"
    projects.git(tmp_path, "clone", "-q", "--depth", "1", f"file://{three}", str(shallow))
    done = projects.nb2prod(shallow, "status")
    assert "shallow clone" in done.stderr
    assert "nothing is deployed" in done.stdout


def test_deployments_at_once(three):
    verbs = [["deploy", "v1"], ["deploy", "v2"], ["rollback"], ["deploy", "v3"]]
    deploy("v1", three)
    deploying.check_concurrent(three, verbs)


def test_who_rolls_back_the_same_version_a_moment_later(three, monkeypatch):
    """Both want the present champion gone: it goes once."""
    for version in ("v1", "v2", "v3"):
        deploy(version, three)
    tried = rolling.try_recent

    def overtaken(*arguments):
        monkeypatch.setattr(rolling, "try_recent", tried)
        rollback(None, three, because="the other")
        return tried(*arguments)

    monkeypatch.setattr(rolling, "try_recent", overtaken)
    with pytest.raises(Refused, match="was faster: v2 is the champion in production now, no longer v3"):
        rollback(None, three)
    assert _champion(three) == "v2"


@pytest.mark.parametrize(
    ("arguments", "moment"),
    [
        (("rollback",), Moment("right after the tag", at=1)),
        (("deploy", "v3"), Moment("tag sent", after=0.01)),
        (("deploy", "v3"), Moment("evidence written", at=4)),
        (("release", "pipeline"), Moment("card written", at=2)),
    ],
    ids=str,
)
def test_killed_after_the_tag_was_made(shared_remote, arguments, moment):
    """The same command again does what was left to do: it does not go back twice, and is not refused."""
    root, _ = shared_remote
    deploy("v1", root)
    if arguments[0] == "rollback":
        deploy("v2", root)
    if arguments[0] == "release":
        loans.refit_on(root, 4)
    assert deploying.kill_one(root, arguments, moment) == "killed, after its tag"


def test_inputs_that_were_logged_are_tried_before_going_back(three):
    """Version 4 takes rows that version 3's schema does not know: going back would stop them, and that is said."""
    deploy("v3", three)
    edit_contract(three / "pipeline", {"gate.minimum_effect": -0.6, "gate.slices": []})
    schema = three / "pipeline" / "schema.yaml"
    text = schema.read_text()
    schema.write_text(re.sub(r"(x0:\n(?:    .*\n)*?    max: ).*", r"\g<1>1000.0", text))
    loans.refit_on(three, 5)
    release(three / "pipeline")
    deploy("v4", three)
    rows = loans.rows(three.parent / "rows.csv", 50)
    predict(rows, out=three.parent / "out.parquet", folder=three)
    assert try_recent(three, bundle_of(three, loans.NAME, 3), "production") == Tried()
    predict(rows, model="loans@v1", environment="dev", out=three.parent / "dev.parquet", folder=three)
    assert "keeps other columns" in try_recent(three, bundle_of(three, loans.NAME, 3), "dev").note
    rows.write_text(rows.read_text() + "500,0,0,0,0\n")
    predict(rows, out=three.parent / "out.parquet", folder=three)
    with pytest.raises(Refused, match="v3.0.0 fails on recent inputs: .*column `x0`"):
        rollback(None, three)
    assert rollback(None, three, force=True).version == "v3"
