"""Which model predicts: the one that is named, the environment's champion, or the working tree where that is asked."""

from __future__ import annotations

from pathlib import Path

from nb2prod.errors import UsageError
from nb2prod.operations.served import Served, kernel_python, locked_digests, needs_of, working_tree


def served_by(folder: Path, model: str | None, environment: str | None, unreleased: bool) -> tuple[Served, str]:
    """(what predicts, the role that it plays). Raises UsageError where no version is deployed, and for a clash."""
    if not unreleased:
        return _released(folder, model, environment or "production")
    if model and "@" in model:
        raise UsageError("--unreleased and a version exclude each other", hint="leave one of them out")
    served = working_tree(folder)
    if not (served.folder / served.contract.validation.schema).exists():
        from nb2prod.operations.schema import infer_schema

        infer_schema(served.folder)
    return served, "champion"


def _released(folder: Path, model: str | None, environment: str) -> tuple[Served, str]:
    from nb2prod.operations.bundle import bundle_of
    from nb2prod.operations.registry import open_registry
    from nb2prod.release.names import reference

    name, version = model, None
    if model and "@" in model:
        wanted = reference(model)
        name, version = wanted.name, wanted.version
    registry = open_registry(folder, name)
    champion = registry.ledger.champion(environment)
    if version is None and (champion is None or champion.version is None):
        raise UsageError(
            f"{registry.name} has no champion in {environment}",
            hint="`nb2prod release`, then `nb2prod deploy`; or name a version with --model; or --unreleased",
        )
    number = version or (champion.version if champion else None) or 0
    role = "champion" if champion is not None and champion.version == number else "challenger"
    return served_from(registry.top, bundle_of(registry.top, registry.name, number)), role


def served_from(top: Path, bundle: object) -> Served:
    """The bundle's files, with the other artifacts that its function loads brought beside its code."""
    from nb2prod.operations.bundle import Bundle
    from nb2prod.operations.project import read_manifest

    assert isinstance(bundle, Bundle)
    folder, contract = bundle.package_dir, bundle.contract
    manifest = read_manifest(folder) or {}
    digests = {str(bundle.model): {"sha256": bundle.model_sha256}}
    artifact = contract.model.artifact
    if contract.model.function:
        digests = _with_needs(top, folder, needs_of(manifest), {artifact or "": bundle.model_sha256})
    notebook = folder / str(manifest.get("notebook", {}).get("path", "../x"))
    cwd = notebook.parent.resolve()
    cwd.mkdir(parents=True, exist_ok=True)
    return Served(
        root=top,
        folder=folder,
        cwd=cwd,
        name=bundle.name,
        version=bundle.version,
        contract=contract,
        python=kernel_python(folder, manifest),
        digests=digests,
        model_sha256=bundle.model_sha256,
        artifact=str(bundle.model),
        tree=bundle.tree,
    )


def _with_needs(top: Path, folder: Path, needs: tuple[str, ...], known: dict[str, str]) -> dict[str, dict[str, str]]:
    from nb2prod.adapters import dvc, dvc_store

    locked = locked_digests(folder)
    found = {}
    for path in needs:
        if not (folder / path).exists():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            dvc_store.bring(dvc.root(folder) or top, locked[path], folder / path)
        found[str(folder / path)] = {"md5": locked[path], **({"sha256": known[path]} if path in known else {})}
    return found
