"""The parts of a release: what must hold before its gate, what its gate says, what it binds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nb2prod
from nb2prod.adapters import commits, contract_file, dvc_store, evidence, tags
from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.files import digest, read_text, remove_scraps
from nb2prod.contract import reading
from nb2prod.contract.evidence import Evidence, Subject
from nb2prod.contract.model import FILE, Contract
from nb2prod.contract.proposal import propose
from nb2prod.contract.questions import open_questions
from nb2prod.errors import Refused, Stale
from nb2prod.operations.bundle import Bundle, bundle_of
from nb2prod.operations.documents import CARD, RUNBOOK
from nb2prod.operations.gating import Gated, gate
from nb2prod.operations.locked import locked_files
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import Project, pipeline_folder
from nb2prod.operations.registry import Registry, check_alone, repository
from nb2prod.operations.served import check_function, facts_of, no_model
from nb2prod.operations.staleness import staleness
from nb2prod.operations.subject import lockfile_of, subject_of
from nb2prod.release.binding import Approval, Binding, File
from nb2prod.release.gate import Condition, Verdict
from nb2prod.release.ledger import Ledger
from nb2prod.release.names import short
from nb2prod.release.overlap import NotHeldOut

_VERIFIED = ("same", "same when seeded")


@dataclass(frozen=True, slots=True)
class Ready:
    """What is to be released. `pipeline`: the folder, relative to `top`, git's root."""

    project: Project
    top: Path
    name: str
    pipeline: str
    commit: str
    contract: Contract
    subject: Subject


def prepared(folder: Path) -> Ready:
    """The pipeline of a clean commit, verified and current. Raises Refused, Stale or UsageError with the first
    reason.
    """
    project = pipeline_folder(folder)
    top = repository(project.folder)
    contract = contract_at(project)
    tags.who(top)
    name = str((project.manifest or {})["package"])
    check_alone(top, name)
    pipeline = project.folder.relative_to(top.resolve()).as_posix()
    remove_scraps(project.folder)
    _check_clean(top, pipeline)
    _check_verified(project)
    return Ready(project, top, name, pipeline, commits.head(top), contract, subject_of(project, contract))


def contract_at(project: Project) -> Contract:
    """The pipeline's contract. Where there is none it is written, with questions, and the release waits for answers."""
    found = contract_file.read_contract(project.folder)
    if found is None:
        proposed = propose(facts_of(project))
        contract_file.write_contract(project.folder, proposed)
        _write_schema(project, proposed)
        raise Refused(
            f"{project.folder / FILE} was not there and is now: it has {len(open_questions(proposed))} open questions",
            hint="answer those on model, output, holdout, training and gate at least, commit it, and release again",
        )
    if _write_schema(project, found):
        raise Refused(
            f"{project.folder / found.validation.schema} was not there and is now: the schema of training's data",
            hint="look at it, commit it, and release again: a version is released with the schema of its inputs",
        )
    if found.model.artifact is None:
        raise no_model(project)
    check_function(project, found)
    return found


def _write_schema(project: Project, contract: Contract) -> bool:
    """Infer the schema of the inputs where there is none yet and the contract says what training's data are."""
    if contract.training.data is None or (project.folder / contract.validation.schema).exists():
        return False
    from nb2prod.operations.schema import infer_schema

    return infer_schema(project.folder) is not None


def skew_condition(ready: Ready) -> Condition:
    """The hold-out through the prediction path gives training's features and answers, exactly."""
    from nb2prod.operations.probe import skew_of

    found = skew_of(ready.project.folder)
    if found.passed:
        return Condition("skew", True, f"{found.rows} rows give training's features and answers, exactly")
    said = "; ".join(found.sentences()[:3]) or found.why
    return Condition("skew", False, said, len(found.differences), 0, len(found.differences))


def _check_clean(top: Path, pipeline: str) -> None:
    by_us = [f"{pipeline}/{name}".removeprefix("./") for name in (f"{evidence.FOLDER}/", CARD, RUNBOOK)]
    changed = commits.changed(top, by_us)
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise Refused(
            f"the tree is dirty: {', '.join(changed[:3])}{more} differ from the commit that would be released",
            hint="commit or remove them: a version is what a commit holds",
        )


def _check_verified(project: Project) -> None:
    from nb2prod.adapters.notebooks import read_notebook

    manifest = project.manifest or {}
    verdict = manifest.get("verdict", {})
    if verdict.get("state") not in _VERIFIED:
        raise Refused(
            f"the pipeline is not verified: its verdict is `{verdict.get('state')}`",
            hint="`nb2prod convert` the notebook until the verdict is `same`",
        )
    _check_outputs(project)
    found = staleness(project, read_notebook(project.notebook))
    if not found.is_current:
        verb = "run" if found.only_results else "convert"
        raise Stale(f"the pipeline is stale: {found.reason}", hint=f"`nb2prod {verb}` again, and commit what it wrote")


def _check_outputs(project: Project) -> None:
    """What is on disk must be what the pipeline made: somebody may have changed an artifact by hand."""
    for stage, entries in dvc_store.status(project.folder).items():
        outs = [entry.get("changed outs", {}) for entry in entries if isinstance(entry, dict)]
        for path, state in (pair for one in outs for pair in one.items()):
            if state == "modified":
                raise Refused(
                    f"{path} is not what stage `{stage.rpartition(':')[2]}` made: it was changed after the run",
                    hint="`dvc checkout` brings the pipeline's own back, `nb2prod run` makes it anew",
                )


def check_commit(ready: Ready, ledger: Ledger) -> None:
    """Raises Refused where the commit holds a version already."""
    there = next((one for one in ledger.releases if one.tag.commit == ready.commit), None)
    if there is not None:
        raise Refused(
            f"commit {ready.commit[:12]} is {ledger.name} {short(there.number)} already, released by {there.tag.by}",
            hint="a commit holds one version: change something and commit it, or deploy that version",
        )


def check_fetched(lost: tuple[str, ...]) -> None:
    """Raises Refused for artifacts that did not come back from the remote."""
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise Refused(
            f"{', '.join(lost[:3])}{more} cannot be fetched back from the remote: nobody else could load this version",
            hint="`dvc status --cloud` tells what is missing there; `dvc push` sends what is here",
        )


def artifact_of(ready: Ready) -> File:
    """The model in the lock. Raises Refused where no stage makes it."""
    path = ready.contract.model.artifact or ""
    locked = locked_files(ready.project)
    md5 = locked.outputs.get(path) if locked else None
    if not md5:
        raise Refused(f"dvc.lock names no output {path}", hint="correct `model.artifact`, or run the pipeline")
    return File(path, md5)


def sealed(artifact: File, made: Path) -> File:
    """The same with the SHA-256 and the size of the very bytes in the candidate's bundle."""
    model = made / "model" / Path(artifact.path).name
    return replace(artifact, sha256=digest(model), size=model.stat().st_size)


def champion_of(ready: Ready, registry: Registry) -> tuple[int, Bundle] | None:
    """The champion of the first environment: who the candidate has to beat."""
    now_there = registry.ledger.champion(ready.contract.environments[0])
    if now_there is None or now_there.version is None:
        return None
    return now_there.version, bundle_of(ready.top, ready.name, now_there.version)


def approved(verdict: Verdict, contract: Contract, approval: Approval | None) -> Verdict:
    """The verdict, with the condition that somebody approves where the contract asks for it."""
    if not contract.gate.approver:
        return verdict
    if approval is None:
        return verdict.but(Condition("approver", False, "nobody approved; name who does with --approver"))
    how = "in a signed tag" if approval.signed else "unsigned: git signs no tags here"
    return verdict.but(Condition("approver", True, f"{approval.by}, {how}"))


def approval_of(ready: Ready, approver: str | None) -> Approval | None:
    """Who approves, and whether git will sign it."""
    return Approval(approver, tags.signs(ready.top)) if approver else None


def record_evidence(ready: Ready, found: Gated, verdict: Verdict, approval: Approval | None) -> None:
    """What was seen, whether it passed or not. Raises OutsideError."""
    at, by = timestamp(timespec="microseconds"), tags.who(ready.top)
    for kind, passed, facts in _seen(found, verdict, approval):
        evidence.record(ready.project.folder, Evidence(kind, passed, at, ready.subject, facts, by))


def judged(ready: Ready, bundle: Bundle, champion: tuple[int, Bundle] | None) -> Gated:
    """The gate's answer. That a hold-out was not held out is evidence too. Raises Refused, UsageError."""
    try:
        return gate(bundle, champion, ready.top)
    except NotHeldOut as error:
        at, by = timestamp(timespec="microseconds"), tags.who(ready.top)
        facts = {"artifact": ready.contract.holdout.data, "why": error.message}
        evidence.record(ready.project.folder, Evidence("holdout", False, at, ready.subject, facts, by))
        raise


def _seen(found: Gated, verdict: Verdict, approval: Approval | None) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    plain = verdict.plain()
    yield "fetch", True, {"outputs": "all fetched back from the remote into an empty cache, and equal"}
    yield "holdout", True, {**found.holdout, "overlaps": dict(found.overlaps)}
    yield "gate", verdict.passed, plain
    for one in verdict.conditions:
        if one.name in ("slices", "cases", "latency"):
            extra = {"groups": plain["slices"]} if one.name == "slices" else {}
            yield (
                one.name,
                one.passed,
                {"sentence": one.sentence, "measured": one.measured, "wanted": one.wanted, **extra},
            )
    if approval is not None:
        yield "approval", True, {"by": approval.by, "signed": approval.signed}


def why_failed(name: str, verdict: Verdict) -> Refused:
    """Which conditions, by how much."""
    failed = "\n".join(f"  {one.name}: {one.sentence}" for one in verdict.conditions if not one.passed)
    return Refused(
        f"{name} failed its gate against {verdict.against}, and was not released\n{failed}",
        hint="improve the model, or change the gate in production.yaml, commit, and release again",
    )


def binding_of(ready: Ready, number: int, artifact: File, verdict: Verdict, approval: Approval | None) -> Binding:
    """All that the version is made of."""
    folder = ready.project.folder
    locked = locked_files(ready.project)
    schema = digest(folder / ready.contract.validation.schema)
    return Binding(
        name=ready.name,
        number=number,
        commit=ready.commit,
        pipeline=ready.pipeline,
        notebook=ready.project.notebook.relative_to(ready.top.resolve()).as_posix(),
        artifact=artifact,
        data=tuple(File(_from_top(ready, one.path), one.locked) for one in (locked.inputs if locked else ())),
        params=load_params(read_text(folder / "params.yaml") or "", folder),
        metrics=_metrics(folder),
        lockfile=_lockfile(ready),
        dvc_lock=digest(folder / "dvc.lock") or "",
        contract=reading.digest(ready.contract),
        schema=schema,
        gate=verdict.plain(),
        evidence={one.stem: digest(one) or "" for one in sorted((folder / evidence.FOLDER).glob("*.json"))},
        approval=approval,
        at=timestamp(timespec="microseconds"),
        by=tags.who(ready.top),
        nb2prod=nb2prod.__version__,
        python=str((ready.project.manifest or {}).get("python", "")),
        extra={"data_at": _data_at(ready)},
    )


def _data_at(ready: Ready) -> str | None:
    """When the newest of the pipeline's inputs came into git, itself or as DVC's file for it."""
    locked = locked_files(ready.project)
    paths = [_from_top(ready, one.path) for one in (locked.inputs if locked else ())]
    return max(filter(None, (commits.last_change(ready.top, path) for path in paths)), default=None)


def _metrics(folder: Path) -> Mapping[str, Any]:
    found = {path.stem: json.loads(read_text(path) or "{}") for path in sorted((folder / "metrics").glob("*.json"))}
    return {f"{stage}.{name}": value for stage, values in found.items() for name, value in values.items()}


def _lockfile(ready: Ready) -> File | None:
    path = lockfile_of(ready.project)
    top = ready.top.resolve()
    return File(path.resolve().relative_to(top).as_posix(), sha256=digest(path)) if path else None


def _from_top(ready: Ready, path: str) -> str:
    import posixpath

    return posixpath.normpath(f"{ready.pipeline}/{path}")
