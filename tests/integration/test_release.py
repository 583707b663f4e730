"""A version is what was verified, gated and can be fetched back; everything else is refused, with the reason."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from integration import loans, projects
from nb2prod.adapters import dvc_store
from nb2prod.adapters.contract_file import edit_contract
from nb2prod.adapters.tags import read_tags
from nb2prod.errors import Refused, Stale, UsageError
from nb2prod.operations.release import release
from nb2prod.operations.trace import trace
from nb2prod.release.ledger import ledger

pytestmark = pytest.mark.slow


@pytest.fixture
def ready(loans_ready, tmp_path) -> Path:
    return loans.copied(loans_ready, tmp_path / "copy")


@pytest.fixture
def v1(loans_released, tmp_path) -> Path:
    return loans.copied(loans_released, tmp_path / "copy")


def _refused(root: Path, error=Refused, **options) -> str:
    before = read_tags(root)
    with pytest.raises(error) as caught:
        release(root / "pipeline", **options)
    assert read_tags(root) == before, "something was released all the same"
    return caught.value.message


def test_what_a_version_binds(v1):
    (found,) = ledger(loans.NAME, read_tags(v1)).releases
    binding = found.binding
    assert binding is not None and binding.commit == found.tag.commit
    model = (v1 / "pipeline" / loans.MODEL).read_bytes()
    assert binding.artifact.sha256 == hashlib.sha256(model).hexdigest()
    assert binding.gate["passed"] is True and binding.gate["difference"]["low"] > 0
    assert [one.path for one in binding.data] == ["data/loans.csv"]
    assert binding.params == {"columns": 2, "seed": 3}
    assert 0.5 < binding.metrics["evaluate.auc"] < 1
    assert binding.lockfile is not None and binding.lockfile.path == "pipeline/requirements.txt"
    assert {"gate", "holdout", "fetch", "slices"} <= binding.evidence.keys()
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("gto")), "show", "--json"],
        cwd=v1,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shown.stdout)[loans.NAME]["version"] == "v1.0.0"


def test_the_answer_to_the_auditor(v1):
    told = trace("v1", v1).plain()
    assert told["version"] == 1 and told["prediction"] is None
    assert told["model"]["version"] == "loans@v1.0.0" and told["model"]["artifact"] == f"pipeline/{loans.MODEL}"
    assert told["code"] == {
        "commit": projects.git(v1, "rev-parse", "loans@v1.0.0^{}").strip(),
        "notebook": "loans.ipynb",
    }
    assert told["data"][0]["path"] == "data/loans.csv" and told["params"]["seed"] == 3
    assert told["approved_by"] is None and told["deployed_at"] is None
    by_hash = trace(told["model"]["hash"].removeprefix("sha256:")[:16], v1).plain()
    assert by_hash["model"] == told["model"]


def test_a_dirty_tree(ready):
    (ready / "notes.txt").write_text("x")
    assert "the tree is dirty: notes.txt" in _refused(ready)


def test_what_nb2prod_writes_itself_is_no_dirt(v1):
    projects.git(v1, "checkout", "-q", "loans@v1.0.0")
    (v1 / "pipeline" / "evidence").mkdir()
    (v1 / "pipeline" / "evidence" / "gate.json").write_text("{}")
    assert "loans v1 already" in _refused(v1)


def test_a_pipeline_that_is_not_verified(ready):
    manifest = ready / "pipeline" / "conversion.json"
    document = json.loads(manifest.read_text())
    document["verdict"]["state"] = "unverified"
    manifest.write_text(json.dumps(document))
    projects.commit(ready)
    assert "not verified: its verdict is `unverified`" in _refused(ready)


def test_a_parameter_that_was_not_run(ready):
    params = ready / "pipeline" / "params.yaml"
    params.write_text(params.read_text().replace("columns: 2", "columns: 3"))
    projects.commit(ready)
    assert "columns=2" in _refused(ready, Stale)


def test_a_tampered_model(ready):
    model = ready / "pipeline" / loans.MODEL
    data = model.read_bytes()
    model.unlink()
    model.write_bytes(data + b"\0")
    assert f"{loans.MODEL} is not what stage `train` made: it was changed after the run" in _refused(ready)


def test_a_tampered_cache_is_no_source_of_a_version(ready):
    data = (ready / "pipeline" / loans.MODEL).read_bytes()
    dvc_store.push(ready / "pipeline")
    cached = loans.stored(ready / ".dvc" / "cache", data)
    cached.chmod(0o644)
    cached.write_bytes(b"another")
    assert release(ready / "pipeline").binding.artifact.sha256 == hashlib.sha256(data).hexdigest()


def test_an_object_that_the_remote_lost(ready):
    path = "pipeline/artifacts/split/X_test.parquet"
    dvc_store.push(ready / "pipeline")
    for place in (ready / ".dvc" / "cache", ready.parent / "store"):
        loans.stored(place, (ready / path).read_bytes()).unlink()
    assert f"{path} cannot be fetched back" in _refused(ready)


def test_no_remote(ready):
    config = ready / ".dvc" / "config"
    config.write_text(config.read_text().partition("    remote = store")[0])
    projects.commit(ready)
    assert "no remote" in _refused(ready)


def test_a_leak_of_the_test_data(ready):
    split = ready / "pipeline" / "artifacts" / "split"
    for kind in ("X", "y"):
        train, test = (pd.read_parquet(split / f"{kind}_{part}.parquet") for part in ("train", "test"))
        leaked = pd.concat([train, test.iloc[:10]])
        loans.replace_artifact(ready, f"artifacts/split/{kind}_train.parquet", loans.parquet(leaked))
    projects.commit(ready)
    message = _refused(ready)
    assert "training saw 10 of the hold-out's 160 rows, in artifacts/split/X_train.parquet" in message
    holdout = json.loads((ready / "pipeline" / "evidence" / "holdout.json").read_text())
    assert holdout["passed"] is False and "training saw 10" in holdout["facts"]["why"]


def test_a_feature_that_prediction_computes_otherwise(tmp_path):
    """Training takes the columns as they are, the cell tagged `predict` a little more of one."""
    source = "def predict(frame):\n    used = frame[['x0', 'x1']].assign(x1=frame['x1'] * 1.01)\n"
    source += "    return model.predict_proba(used)[:, 1]"
    loans.make(tmp_path, ("predict", source))
    message = _refused(tmp_path / loans.NAME)
    assert "failed its gate" in message and "skew: " in message and "x1" in message.partition("skew: ")[2], message
    skew = json.loads((tmp_path / loans.NAME / "pipeline" / "evidence" / "skew.json").read_text())
    assert skew["passed"] is False


def test_a_worse_challenger(v1):
    from nb2prod.operations.deploy import deploy

    deploy("v1", v1)
    loans.refit(v1, lambda rows, truth: LogisticRegression().fit(rows[["x4"]], truth))
    message = _refused(v1)
    assert "failed its gate against v1" in message and "short by" in message
    gate = json.loads((v1 / "pipeline" / "evidence" / "gate.json").read_text())
    assert gate["passed"] is False


@pytest.mark.parametrize(
    ("answers", "error", "message"),
    [
        ({"holdout.data": None}, Refused, "declares no hold-out"),
        ({"holdout.data": "artifacts/split/X_train.parquet"}, Refused, "training saw it"),
        ({"holdout.target": None}, Refused, "does not say what the truth of the hold-out is"),
        ({"gate.metric": "roc_acu"}, UsageError, "did you mean `roc_auc`?"),
        ({"gate.approver": True, "gate.size_mb": 0.00001}, Refused, "nobody approved"),
    ],
)
def test_a_contract_that_is_not_met(ready, answers, error, message):
    edit_contract(ready / "pipeline", answers)
    projects.commit(ready)
    assert message in _refused(ready, error)


def test_no_contract_yet(ready):
    (ready / "pipeline" / "production.yaml").unlink()
    projects.commit(ready)
    assert "was not there and is now" in _refused(ready)
    assert "which decision" in (ready / "pipeline" / "production.yaml").read_text()
