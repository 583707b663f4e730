"""A kernel that outlives us: people attach to it afterwards."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from nb2prod.adapters.kernels import Session
from nb2prod.errors import OutsideError


@contextlib.contextmanager
def open_lasting_session(kernel: str, folder: Path, connection: Path) -> Iterator[tuple[Session, int]]:
    """Start a kernel in `folder`, with its connection in that file; (session, process id).

    At the block's end we only hang up: the kernel goes on, except after an error of ours. Raises OutsideError.
    """
    import nbformat
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_core.utils import run_sync
    from nbclient import NotebookClient

    manager = AsyncKernelManager(kernel_name=kernel, connection_file=str(connection))
    client = NotebookClient(nbformat.v4.new_notebook(), km=manager, timeout=None, startup_timeout=60)
    options = {"cwd": str(folder), "env": {**os.environ}, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with contextlib.ExitStack() as failed:
        try:
            with client.setup_kernel(independent=True, **options):
                failed.callback(lambda: run_sync(manager.shutdown_kernel)(now=True))
                yield Session(client, connection.parent), int(getattr(manager.provisioner, "pid", None) or 0)
        except NoSuchKernel as error:
            raise OutsideError(f"there is no kernel `{kernel}` here", hint="install it, or convert again") from error
        except RuntimeError as error:
            raise OutsideError(f"kernel `{kernel}` did not start: {error}", hint="start it once in Jupyter") from error
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
        failed.pop_all()
        manager._connection_file_written = False  # or it would remove the file with itself
