"""`nb2prod release`: the state of this commit becomes a version of the model, if it passes its gate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters import dvc_store
from nb2prod.adapters.begun import Work, work
from nb2prod.operations import releasing
from nb2prod.operations.bundle import adopt, bundle_for, candidate, opened, versions
from nb2prod.operations.documents import write_documents
from nb2prod.operations.progress import Progress, Silent
from nb2prod.operations.publishing import Draft, Published, completed, publish
from nb2prod.operations.registry import Registry, open_registry
from nb2prod.operations.releasing import Ready
from nb2prod.release.binding import Binding, binding_of, body, message
from nb2prod.release.names import release_tag, short, version_text


@dataclass(frozen=True, slots=True)
class Released:
    """A version, and with it what its gate said. `notes`: what a reader should know of it."""

    binding: Binding
    tag: str
    notes: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """`v2`."""
        return short(self.binding.number)


def release(folder: str | Path = ".", *, approver: str | None = None, progress: Progress | None = None) -> Released:
    """Check, gate, bind. Nothing is released unless all of it held; killed at any moment, it is released or it is not.

    Raises Refused with the reason, Stale where the pipeline is not what was verified, UsageError for the contract.
    """
    progress = progress or Silent()
    progress.phase("what is to be released")
    ready = releasing.prepared(Path(folder))
    registry = open_registry(ready.project.folder, ready.name, fetch=True)
    with work(ready.top, ("release", ready.name, ready.commit)) as begun:
        done = completed(registry, begun) or _released(ready, registry, begun, approver, progress)
        binding = binding_of(body(done.text) or {})
        bundle_for(ready.top, binding)
        notes = registry.notes + done.notes + write_documents(ready.project.folder, binding, ready.contract)
        return Released(binding, release_tag(ready.name, binding.number), notes)


def _released(ready: Ready, registry: Registry, begun: Work, approver: str | None, progress: Progress) -> Published:
    """What the tag binds was fetched back, was gated, and is what will be loaded."""
    releasing.check_commit(ready, registry.ledger)
    progress.phase("sending the data to the remote, and fetching them back")
    dvc_store.push(ready.project.folder)
    releasing.check_fetched(dvc_store.fetch_back(ready.project.folder))
    artifact = releasing.artifact_of(ready)
    with candidate(ready.top, ready.name, ready.commit, ready.pipeline, artifact) as made:
        artifact = releasing.sealed(artifact, made)
        bundle = opened(ready.top, made, ready.commit, artifact.sha256 or "", "candidate")
        progress.phase("the gate")
        found = releasing.judged(ready, bundle, releasing.champion_of(ready, registry))
        approval = releasing.approval_of(ready, approver)
        verdict = found.verdict.but(releasing.skew_condition(ready))
        verdict = releasing.approved(verdict, ready.contract, approval)
        releasing.record_evidence(ready, found, verdict, approval)
        if not verdict.passed:
            raise releasing.why_failed(ready.name, verdict)

        def decide(current: Registry) -> Draft:
            releasing.check_commit(ready, current.ledger)
            binding = releasing.binding_of(ready, current.ledger.next_version, artifact, verdict, approval)
            tag = release_tag(ready.name, binding.number)
            return Draft(tag, ready.commit, message(binding), sign=approval is not None and approval.signed)

        done = publish(registry, decide, begun)
        adopt(made, versions(ready.top, ready.name) / version_text(binding_of(body(done.text) or {}).number))
        return done
