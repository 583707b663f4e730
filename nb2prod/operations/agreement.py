"""A pipeline's `production.yaml`: read, or written for the first time with what the pipeline itself tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nb2prod.adapters.contract_file import read_contract, write_contract
from nb2prod.contract.model import Contract
from nb2prod.contract.proposal import Artifact, Facts, propose
from nb2prod.operations.project import Project


def agreement(project: Project) -> Contract:
    """The contract; a proposal with open questions is written where there is none. Raises UsageError, OutsideError."""
    found = read_contract(project.folder)
    if found is not None:
        return found
    proposed = propose(facts_of(project.manifest or {}))
    write_contract(project.folder, proposed)
    return proposed


def name_of(project: Project, contract: Contract) -> str:
    """What versions and deployments of the pipeline are called."""
    return contract.name or str((project.manifest or {}).get("package", ""))


def facts_of(manifest: Mapping[str, Any]) -> Facts:
    """What `conversion.json` tells of the artifacts that hold one variable."""
    outputs = [output for stage in manifest.get("stages", ()) for output in stage["outputs"]]
    lone = [one for one in outputs if len(one["names"]) == 1]
    artifacts = tuple(Artifact(one["path"], one["names"][0], "".join(one["types"][:1])) for one in lone)
    return Facts(str(manifest.get("package", "")), artifacts)
