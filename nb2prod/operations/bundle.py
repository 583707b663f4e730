"""A version as it is loaded: code, lockfile and contract of its commit, the model's bytes, in one folder of their own.

`<root>/.nb2prod/versions/NAME/vN.0.0/` has `tree/` (the files of the commit, laid out as in the repository), `model/`
and `bundle.json`. It is made under another name and renamed; it stays when DVC's cache is emptied. Each time that it is
opened, model and files are compared with what was released.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters import commits, dvc, dvc_store
from nb2prod.adapters.contract_file import parse_contract
from nb2prod.adapters.files import digest, read_text, write_text
from nb2prod.contract.model import FILE, Contract
from nb2prod.errors import OutsideError, Refused, UsageError
from nb2prod.operations.preflight import load_params
from nb2prod.operations.registry import open_registry
from nb2prod.release.binding import Binding, File
from nb2prod.release.names import short, version_text

PLACE = ".nb2prod"
_CODE = (".py", ".pyi", ".toml", ".cfg")


@dataclass(frozen=True, slots=True)
class Bundle:
    """`version`: `v2.0.0`, or `unreleased`. `tree`: the repository's layout; `package_dir`: the folder in it to
    import the pipeline's package from. `model`: the file, whose SHA-256 was right when the bundle was opened.
    `interpreter`: the program of the notebook's kernel.
    """

    path: Path
    name: str
    version: str
    commit: str
    contract: Contract
    model: Path
    model_sha256: str
    tree: Path
    package_dir: Path
    package: str
    interpreter: str


def bundle_of(top: Path, name: str, number: int) -> Bundle:
    """The bundle of a version, made where it is not there yet. Needs the network only where DVC's cache lacks the
    model.

    Raises UsageError for a version that is not there, Refused for a model whose bytes are not those that were released.
    """
    release = open_registry(top, name).ledger.release(number)
    if release is None:
        raise UsageError(f"{name} has no version {short(number)}", hint="`nb2prod history` lists them")
    if release.binding is None:
        raise Refused(
            f"{name} {short(number)} was not released by nb2prod: what it binds is not known",
            hint="release its commit with `nb2prod release`",
        )
    return bundle_for(top, release.binding)


def bundle_for(top: Path, binding: Binding) -> Bundle:
    """The same, of what a version binds."""
    path = versions(top, binding.name) / version_text(binding.number)
    if not (path / "bundle.json").is_file():
        with candidate(top, binding.name, binding.commit, binding.pipeline, binding.artifact) as made:
            adopt(made, path)
    return opened(top, path, binding.commit, binding.artifact.sha256 or "", version_text(binding.number))


def versions(top: Path, name: str) -> Path:
    """The folder of a pipeline's bundles; git ignores it."""
    ignored = top / PLACE / ".gitignore"
    if not ignored.is_file():
        write_text(ignored, "*\n")
    return top / PLACE / "versions" / name


@contextlib.contextmanager
def candidate(top: Path, name: str, commit: str, pipeline: str, artifact: File) -> Any:
    """A bundle under a name of its own, removed at the end unless it was adopted. Raises Refused and OutsideError."""
    folder = versions(top, name)
    folder.mkdir(parents=True, exist_ok=True)
    _remove_old(folder)
    path = Path(tempfile.mkdtemp(dir=folder, prefix=f".{os.getpid()}-"))
    path.chmod(0o755)
    try:
        _fill(top, path, name, commit, pipeline, artifact)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def adopt(made: Path, path: Path) -> None:
    """Give a candidate its version's name; one that is there already stays."""
    with contextlib.suppress(FileExistsError):
        try:
            made.rename(path)
        except OSError as error:
            if not (path / "bundle.json").is_file():
                raise OutsideError(f"cannot write {path}: {error.strerror or error}") from error


def opened(top: Path, path: Path, commit: str, sha256: str, version: str) -> Bundle:
    """The bundle in a folder. Raises Refused where the model's bytes are others than those with that SHA-256, or the
    code, the contract or the schema others than the commit's.
    """
    facts = json.loads(read_text(path / "bundle.json") or "{}")
    model = path / facts["model"]
    found = digest(model)
    if found != sha256:
        raise Refused(
            f"{model} is not the file that was released: its SHA-256 is {str(found)[:12]}…, not {sha256[:12]}…",
            hint=f"somebody changed it; delete {path} and run again: it is made anew from what was released",
        )
    changed = commits.unlike(top, commit, facts["pipeline"], path / "tree", facts.get("written"))
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise Refused(
            f"{', '.join(sorted(changed)[:3])}{more} below {path / 'tree'}: not as in commit {commit[:12]}, which was "
            "released",
            hint=f"somebody changed it; delete {path} and run again: it is made anew from what was released",
        )
    package_dir = path / "tree" / facts["pipeline"]
    contract = parse_contract(read_text(package_dir / FILE) or "version: 1", str(package_dir / FILE))
    return Bundle(
        path,
        facts["name"],
        version,
        commit,
        contract,
        model,
        sha256,
        path / "tree",
        package_dir,
        facts["package"],
        interpreter(package_dir),
    )


def interpreter(pipeline: Path) -> str:
    """The program of the kernel that a pipeline's stages name. Raises OutsideError where it is not installed."""
    from nb2prod.adapters.kernelspec import interpreter_of

    stage = next(iter(sorted((pipeline / "stages").glob("*.ipynb"))), None)
    metadata = json.loads(read_text(stage) or "{}").get("metadata", {}) if stage else {}
    kernel = str(metadata.get("kernelspec", {}).get("name", "python3"))
    found = interpreter_of(kernel)
    if found is None:
        raise OutsideError(f"the kernel `{kernel}` is not installed here", hint="jupyter kernelspec list")
    return found.argv[0]


def _fill(top: Path, path: Path, name: str, commit: str, pipeline: str, artifact: File) -> None:
    commits.export(top, commit, _paths(top, commit, pipeline), path / "tree")
    model = Path("model") / Path(artifact.path).name
    store = dvc.root(top / pipeline) or top
    dvc_store.bring(store, artifact.md5 or "", path / model)
    if artifact.sha256 and digest(path / model) != artifact.sha256:
        raise Refused(
            f"DVC's cache has another {artifact.path} than the one that was released, with the same MD5",
            hint="fetch it from a clone that you trust",
        )
    package = json.loads(read_text(path / "tree" / pipeline / "conversion.json") or "{}").get("package", name)
    facts = {
        "version": 1,
        "name": name,
        "commit": commit,
        "pipeline": pipeline,
        "package": package,
        "model": model.as_posix(),
        "written": commits.unlike(top, commit, pipeline, path / "tree"),
    }
    write_text(path / "bundle.json", json.dumps(facts, indent=2, sort_keys=True) + "\n")


def _paths(top: Path, commit: str, pipeline: str) -> list[str]:
    """The pipeline's folder, and the project's own modules that its stages import."""
    lock = load_params(commits.text_at(top, commit, f"{pipeline}/dvc.lock") or "", top)
    stages = lock.get("stages")
    entries = stages.values() if isinstance(stages, dict) else ()
    read = {os.path.normpath(f"{pipeline}/{dep['path']}") for stage in entries for dep in stage.get("deps", ())}
    modules = {path for path in read if path.endswith(_CODE) and not path.startswith(f"{pipeline}/")}
    there = set(commits.files_at(top, commit, sorted(modules))) if modules else set()
    return [pipeline, *sorted(modules & there)]


def _remove_old(folder: Path) -> None:
    """Candidates of processes that are gone."""
    import psutil

    for path in folder.glob(".*-*"):
        pid = path.name[1:].partition("-")[0]
        if path.is_dir() and pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(path, ignore_errors=True)
