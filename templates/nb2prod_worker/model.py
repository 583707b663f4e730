"""The model, loaded only after its bytes were seen to be the ones that are meant.

A pickle runs code when it is read: the digest is compared first, and what is unpickled are the very bytes compared.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import os
import pickle
import runpy
import sys
from pathlib import Path
from typing import Any

from nb2prod_worker.told import ModelFailed, Told


def load(job: dict[str, Any]) -> Any:
    """What answers: the function of the cell tagged `predict`, or the fitted estimator. Raises Told."""
    model = job["model"]
    artifact = None if model["function"] else model["artifact"]
    contents = {path: verified(Path(path), digests, path == artifact) for path, digests in model["digests"].items()}
    _look_in(model["tree"], model["root"])
    os.chdir(model["cwd"])
    sys.path.insert(0, model["cwd"])  # as in a stage: the notebook's own modules, then the pipeline's package
    sys.path.append(model["folder"])
    if artifact is None:
        return _function(model["function"], model["digests"])
    return unpickled(artifact, contents[artifact])


def _look_in(tree: str, root: str) -> None:
    """What is installed from the repository (an editable package) is the version's own, not today's."""
    if os.path.realpath(tree) != os.path.realpath(root):
        own_code = Path(__file__).resolve().parents[1] / "kernel" / "own_code.py"
        runpy.run_path(str(own_code))["follow"](tree, [root])


def verified(path: Path, digests: dict[str, str], keep: bool = False) -> bytes:
    """The file's bytes, if they are to be kept."""
    try:
        data = path.read_bytes() if keep else b""
        found = {method: _digest(path, method, data) for method in digests}
    except OSError as error:
        raise Told(
            f"{path} cannot be read: {error.strerror}", "`nb2prod run` makes it; `dvc pull` brings it"
        ) from error
    for method, expected in digests.items():
        if found[method] != expected:
            raise Told(
                f"{path} is not the file that was recorded: its {method.upper()} is another",
                "somebody changed it: restore it with `dvc checkout --force`, or make it anew with `nb2prod run`",
            )
    return data


def _digest(path: Path, method: str, data: bytes) -> str:
    if data:
        return hashlib.new(method, data, usedforsecurity=False).hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, method).hexdigest()


def _function(name: str, digests: dict[str, dict[str, str]]) -> Any:
    module, _, function = name.partition(":")
    try:
        loaded = importlib.import_module(module)
    except ImportError as error:
        raise Told(f"`{name}` cannot be imported: {error}", "see `model.function` in production.yaml") from error
    except Exception as error:  # whatever the user's module raises
        raise ModelFailed(f"import of {module}", f"`{module}` could not be imported: see the traceback") from error
    if not callable(getattr(loaded, function, None)):
        raise Told(f"`{module}` has no function `{function}`", "see `model.function` in production.yaml")
    for path, expected in digests.items():
        verified(Path(path), expected)  # the module read them by itself: still the same afterwards
    return getattr(loaded, function)


def unpickled(path: str, data: bytes) -> Any:
    try:
        if path.endswith(".joblib"):
            import joblib

            return joblib.load(io.BytesIO(data))
        return pickle.loads(data)
    except (ImportError, AttributeError) as error:
        raise Told(
            f"{path} needs what this interpreter does not have: {error}",
            "install the pipeline's requirements.txt in the kernel's environment",
        ) from error
    except Exception as error:  # what was pickled may raise anything, by other versions of its libraries above all
        raise ModelFailed(
            "loading", f"{path} could not be loaded: are the versions those of the pipeline's requirements.txt?"
        ) from error
