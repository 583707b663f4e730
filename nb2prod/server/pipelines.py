"""Routes about a notebook's pipeline, and the jobs that make, run, compare and release it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nb2prod
from nb2prod.adapters.verbs import expect_verb
from nb2prod.errors import Refused, UsageError
from nb2prod.notebook.tags import STAGE_NAME
from nb2prod.operations.overview import overview, pipeline_of, set_parameters, stage_log
from nb2prod.plain_text import plain
from nb2prod.server.desk import Call, Desk
from nb2prod.server.production import name_in, word
from nb2prod.server.wire import About, ConsoleAnswer, JobAnswer, JobsAnswer, PipelineAnswer

_OFFERED = (
    *("check", "convert", "run", "verify", "debug"),
    *("ready", "release", "deploy", "rollback", "status", "history", "trace"),
)


def about(desk: Desk, call: Call) -> About:
    """What is installed here."""
    import sys

    verbs = tuple(verb for verb in _OFFERED if find_spec(f"nb2prod.operations.{verb}"))
    return About(nb2prod.__version__, verbs, sys.executable)


def pipeline(desk: Desk, call: Call) -> PipelineAnswer:
    """The pipeline as its files tell it."""
    return _shown(desk, overview(_notebook(desk, call)))


def parameters(desk: Desk, call: Call) -> PipelineAnswer:
    """Write `params.yaml`."""
    return _shown(desk, set_parameters(_notebook(desk, call), call.mapping("values")))


def log(desk: Desk, call: Call) -> dict[str, str]:
    """What a stage's last run said."""
    return {"text": plain(stage_log(_notebook(desk, call), call.text("stage")))}


def _notebook(desk: Desk, call: Call) -> Path:
    notebook = desk.places.file(call.text("path"))
    desk.places.confined(pipeline_of(notebook))
    return notebook


def _shown(desk: Desk, found: Any) -> PipelineAnswer:
    return PipelineAnswer(found, desk.places.name(found.folder))


def jobs(desk: Desk, call: Call) -> JobsAnswer:
    """All jobs, or those of one notebook."""
    path = call.arguments.get("path")
    return JobsAnswer(desk.jobs.listed(desk.places.name(desk.places.path(path)) if path is not None else None))


def start(desk: Desk, call: Call) -> JobAnswer:
    """Begin a job. The options are those of the verb, by name."""
    verb = call.text("verb")
    if verb not in _JOBS:
        raise UsageError(f"there is no job “{plain(verb)[:40]}”", hint=f"there are {', '.join(_JOBS)}")
    expect_verb(verb)
    notebook = _notebook(desk, call)
    folder = pipeline_of(notebook)
    target, options = _JOBS[verb](notebook, folder, _Options(call.mapping("options")))
    return JobAnswer(desk.jobs.start(verb, notebook, desk.places.name(notebook), target, options))


def cancel(desk: Desk, call: Call) -> JobAnswer:
    """Stop a job."""
    return JobAnswer(desk.jobs.cancel(call.text("id")))


def console(desk: Desk, call: Call) -> ConsoleAnswer:
    """The kernel of a stage that was opened, as one of the server's. Raises Refused where it has ended."""
    job = desk.jobs.job(call.text("id"))
    if job.verb != "debug" or not job.result:
        raise Refused("this job opened no stage", hint="debug a stage first")
    return ConsoleAnswer(desk.consoles.open(job.result))


class _Options:
    """What a request asks of a verb; an option that no verb has is a mistake."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = dict(given)

    def flag(self, name: str) -> bool:
        """A truth value, false where it is not given."""
        return self._take(name, bool, False) is True

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return str(self._take(name, str, default))

    def seconds(self, name: str) -> float | None:
        """A length of time; None where it is not given."""
        value = self._given.pop(name, None)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e7):
            raise UsageError(f"`{name}` is no number of seconds", hint="send a positive number")
        return None if value is None else float(value)

    def mapping(self, name: str) -> dict[str, Any]:
        """Names and values."""
        found = self._take(name, dict, {})
        return dict(found)

    def stage(self, name: str) -> str | None:
        """The name of a stage; None where it is not given."""
        found = self.text(name)
        if found and not STAGE_NAME.match(found):
            raise UsageError(f"`{name}` is no stage's name", hint="choose one of the pipeline's")
        return found or None

    def _take(self, name: str, kind: type, default: Any) -> Any:
        value = self._given.pop(name, default)
        if not isinstance(value, kind):
            raise UsageError(f"the option `{name}` is not what it should be", hint=f"send a {kind.__name__}")
        return value

    def expect_no_more(self) -> None:
        """Raises UsageError for what nobody took."""
        if self._given:
            raise UsageError(f"there is no option “{plain(next(iter(self._given)))[:40]}”", hint="leave it out")


_Asked = tuple[Path, dict[str, Any]]


def _convert(notebook: Path, folder: Path, options: _Options) -> _Asked:
    asked: dict[str, Any] = {
        "out": str(folder),
        "run": not options.flag("no_run"),
        "init": options.flag("init"),
        "overwrite": options.flag("overwrite"),
        "budget": options.seconds("budget"),
    }
    options.expect_no_more()
    return notebook, asked


def _run(notebook: Path, folder: Path, options: _Options) -> _Asked:
    asked: dict[str, Any] = {
        "parameters": options.mapping("parameters"),
        "force": options.flag("force"),
        "first": options.stage("from"),
        "last": options.stage("to"),
    }
    options.expect_no_more()
    return _existing(folder), asked


def _verify(notebook: Path, folder: Path, options: _Options) -> _Asked:
    options.expect_no_more()
    return _existing(folder), {}


def _check(notebook: Path, folder: Path, options: _Options) -> _Asked:
    asked = {"network": options.flag("network"), "seconds": options.seconds("seconds") or 600.0}
    options.expect_no_more()
    return notebook, asked


def _release(notebook: Path, folder: Path, options: _Options) -> _Asked:
    options.expect_no_more()
    return _existing(folder), {"arguments": ["release"]}


def _deploy(notebook: Path, folder: Path, options: _Options) -> _Asked:
    version, environment = word(options.text("version"), "version"), _environment(options)
    more = ["--shadow"] if options.flag("shadow") else []
    options.expect_no_more()
    version = version if "@" in version else f"{name_in(_existing(folder))}@{version}"
    return _existing(folder), {"arguments": ["deploy", version, "--env", environment, *more]}


def _rollback(notebook: Path, folder: Path, options: _Options) -> _Asked:
    arguments = ["rollback", name_in(_existing(folder)), "--env", _environment(options)]
    if version := options.text("to"):
        arguments += ["--to", word(version, "version")]
    if because := options.text("because").strip():
        arguments += [f"--because={plain(because)[:500]}"]
    options.expect_no_more()
    return _existing(folder), {"arguments": arguments}


def _debug(notebook: Path, folder: Path, options: _Options) -> _Asked:
    stage = options.stage("stage")
    options.expect_no_more()
    if stage is None:
        raise UsageError("no stage was named", hint="choose one of the pipeline's")
    return _existing(folder), {"stage": stage}


def _environment(options: _Options) -> str:
    return word(options.text("environment", "production"), "environment")


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise Refused("there is no pipeline yet", hint="convert the notebook first")
    return folder


_JOBS: Mapping[str, Callable[[Path, Path, _Options], _Asked]] = {
    "convert": _convert,
    "run": _run,
    "verify": _verify,
    "check": _check,
    "debug": _debug,
    "release": _release,
    "deploy": _deploy,
    "rollback": _rollback,
}
