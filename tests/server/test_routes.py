"""Every route: what it answers, what it refuses, and how."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import sys
import time

import pytest

from nb2prod.server.routes import ROUTES
from tests.server.conftest import NOTEBOOK

EVERY = [(method, route) for route, answers in ROUTES.items() for method in answers]
# `ready` wants no more than a path: what stands beside it is nobody's mistake.
WITH_A_BODY = [one for one in EVERY if one[0] in ("POST", "PUT") and one[1] != "ready"]
ABOUT_A_FILE = [one for one in EVERY if one[1] not in ("about", "rules") and one != ("DELETE", "jobs")]


def document(**sources):
    found = copy.deepcopy(NOTEBOOK)
    for cell in found["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    return found


def about(notebook=None, **more):
    return {"path": "churn.ipynb", "client": "one", "notebook": notebook or NOTEBOOK, **more}


@pytest.mark.parametrize(("method", "route"), EVERY)
async def test_every_route_refuses_without_a_token(ask, method, route):
    status, _ = await ask(method, route, {} if method in ("POST", "PUT") else None, {"Authorization": ""})
    assert status == 403


@pytest.mark.parametrize(
    "path", ["../outside.ipynb", "a/../../etc/passwd", "link.ipynb", ".ssh/key.ipynb", "a\0b", "x" * 5000]
)
@pytest.mark.parametrize(("method", "route"), ABOUT_A_FILE)
async def test_no_route_leaves_the_root(ask, root, method, route, path):
    if not (root / "link.ipynb").is_symlink():
        (root / "link.ipynb").symlink_to("/etc/passwd")
    if method in ("POST", "PUT"):
        status, answer = await ask(method, route, about() | {"path": path, "verb": "convert"})
    elif "\0" in path:
        return
    else:
        status, answer = await ask(method, route, path=path)
    assert status in (400, 403, 404), answer
    assert answer["message"]
    assert "root:" not in json.dumps(answer)


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "no JSON", '{"path": 3}', '{"path": "churn.ipynb", "notebook": []}', "[" * 100000]
)
@pytest.mark.parametrize(("method", "route"), WITH_A_BODY)
async def test_a_malformed_body_is_the_callers_mistake(ask, method, route, body):
    status, answer = await ask(method, route, body)
    assert 400 <= status < 500, answer
    assert answer["message"] and answer["hint"]


async def test_a_body_that_is_too_long_is_refused_before_it_is_read(ask, monkeypatch):
    monkeypatch.setattr("nb2prod.server.endpoint.MOST_BYTES", 1000)
    status, answer = await ask("POST", "check", about(document(load="x" * 2000)))
    assert status == 413 and "clear the largest outputs" in answer["message"]


async def test_a_foreign_page_cannot_post(ask, jp_serverapp, http_server_client, jp_base_url):
    """No token, only a cookie's trust: XSRF protection must hold."""
    url = f"{jp_base_url}nb2prod/api/check"
    found = await http_server_client.fetch(url, method="POST", body="{}", raise_error=False)
    assert found.code == 403


async def test_unknown_routes_and_methods_are_told_apart(ask):
    assert (await ask("GET", "nothing"))[0] == 404
    assert (await ask("DELETE", "about"))[0] == 405


async def test_about_says_what_can_be_done(ask):
    status, answer = await ask("GET", "about")
    assert status == 200 and {"check", "convert", "run", "verify"} <= set(answer["verbs"])


async def test_check_tells_what_the_unsaved_document_has(ask):
    status, answer = await ask("POST", "check", about())
    found = {(one["code"], one["cell_id"]) for one in answer["diagnostics"]}
    assert status == 200 and {("NB104", "use"), ("NB201", "load")} <= found
    _, answer = await ask("POST", "check", about(document(use="total = values.sum()")))
    assert "NB104" not in {one["code"] for one in answer["diagnostics"]}


async def test_outputs_may_be_left_out_when_they_are_known(ask):
    short = document()
    for cell in short["cells"]:
        cell.pop("outputs", None)
    status, answer = await ask("POST", "check", about(short))
    assert (status, answer["kind"]) == (409, "OutputsNeeded")
    await ask("POST", "check", about())
    assert (await ask("POST", "check", about(short)))[0] == 200


async def test_a_fix_is_shown_and_nothing_is_written(ask, root):
    before = (root / "churn.ipynb").read_bytes()
    notebook = document(use="total = values.sum()\nprint(np.random.rand())")
    _, found = await ask("POST", "check", about(notebook))
    one = next(one for one in found["diagnostics"] if one["fix"])
    place = {name: one[name] for name in ("code", "cell_id", "line", "column")}
    status, answer = await ask("POST", "fix", about(notebook, **place))
    assert status == 200 and answer["diff"] and answer["cells"]
    assert (root / "churn.ipynb").read_bytes() == before
    status, answer = await ask("POST", "fix", about(notebook, **place | {"line": 99}))
    assert status == 409


async def test_ignore_is_a_comment_that_changes_no_code(ask):
    asked = {"path": "churn.ipynb", "code": "NB201", "kind": "code", "line": 2, "reason": "a\ndemo"}
    _, answer = await ask("POST", "ignore", asked | {"source": "a = 1\nb = 2"})
    assert answer["source"] == "a = 1\nb = 2  # nb2prod: ignore[NB201] a demo"
    _, answer = await ask("POST", "ignore", asked | {"source": 'a = """\ntext\n"""'})
    assert answer["source"].startswith("# nb2prod: ignore[NB201] a demo\n")
    _, answer = await ask("POST", "ignore", asked | {"source": "a = 1\nb = 2  # nb2prod: ignore[NB104] x"})
    assert answer["source"] == "a = 1\nb = 2  # nb2prod: ignore[NB104, NB201] x"
    assert (await ask("POST", "ignore", asked | {"source": "a", "code": "NB999"}))[0] == 400


async def test_a_rule_is_ignored_in_the_projects_settings(ask, root):
    (root / "pyproject.toml").write_text("# kept\n[tool.other]\na = 1\n")
    await ask("POST", "ignore", {"path": "churn.ipynb", "code": "NB104", "everywhere": True})
    text = (root / "pyproject.toml").read_text()
    assert text.startswith("# kept\n") and 'ignore = ["NB104"]' in text
    _, answer = await ask("POST", "check", about())
    assert "NB104" not in {one["code"] for one in answer["diagnostics"]}


async def test_the_page_of_a_rule(ask):
    _, answer = await ask("GET", "rules", code="NB104")
    assert answer["rules"][0]["name"] == "undefined-on-restart"
    assert (await ask("GET", "rules", code="NB000"))[0] == 400


async def test_stages_as_tagged_proposed_and_contradicted(ask):
    _, answer = await ask("POST", "stages", about())
    assert [one["name"] for one in answer["cutting"]["stages"]] == ["load", "use"]
    bare = document()
    for cell in bare["cells"]:
        cell["metadata"] = {}
    _, answer = await ask("POST", "stages", about(bare))
    assert answer["cutting"]["proposed"] and answer["cutting"]["stages"][0]["why"]
    assert not any(one["is_report"] for one in answer["cutting"]["stages"])
    bare["cells"][1]["metadata"] = {"tags": ["stage:a", "stage:b"]}
    _, answer = await ask("POST", "stages", about(bare))
    assert "two stage tags" in answer["cutting"]["problem"]


async def test_a_notebook_without_a_pipeline(ask):
    status, answer = await ask("GET", "pipeline", path="churn.ipynb")
    assert status == 200 and not answer["pipeline"]["exists"]
    for method, route in (("GET", "log"), ("GET", "status")):
        status, answer = await ask(method, route, path="churn.ipynb", stage="load")
        assert status in (400, 409, 501), (route, answer)
    status, answer = await ask("GET", "contract", path="churn.ipynb")
    assert (status, answer["questions"]) == (200, [])


async def ended(ask, name, seconds=90):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _, answer = await ask("GET", "jobs", path="churn.ipynb")
        job = next(one for one in answer["jobs"] if one["id"] == name)
        if job["state"] != "running":
            return job
        await asyncio.sleep(0.2)
    raise AssertionError(job)


async def test_convert_without_running_then_parameters_log_and_contract(ask, root):
    notebook = document(load="values = [1, 2]", use="total = sum(values) * factor")
    notebook["cells"].insert(
        1,
        copy.deepcopy(notebook["cells"][1]) | {"id": "p", "source": "factor = 2", "metadata": {"tags": ["parameters"]}},
    )
    (root / "churn.ipynb").write_text(json.dumps(notebook))
    status, answer = await ask("POST", "jobs", {"path": "churn.ipynb", "verb": "convert", "options": {"no_run": True}})
    assert status == 200, answer
    job = await ended(ask, answer["job"]["id"])
    assert job["state"] == "done" and job["result"]["verdict"] == "unverified", job
    _, answer = await ask("GET", "pipeline", path="churn.ipynb")
    found = answer["pipeline"]
    assert [one["name"] for one in found["stages"]] == ["load", "use"]
    assert found["stages"][0]["outputs"][0]["needed_by"] == ["use"]
    assert found["parameters"] == [{"name": "factor", "value": 2, "type": "integer", "stages": ["use"]}]
    status, answer = await ask("PUT", "parameters", {"path": "churn.ipynb", "values": {"factor": 3}})
    assert answer["pipeline"]["parameters"][0]["value"] == 3
    assert (await ask("PUT", "parameters", {"path": "churn.ipynb", "values": {"factor": "x"}}))[0] == 400
    assert (await ask("PUT", "parameters", {"path": "churn.ipynb", "values": {"other": 1}}))[0] == 400
    _, answer = await ask("GET", "contract", path="churn.ipynb")
    assert answer["questions"] and not answer["exists"]
    given = {"owner.name": "team-d", "personal_data.present": "false", "gate.slices": "[a, b]"}
    _, answer = await ask("PUT", "contract", {"path": "churn.ipynb", "answers": given})
    answers = {one["key"]: one["answer"] for one in answer["questions"]}
    assert [answers[key] for key in given] == ["team-d", "false", '["a", "b"]']
    for wrong in ({"a b": "1"}, {"owner.name": 1}, {"personal_data.present": "maybe"}):
        assert (await ask("PUT", "contract", {"path": "churn.ipynb", "answers": wrong}))[0] == 400
    status, answer = await ask("POST", "ready", {"path": "churn.ipynb", "level": "0"})
    assert status == 200 and {one["status"] for one in answer["criteria"]} <= {"met", "not_met", "unknown"}
    status, answer = await ask("GET", "status", path="churn.ipynb")
    assert status == 200 or answer["hint"], answer
    assert (await ask("GET", "log", path="churn.ipynb", stage="load"))[0] == 409


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("nothing", {}),
        ("convert", {"outside": 1}),
        ("convert", {"budget": -1}),
        ("convert", {"no_run": "yes"}),
        ("run", {"from": "--force"}),
        ("debug", {}),
        ("debug", {"stage": "--at"}),
        ("deploy", {"version": "--shadow"}),
        ("rollback", {"environment": "a b"}),
    ],
)
async def test_options_that_no_verb_has_start_nothing(ask, verb, options):
    status, answer = await ask("POST", "jobs", {"path": "churn.ipynb", "verb": verb, "options": options})
    assert status in (400, 409, 501), answer
    assert (await ask("GET", "jobs"))[1]["jobs"] == []


async def test_a_job_can_be_cancelled_and_is_alone_on_its_notebook(ask, root):
    slow = document(load="import time\ntime.sleep(60)\nvalues = 1", use="total = values")
    (root / "churn.ipynb").write_text(json.dumps(slow))
    asked = {"path": "churn.ipynb", "verb": "convert", "options": {}}
    _, answer = await ask("POST", "jobs", asked)
    name = answer["job"]["id"]
    assert (await ask("POST", "jobs", asked))[0] == 409
    await asyncio.sleep(2)
    await ask("DELETE", "jobs", id=name)
    job = await ended(ask, name, 30)
    assert job["state"] == "cancelled"
    assert not (root / "pipeline").exists()
    assert (await ask("DELETE", "jobs", id="../../etc"))[0] == 400


async def test_a_cell_that_raises_is_named(ask, root):
    (root / "churn.ipynb").write_text(json.dumps(document(load="values = 1 / 0", use="total = values")))
    _, answer = await ask("POST", "jobs", {"path": "churn.ipynb", "verb": "convert", "options": {}})
    job = await ended(ask, answer["job"]["id"])
    assert (job["state"], job["trouble"]["cell"]) == ("failed", "load"), job


async def test_an_ended_process_that_said_nothing_is_lost_not_running(ask, root, jp_serverapp, tmp_path):
    from nb2prod.server.jobs import Jobs

    jobs = Jobs(tmp_path / "jobs", root)
    folder = tmp_path / "jobs" / "1-a"
    folder.mkdir(parents=True)
    order = {"verb": "run", "root": str(root), "path": "churn.ipynb", "began": 1.0}
    (folder / "job.json").write_text(json.dumps(order))
    (folder / "process.json").write_text(json.dumps({"pid": os.getpid(), "created": 1.0}))
    (folder / "output.txt").write_text("Killed\n")
    assert jobs.job("1-a").state == "lost" and "Killed" in jobs.job("1-a").trouble.message
    # A new server takes a process that lives for what it is.
    import psutil

    (folder / "process.json").write_text(json.dumps({"pid": os.getpid(), "created": psutil.Process().create_time()}))
    assert [one.id for one in Jobs(tmp_path / "jobs", root).active()] == ["1-a"]


def test_a_job_that_was_just_ordered_is_not_lost(root, tmp_path):
    """A second window may ask before the process has said who it is; a server may die before it wrote that down."""
    from nb2prod.server.jobs import Jobs

    jobs = Jobs(tmp_path / "jobs", root)
    folder = tmp_path / "jobs" / "1-a"
    folder.mkdir(parents=True)
    for began, process, state in (
        (time.time(), None, "running"),
        (time.time() - 60, None, "lost"),
        (time.time(), {"pid": 2**22, "created": None}, "lost"),
    ):
        order = {"verb": "run", "root": str(root), "path": "churn.ipynb", "began": began}
        (folder / "job.json").write_text(json.dumps(order))
        if process:
            (folder / "process.json").write_text(json.dumps(process))
        assert jobs.job("1-a").state == state, (began, process)


async def test_progress_is_pushed_as_an_event(ask, root, jp_ws_fetch):
    socket = await jp_ws_fetch("api", "events", "subscribe")
    (root / "churn.ipynb").write_text(json.dumps(document(load="values = 1", use="total = values")))
    await ask("POST", "jobs", {"path": "churn.ipynb", "verb": "convert", "options": {"no_run": True}})
    states = []
    while "done" not in states:
        event = json.loads(await asyncio.wait_for(socket.read_message(), 60))
        if "job" in event:
            states.append(event["job"]["state"])
    socket.close()


HOSTILE = "<img src=x onerror=alert(1)>\x1b]0;title\x07\x1b[31m${7*7}{{x}}"


async def test_a_hostile_notebook_is_data(ask, root):
    notebook = document(
        load=f"x = '''{HOSTILE}'''\nopen('/home/{HOSTILE[:9]}/a.csv')", use=f"print(undefined)  # {HOSTILE}"
    )
    notebook["cells"][1]["metadata"]["tags"] = [HOSTILE]
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "A" * 5_000_000}]
    notebook["metadata"]["kernelspec"]["name"] = HOSTILE
    for route in ("check", "stages"):
        status, answer = await ask("POST", route, about(notebook))
        assert status == 200, answer
    (root / "churn.ipynb").write_text(json.dumps(notebook))
    status, answer = await ask("GET", "pipeline", path="churn.ipynb")
    assert status == 200
    _, answer = await ask("POST", "jobs", {"path": "churn.ipynb", "verb": "convert", "options": {}})
    job = await ended(ask, answer["job"]["id"])
    assert job["state"] == "failed"


async def test_large_outputs_take_little_of_the_server(ask, root):
    """What a window sends is cut already; what comes whole is cut here. A file of 50 MB is read, never linted, here."""
    import resource

    line = "epoch 12 loss 0.4321 token=abc /home/me/data.csv someone@example.org\n"
    text = line * (30_000_000 // len(line))
    notebook = document()
    for outputs in (
        [{"output_type": "stream", "name": "stdout", "text": text}],
        [{"output_type": "display_data", "metadata": {}, "data": {"text/html": text[:15_000_000]}}],
        [{"output_type": "display_data", "metadata": {}, "data": {"application/json": [[line, 1.5]] * 300_000}}],
    ):
        notebook["cells"][1]["outputs"] = outputs
        before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        status, answer = await ask("POST", "check", about(notebook))
        assert status == 200 and answer["diagnostics"], answer
        assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 3
    (root / "churn.ipynb").write_text(json.dumps(document() | {"metadata": {"large": text + text[:20_000_000]}}))
    assert (await ask("GET", "pipeline", path="churn.ipynb"))[0] == 200


async def test_a_deeply_nested_or_odd_document_is_no_server_error(ask):
    for cells in (
        [{}],
        [{"cell_type": "code", "outputs": {"a": 1}, "id": ["x"], "source": {"a": 1}}],
        [3],
        "text",
        None,
    ):
        for route in ("check", "stages", "fix"):
            status, answer = await ask(
                "POST", route, about({"cells": cells}, code="NB104", cell_id="a", line=1, column=0)
            )
            assert status < 500, (route, cells, answer)


def test_importing_the_extension_loads_nothing_heavy():
    import subprocess

    code = "import sys, nb2prod.server; print([m for m in ('dvc', 'papermill', 'tornado') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"
    )
