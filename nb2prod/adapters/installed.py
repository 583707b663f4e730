"""Which versions an interpreter has installed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence

from nb2prod.errors import OutsideError

_LIST = """
import importlib.metadata, json, platform
found = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions() if one.metadata["Name"]}
print(json.dumps({"python": platform.python_version(), "versions": found}))
"""


def installed(python: Sequence[str]) -> tuple[str, dict[str, str]]:
    """(Python's version, version by normalised name) of an interpreter. Raises OutsideError where it does not start."""
    from packaging.utils import canonicalize_name

    try:
        done = subprocess.run([*python, "-c", _LIST], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise OutsideError(f"{python[0]} does not start: {error}", hint="install the notebook's kernel anew") from error
    said = json.loads(done.stdout)
    return str(said["python"]), {canonicalize_name(name): str(version) for name, version in said["versions"].items()}
