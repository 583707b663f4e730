"""The gate of a version: score it and its rival on the hold-out, each in its kernel's interpreter, and judge.

Works on bundles, so that what is judged is what will be loaded: the candidate's files are those of its commit.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nb2prod.adapters import dvc, dvc_store, scoring
from nb2prod.adapters.files import md5_of, read_text
from nb2prod.contract.model import Holdout, Training
from nb2prod.contract.reading import plain
from nb2prod.errors import Refused
from nb2prod.operations.bundle import Bundle
from nb2prod.operations.held_out import check_held_out
from nb2prod.operations.preflight import load_params
from nb2prod.operations.serving import served_from
from nb2prod.release import overlap, pairing
from nb2prod.release.gate import LEAST_ROWS, Rival, Scored, Verdict, dummy, judge
from nb2prod.release.names import short

_ROWS = (".parquet", ".csv", ".tsv", ".npy")
_NO_TRUTH = "production.yaml does not say what the truth of the hold-out is"


@dataclass(frozen=True, slots=True)
class Gated:
    """The verdict, and what was seen on the way: overlap of the hold-out with what training read, per artifact."""

    verdict: Verdict
    holdout: Mapping[str, Any]
    overlaps: Mapping[str, Any]


def gate(challenger: Bundle, champion: tuple[int, Bundle] | None, top: Path) -> Gated:
    """Raises NotHeldOut where training saw the hold-out, Refused where they cannot be compared, UsageError for an open
    contract.
    """
    with _files(top) as files:
        subject = _Subject(challenger, files)
        told = scoring.score(challenger.interpreter, subject.request(), cwd=challenger.tree)
        check_held_out(challenger, subject.training.name, told.told["overlaps"])
        ours = _scored(told, challenger)
        rival, same_rows = _rival(subject, told, ours, champion)
    holdout = {"artifact": challenger.contract.holdout.data, "md5": subject.md5s, "rows": told.told["rows"]}
    return Gated(judge(challenger.contract, same_rows, rival), holdout, told.told["overlaps"])


class _Subject:
    """A candidate: its stages, and the files that scoring it needs."""

    def __init__(self, bundle: Bundle, files: _Files) -> None:
        contract = bundle.contract
        self.bundle, self.files, self.stages = bundle, files, stages_of(bundle)
        self.training = overlap.training_stage(self.stages, contract.model.artifact or "")
        if contract.holdout.data is None:
            raise Refused(
                "production.yaml declares no hold-out: there is nothing to judge the version on",
                hint="fill in `holdout.data` and `holdout.target` with an artifact that training never reads",
            )
        if contract.holdout.target is None:
            raise Refused(_NO_TRUTH, hint="fill in `holdout.target`: a column of those rows, or an artifact")
        self.seen = overlap.seen_by(self.training, self.stages, contract)
        self.paths = dict(self._brought())
        self.md5s = {path: _md5(self.stages, path) for path in self.paths if path in _named(contract.holdout)}

    def _brought(self) -> Iterator[tuple[str, str]]:
        contract = self.bundle.contract
        typed = [path for path in self.seen if path.endswith(_ROWS)]
        for path in dict.fromkeys([*_named(contract.holdout), *_named(contract.training), *typed]):
            yield path, str(self.files.place(self.bundle, path, _md5(self.stages, path)))

    def request(self) -> dict[str, Any]:
        """What the scoring program is asked."""
        contract = self.bundle.contract
        seen = {
            path: {"data": path} for path in self.seen if path in self.paths and path not in _named(contract.training)
        }
        training = _place(contract.training)
        return {
            **model_request(self.files.top, self.bundle),
            "files": self.paths,
            "holdout": _place(contract.holdout),
            "identity": contract.input.id,
            "seen": {**seen, str(contract.training.data): training},
            "train_truth": training if training["target"] else None,
            "slices": list(contract.gate.slices),
            "cases": [plain(one) for one in contract.gate.cases],
        }


def model_request(top: Path, bundle: Bundle) -> dict[str, Any]:
    """The part of a request that names the model, as production loads it."""
    contract = bundle.contract
    return {
        "model": served_from(top, bundle).model,
        "kind": contract.model.kind,
        "features": contract.input.features or contract.holdout.features,
        "output": plain(contract.output),
    }


def _rival(
    subject: _Subject, answer: scoring.Answer, ours: Scored, champion: tuple[int, Bundle] | None
) -> tuple[Rival, Scored]:
    """Who is challenged, and the challenger on the same rows."""
    contract = subject.bundle.contract
    if champion is not None:
        return _champion(subject, answer, ours, *champion)
    baseline = contract.baseline
    if baseline is not None and baseline.artifact is not None:
        return _baseline(subject, baseline.artifact), ours
    if baseline is not None and baseline.value is not None:
        return Rival(f"the baseline {baseline.value:g}", value=baseline.value), ours
    if "train_truth" not in answer.arrays:
        raise Refused(
            "a first version is compared with a dummy, which needs the truth of the training data",
            hint="fill in `training.target`, or `baseline`",
        )
    return dummy(contract, answer.arrays["train_truth"], ours), ours


def _champion(
    subject: _Subject, answer: scoring.Answer, ours: Scored, number: int, bundle: Bundle
) -> tuple[Rival, Scored]:
    """The champion on its own hold-out, as far as both held the same rows out: each sees them with its own features.

    Where rows cannot be told apart, but what makes the features is the same in both, the champion takes the
    challenger's hold-out, without the rows that it was fitted on.
    """
    stages = stages_of(bundle)
    theirs = scoring.score(bundle.interpreter, _on_its_own(subject, bundle, stages), cwd=bundle.tree)
    by_id = subject.bundle.contract.input.id if answer.told["by_id"] and theirs.told["by_id"] else None
    paired = pairing.pair(answer.arrays, theirs.arrays, by_id)
    if isinstance(paired, pairing.Pairs) and len(paired.ours) >= LEAST_ROWS:
        rival = Rival(short(number), _scored(theirs, bundle).taken(paired.theirs), None, number, paired.told)
        return rival, ours.taken(paired.ours)
    place = subject.bundle.contract.holdout.data or ""
    if not pairing.same_features(subject.stages, stages, place, bundle.contract.holdout.data or ""):
        said = paired if isinstance(paired, str) else f"they have {len(paired.ours)} rows in common"
        raise Refused(
            f"{short(number)} and this version cannot be compared on the same held-out rows: {said}, and what "
            "makes the features is not the same in both",
            hint="name the column that tells rows apart in `input.id`, or keep the index and the split",
        )
    told = scoring.score(bundle.interpreter, _on_ours(subject, bundle, stages), cwd=bundle.tree)
    rows = np.flatnonzero(~told.arrays["seen_before"].astype(bool))
    said = f"the hold-out without {len(ours.truth) - len(rows)} rows that {short(number)} was fitted on"
    return Rival(short(number), _scored(told, bundle).taken(rows), None, number, said), ours.taken(rows)


def _on_its_own(subject: _Subject, bundle: Bundle, stages: tuple[overlap.Stage, ...]) -> dict[str, Any]:
    """A champion on the hold-out of its own version."""
    files = {
        path: str(subject.files.place(bundle, path, _md5(stages, path))) for path in _named(bundle.contract.holdout)
    }
    return {
        **model_request(subject.files.top, bundle),
        "files": files,
        "holdout": _place(bundle.contract.holdout),
        "identity": bundle.contract.input.id,
        "seen": {},
    }


def _on_ours(subject: _Subject, bundle: Bundle, stages: tuple[overlap.Stage, ...]) -> dict[str, Any]:
    """A champion on the challenger's hold-out; which of its rows the champion was fitted on is told too."""
    mine, theirs = subject.request(), {}
    for path in _named(bundle.contract.training):
        theirs[f"champion:{path}"] = str(subject.files.place(bundle, path, _md5(stages, path)))
    if features := bundle.contract.holdout.features:
        theirs[features] = str(subject.files.place(bundle, features, _md5(stages, features)))
    before = {
        key: f"champion:{one}" if one and "/" in one else one for key, one in _place(bundle.contract.training).items()
    }
    return {
        **model_request(subject.files.top, bundle),
        "files": {**mine["files"], **theirs},
        "holdout": mine["holdout"],
        "identity": mine["identity"],
        "seen": {},
        "unseen_by": before,
    }


def _baseline(subject: _Subject, artifact: str) -> Rival:
    """Another model of the pipeline, on the same rows."""
    bundle, request = subject.bundle, subject.request()
    path, md5 = (
        str(subject.files.place(bundle, artifact, _md5(subject.stages, artifact))),
        _md5(subject.stages, artifact),
    )
    model = {**request["model"], "artifact": path, "function": None, "digests": {path: {"md5": md5}}}
    told = scoring.score(
        bundle.interpreter, {**request, "model": model, "seen": {}, "cases": [], "slices": []}, cwd=bundle.tree
    )
    return Rival(f"the baseline {artifact}", _scored(told, bundle))


def _scored(answer: scoring.Answer, bundle: Bundle) -> Scored:
    arrays = answer.arrays
    if "truth" not in arrays:
        raise Refused(_NO_TRUTH, hint="fill in `holdout.target`")
    return Scored(
        arrays["truth"],
        arrays.get("score"),
        arrays.get("decision"),
        arrays.get("value"),
        {name.removeprefix("slice "): one for name, one in arrays.items() if name.startswith("slice ")},
        {one["name"]: one for one in answer.told["cases"]},
        answer.told["milliseconds"],
        bundle.model.stat().st_size,
    )


class _Files:
    """Artifacts by path and MD5: the one in the work tree where it is that, else from DVC's cache or remote."""

    def __init__(self, top: Path, scratch: Path) -> None:
        self.top, self._scratch = top, scratch

    def place(self, bundle: Bundle, path: str, md5: str) -> Path:
        """Where it can be read. Raises Refused where it is nowhere."""
        pipeline = self.top / bundle.package_dir.relative_to(bundle.tree)
        if (pipeline / path).is_file() and md5_of(pipeline / path) == md5:
            return pipeline / path
        target = self._scratch / md5 / Path(path).name
        if not target.is_file():
            dvc_store.bring(dvc.root(pipeline) or self.top, md5, target)
        return target


@contextlib.contextmanager
def _files(top: Path) -> Iterator[_Files]:
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as scratch:
        yield _Files(top, Path(scratch))


def stages_of(bundle: Bundle) -> tuple[overlap.Stage, ...]:
    """The stages of a bundle's `dvc.lock`."""
    lock = load_params(read_text(bundle.package_dir / "dvc.lock") or "", bundle.package_dir).get("stages")
    return tuple(
        overlap.Stage(name, _by_path(one.get("deps", ())), _by_path(one.get("outs", ())), one.get("params") or {})
        for name, one in (lock.items() if isinstance(lock, dict) else ())
    )


def _by_path(entries: Any) -> dict[str, str]:
    return {str(one["path"]): str(one.get("md5", "")) for one in entries}


def _md5(stages: tuple[overlap.Stage, ...], path: str) -> str:
    for stage in stages:
        if found := stage.outs.get(path) or stage.deps.get(path):
            return found
    raise Refused(
        f"production.yaml names {path}, which dvc.lock does not know",
        hint="correct the path: it is relative to the pipeline",
    )


def _named(place: Holdout | Training) -> list[str]:
    """The files of a hold-out or of training data; a target without `/` is a column."""
    features = place.features if isinstance(place, Holdout) else None
    return [one for one in (place.data, place.target, features) if one and (one == place.data or "/" in one)]


def _place(place: Holdout | Training) -> dict[str, str | None]:
    return {"data": place.data, "target": place.target}
