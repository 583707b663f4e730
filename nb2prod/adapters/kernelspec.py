"""Which program a kernel's name stands for."""

from __future__ import annotations

import sys

from nb2prod.adapters.warm import Interpreter


def interpreter_of(kernel: str) -> Interpreter | None:
    """How an installed Python kernel is started; None where it is another kind of kernel, or is not there."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(kernel)
    except NoSuchKernel:
        return None
    if "kernel_provisioner" in spec.metadata or "-m" not in spec.argv:
        return None
    found = Interpreter((_program(spec.argv[0]), *spec.argv[1:]), dict(spec.env))
    return found if found.is_plain_ipykernel else None


def _program(name: str) -> str:
    """As jupyter_client reads `python` in a kernelspec: the interpreter that it runs in itself."""
    own = ("python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    return sys.executable if name in own else name
