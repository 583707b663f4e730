"""A pipeline's `production.yaml`: read, or written for the first time with what the pipeline itself tells."""

from __future__ import annotations

from dataclasses import replace

from nb2prod.adapters.contract_file import read_contract, write_contract
from nb2prod.contract.model import Contract
from nb2prod.contract.proposal import propose
from nb2prod.operations.project import Project
from nb2prod.operations.served import facts_of


def agreement(project: Project) -> Contract:
    """The contract; a proposal with open questions is written where there is none. Raises UsageError, OutsideError."""
    found = read_contract(project.folder)
    if found is not None:
        return found
    proposed = propose(replace(facts_of(project), name=name_of(project)))
    write_contract(project.folder, proposed)
    return proposed


def name_of(project: Project) -> str:
    """What versions and deployments of the pipeline are called."""
    return str((project.manifest or {}).get("package", project.name))
