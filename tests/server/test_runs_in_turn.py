"""Runs of the panel in the process that is kept: what they find, cancelling, and what is left when somebody is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from nb2prod.adapters.machine import began
from nb2prod.server.jobs import Jobs

from .waiting import wait

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is kept elsewhere")

OPTIONS = {"parameters": {}, "force": False, "first": None, "last": None}
SOURCES = {
    "wait": ("parameters", "factor = 1\nseconds = 0.0"),
    "load": ("stage:load", "import time\ntime.sleep(seconds)\nvalues = [1, 2]"),
    "use": ("stage:use", "total = sum(values) * factor\nopen('total.txt', 'w').write(str(total))"),
}
_SERVER = textwrap.dedent("""
    import json, sys, time
    from pathlib import Path
    from nb2prod.server.jobs import Jobs
    root = Path(sys.argv[2])
    jobs = Jobs(Path(sys.argv[1]), root)
    print(jobs.start("run", root / "n.ipynb", "n.ipynb", root / "pipeline", json.loads(sys.argv[3])).id, flush=True)
    time.sleep(60)
""")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project with a pipeline that nobody ran."""
    from nb2prod.operations.convert import convert

    folder = tmp_path_factory.mktemp("project")
    cells = [
        {"cell_type": "code", "id": name, "metadata": {"tags": [tag]}, "execution_count": None, "outputs": []}
        | {"source": source}
        for name, (tag, source) in SOURCES.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    (folder / "n.ipynb").write_text(json.dumps(document))
    convert(folder / "n.ipynb", run=False, init=True)
    return folder


@pytest.fixture
def jobs(tmp_path, root):
    found = Jobs(tmp_path / "jobs", root)
    yield found
    found.close()


def start(jobs, root, **parameters):
    lines = [f"{name}: {value}\n" for name, value in ({"factor": 1, "seconds": 0.0} | parameters).items()]
    (root / "pipeline" / "params.yaml").write_text("".join(lines))
    return jobs.start("run", root / "n.ipynb", "n.ipynb", root / "pipeline", OPTIONS).id


def ended(jobs, name, seconds=60):
    wait(lambda: jobs.job(name).state != "running", seconds)
    return jobs.job(name)


def pid_of(jobs_folder, name):
    return json.loads((jobs_folder / name / "process.json").read_text())["pid"]


def total(root):
    return (root / "total.txt").read_text()


def test_the_second_run_is_the_same_process_and_not_the_same_result(tmp_path, jobs, root):
    first = ended(jobs, start(jobs, root, factor=2))
    assert (first.state, first.trouble, total(root)) == ("done", None, "6")
    second = ended(jobs, start(jobs, root, factor=3))
    assert (second.state, total(root)) == ("done", "9")
    assert pid_of(tmp_path / "jobs", first.id) == pid_of(tmp_path / "jobs", second.id)
    jobs.close()
    wait(lambda: began(pid_of(tmp_path / "jobs", first.id)) is None)


def test_cancelled_at_work_then_run_again(tmp_path, jobs, root):
    ended(jobs, start(jobs, root, factor=4))
    slow = start(jobs, root, factor=5, seconds=50.0)
    wait(lambda: jobs.job(slow).progress.stage == "load")
    jobs.cancel(slow)
    assert ended(jobs, slow, 20).state == "cancelled"
    again = ended(jobs, start(jobs, root, factor=6))
    assert (again.state, total(root)) == ("done", "18")
    assert pid_of(tmp_path / "jobs", again.id) != pid_of(tmp_path / "jobs", slow)


def test_cancelled_before_it_began(jobs, root):
    slow = start(jobs, root, factor=7, seconds=50.0)
    jobs.cancel(slow)
    assert ended(jobs, slow, 20).state == "cancelled"


def test_killed_at_work_it_is_lost_and_the_next_run_is_right(tmp_path, jobs, root):
    slow = start(jobs, root, factor=8, seconds=50.0)
    wait(lambda: jobs.job(slow).progress.stage == "load")
    os.kill(pid_of(tmp_path / "jobs", slow), signal.SIGKILL)
    assert ended(jobs, slow, 20).state == "lost"
    assert (ended(jobs, start(jobs, root, factor=9)).state, total(root)) == ("done", "27")


def test_the_server_is_killed_the_run_goes_on_and_nothing_stays(tmp_path, root):
    jobs = Jobs(tmp_path / "jobs", root)
    (root / "pipeline" / "params.yaml").write_text("factor: 10\nseconds: 2.0\n")
    command = [sys.executable, "-c", _SERVER, tmp_path / "jobs", root, json.dumps(OPTIONS)]
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}) as server:
        name = server.stdout.readline().strip()
        wait(lambda: jobs.job(name).progress.stage == "load")
        server.kill()
    assert jobs.job(name).state == "running"
    assert [one.id for one in Jobs(tmp_path / "jobs", root).active()] == [name]
    assert (ended(jobs, name).state, total(root)) == ("done", "30")
    wait(lambda: began(pid_of(tmp_path / "jobs", name)) is None, 20)
