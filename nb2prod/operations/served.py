"""What predicts: a release's bundle, or the working tree as it stands where that is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nb2prod.adapters.contract_file import read_contract
from nb2prod.adapters.files import digest, read_text
from nb2prod.adapters.schema_file import plain_yaml
from nb2prod.contract.model import FILE, Contract
from nb2prod.contract.proposal import Artifact, Facts, propose
from nb2prod.errors import OutsideError, UsageError
from nb2prod.operations.project import Project, pipeline_folder

UNRELEASED = "unreleased"


@dataclass(frozen=True, slots=True)
class Served:
    """A model and all that it needs. `root`: where the prediction log lies. `folder`: of the pipeline or the bundle's
    copy of it. `cwd`: where the notebook's cells run. `digests`: what each file must have, by method. `artifact`: the
    model's file where it lies elsewhere than the contract says. `tree`: the version's own copy of the repository.
    """

    root: Path
    folder: Path
    cwd: Path
    name: str
    version: str
    contract: Contract
    python: tuple[str, ...]
    digests: Mapping[str, Mapping[str, str]]
    model_sha256: str
    artifact: str | None = None
    tree: Path | None = None

    @property
    def model(self) -> dict[str, Any]:
        """What the worker loads."""
        artifact = self.contract.model.artifact
        return {
            "artifact": self.artifact or (str(self.folder / artifact) if artifact else None),
            "function": self.contract.model.function,
            "folder": str(self.folder),
            "cwd": str(self.cwd),
            "root": str(self.root),
            "tree": str(self.tree or self.root),
            "digests": {path: dict(found) for path, found in self.digests.items()},
        }


def working_tree(folder: Path) -> Served:
    """The pipeline as it stands. Its artifacts must be those that `dvc.lock` names. Raises UsageError, OutsideError."""
    project = pipeline_folder(folder)
    contract = contract_or_proposal(project)
    manifest = project.manifest or {}
    artifact = contract.model.artifact
    if artifact is None and contract.model.function is None:
        raise no_model(project)
    check_function(project, contract)
    needs = sorted({*needs_of(manifest), *([artifact] if artifact else [])})
    locked = locked_digests(project.folder)
    missing = [path for path in needs if path not in locked]
    if missing:
        raise UsageError(
            f"dvc.lock does not name {missing[0]}, which the model needs",
            hint=f"`nb2prod run {project.folder}` makes and records it; see `model.artifact` in production.yaml",
        )
    return Served(
        root=project.root,
        folder=project.folder,
        cwd=project.notebook.parent,
        name=contract.name or _name(project),
        version=UNRELEASED,
        contract=contract,
        python=kernel_python(project.folder, manifest),
        digests={str(project.folder / path): {"md5": locked[path]} for path in needs},
        model_sha256=digest(project.folder / (artifact or needs[0])) or "" if needs else "",
    )


def contract_or_proposal(project: Project) -> Contract:
    """`production.yaml`, or what can be told where nobody has written it yet."""
    found = read_contract(project.folder)
    if found is None:
        found = propose(facts_of(project))
    return replace(found, name=found.name or _name(project))


def facts_of(project: Project) -> Facts:
    """What `conversion.json` tells of artifacts and of the cell tagged `predict`."""
    manifest = project.manifest or {}
    alone: list[Artifact] = []
    shared: list[Artifact] = []
    for out in (out for stage in manifest.get("stages", ()) for out in stage["outputs"]):
        held = [Artifact(out["path"], name, kind) for name, kind in zip(out["names"], out["types"], strict=True)]
        (alone if len(held) == 1 else shared).extend(held)
    found = manifest.get("predict") or {}
    return Facts(_name(project), tuple(alone), found.get("function"), needs_of(manifest), tuple(shared))


def check_function(project: Project, contract: Contract) -> None:
    """Raises UsageError where the notebook has a function for production that the contract does not name: without it
    the estimator would be given rows that the function was to prepare.
    """
    function = facts_of(project).function
    if function and contract.model.function is None and contract.model.artifact is not None:
        raise UsageError(
            f"a cell of {project.notebook.name} is tagged `predict`, but {project.folder / FILE} names no function",
            hint=f"write `function: {function}` below `model`; or take the tag off the cell, and convert again",
        )


def no_model(project: Project) -> UsageError:
    """What is said where the contract names no model: what is in the way, and exactly what to write."""
    facts = facts_of(project)
    file = project.folder / FILE
    if facts.function or facts.model:
        loads = facts.model.path if facts.model else next(iter(facts.needs), None)
        keys = {"function": facts.function, "artifact": loads}
        told = ", ".join(f"{key}: {value}" for key, value in keys.items() if value)
        return UsageError(f"{file} names no model", hint=f"write `model: {{{told}}}` there, and what kind it is")
    found = next((one for one in reversed(facts.shared) if one.is_model), None)
    why = "no artifact is a fitted estimator, and no cell is tagged `predict`"
    if found is not None:
        why = f"no cell is tagged `predict`, and `{found.variable}` lies in one file with what it shares objects with"
    return UsageError(
        f"{project.folder} has no model: {why}",
        hint="tag the cell that defines the predicting function `predict`, and convert again; where there is none, "
        f"write it: `def predict(rows): return {found.variable if found else 'MODEL'}.predict(rows)`",
    )


def _name(project: Project) -> str:
    """The pipeline's, as versions and the log have it."""
    return str((project.manifest or {}).get("package", project.name))


def needs_of(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The artifacts that the function of the cell tagged `predict` loads, relative to the pipeline's folder."""
    return tuple((manifest.get("predict") or {}).get("needs", ()))


def locked_digests(folder: Path) -> dict[str, str]:
    """Output → MD5, as `dvc.lock` has them."""
    text = read_text(folder / "dvc.lock")
    stages = plain_yaml(text or "{}", str(folder / "dvc.lock")).get("stages") or {}
    outs = [out for stage in stages.values() for out in stage.get("outs", ())]
    return {str(out["path"]): str(out["md5"]) for out in outs if "md5" in out}


def kernel_python(folder: Path, manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The interpreter of the notebook's kernel. Raises OutsideError where it is not installed."""
    from nb2prod.adapters.kernelspec import interpreter_of

    first = manifest["stages"][0]["name"]
    text = read_text(folder / "stages" / f"{first}.ipynb") or "{}"
    kernel = json.loads(text).get("metadata", {}).get("kernelspec", {}).get("name", "python3")
    found = interpreter_of(kernel)
    if found is None:
        raise OutsideError(
            f"the kernel `{kernel}` is not installed, or is no IPython kernel",
            hint="install it: `python -m ipykernel install --user --name NAME` in its environment",
        )
    return found.python
