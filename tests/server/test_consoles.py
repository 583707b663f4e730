"""The kernel of an opened stage among the server's: listed, talked to, shut down, and forgotten when it has ended."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from jupyter_client import KernelManager
from jupyter_core.paths import jupyter_runtime_dir

from nb2prod.adapters.machine import began


@pytest.fixture
def kernel(tmp_path):
    """A kernel that somebody else started."""
    manager = KernelManager(kernel_name="python3", connection_file=str(tmp_path / "kernel.json"))
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture
def job(kernel, root, tmp_path):
    """The job that opened a stage, as its files tell it; its id."""
    from pathlib import Path

    folder = Path(jupyter_runtime_dir()) / "nb2prod" / "1-a"
    folder.mkdir(parents=True)
    order = {"verb": "debug", "root": str(root.resolve()), "path": "churn.ipynb", "began": 1.0}
    opened = {"stage": "use", "connection": kernel.connection_file, "process": kernel.provisioner.pid}
    (folder / "job.json").write_text(json.dumps(order))
    (folder / "result.json").write_text(json.dumps({"state": "done", "result": opened, "ended": 2.0}))
    return "1-a"


async def listed(jp_fetch):
    return [one["id"] for one in json.loads((await jp_fetch("api", "kernels")).body)]


async def until(is_so, seconds=20):
    end = time.monotonic() + seconds
    while not await is_so():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


async def test_it_is_listed_until_it_ends(ask, jp_fetch, kernel, job):
    assert await listed(jp_fetch) == []
    status, answer = await ask("POST", "console", {"id": job})
    assert status == 200, answer
    name = answer["kernel"]
    assert await listed(jp_fetch) == [name]
    assert (await ask("POST", "console", {"id": job}))[1]["kernel"] == name
    assert await listed(jp_fetch) == [name]
    kernel.shutdown_kernel(now=True)

    async def is_gone():
        return await listed(jp_fetch) == []

    await until(is_gone)
    status, answer = await ask("POST", "console", {"id": job})
    assert (status, answer["message"]) == (409, "the kernel has ended")


async def test_it_answers(ask, jp_ws_fetch, kernel, job):
    client = kernel.client()
    client.start_channels()
    client.wait_for_ready(60)
    client.execute_interactive("value = 20", timeout=60)
    client.stop_channels()
    _, answer = await ask("POST", "console", {"id": job})
    socket = await jp_ws_fetch("api", "kernels", answer["kernel"], "channels")
    header = {"msg_id": "1", "msg_type": "execute_request", "session": "s", "username": "u", "version": "5.3"}
    content = {"code": "value + 1", "silent": False, "store_history": True, "user_expressions": {}}
    asked = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await socket.write_message(json.dumps(asked))
    told = {}
    while told.get("msg_type") != "execute_result":
        told = json.loads(await asyncio.wait_for(socket.read_message(), 30))
    assert told["content"]["data"]["text/plain"] == "21"
    socket.close()


async def test_shut_down_in_the_browser_it_ends(ask, jp_fetch, kernel, job):
    _, answer = await ask("POST", "console", {"id": job})
    number = kernel.provisioner.pid
    await jp_fetch("api", "kernels", answer["kernel"], method="DELETE")

    async def has_ended():
        return began(number) is None

    await until(has_ended)
    assert await listed(jp_fetch) == []


async def test_another_job_has_no_kernel(ask, root):
    assert (await ask("POST", "console", {"id": "1-b"}))[0] == 400
    assert (await ask("POST", "console", {"id": "../1-a"}))[0] == 400
