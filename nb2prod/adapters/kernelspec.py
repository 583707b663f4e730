"""Which program a kernel's name stands for."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from nb2prod.adapters.warm import Interpreter


def interpreter_of(kernel: str) -> Interpreter | None:
    """How an installed Python kernel is started; None where it is another kind of kernel, or is not there."""
    spec = _from_file(kernel) or _from_jupyter(kernel)
    if spec is None or "kernel_provisioner" in spec.get("metadata", {}):
        return None
    program, *rest = spec["argv"]
    found = Interpreter((_program(program), *rest), dict(spec.get("env", {})))
    return found if found.is_plain_ipykernel else None


def _from_file(kernel: str) -> dict[str, Any] | None:
    """The first `kernel.json` of that name where Jupyter looks, without importing its client."""
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("kernels"):
        path = Path(folder, kernel, "kernel.json")
        if path.is_file():
            with contextlib.suppress(ValueError, OSError):
                return dict(json.loads(path.read_text("utf-8")))
    return None


def _from_jupyter(kernel: str) -> dict[str, Any] | None:
    """What Jupyter itself makes of the name: other spellings, a kernel that is not installed as a file."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        return dict(KernelSpecManager().get_kernel_spec(kernel).to_dict())
    except NoSuchKernel:
        return None


def _program(name: str) -> str:
    """As jupyter_client reads `python` in a kernelspec: the interpreter that it runs in itself."""
    own = ("python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    return sys.executable if name in own else name
