"""Put the routes into a Jupyter server, and tell its windows how far jobs are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.utils import url_path_join
from tornado.ioloop import PeriodicCallback

from nb2prod.server.consoles import Consoles
from nb2prod.server.desk import Desk, Editors
from nb2prod.server.endpoint import Endpoint, Unknown
from nb2prod.server.jobs import RUNNING, Job, Jobs
from nb2prod.server.places import Places
from nb2prod.server.plainly import plainly
from nb2prod.server.routes import ROUTES

EVENT = "https://nb2prod.invalid/events/job"
_SCHEMA = {
    "$id": EVENT,
    "version": "1",
    "title": "A job of nb2prod",
    "description": "How far a job is, or how it ended.",
    "type": "object",
    "properties": {"job": {"type": "object"}},
    "required": ["job"],
}
_MILLISECONDS = 300


def load(serverapp: Any) -> None:
    """Called once by the server."""
    root = Path(serverapp.web_app.settings["server_root_dir"]).expanduser().resolve()
    hidden = bool(serverapp.contents_manager.allow_hidden)
    jobs = Jobs(Path(jupyter_runtime_dir()) / "nb2prod", root)
    desk = Desk(Places(root, hidden), Editors(), jobs, Consoles(serverapp.kernel_manager))
    executor = ThreadPoolExecutor(4, thread_name_prefix="nb2prod")
    base = url_path_join(serverapp.web_app.settings["base_url"], "nb2prod", "api")
    handlers: list[Any] = [
        (url_path_join(base, name), Endpoint, {"answers": answers, "desk": desk, "executor": executor})
        for name, answers in ROUTES.items()
    ]
    serverapp.web_app.add_handlers(".*$", [*handlers, (url_path_join(base, ".*"), Unknown)])
    serverapp.event_logger.register_event_schema(_SCHEMA)
    serverapp.web_app.settings["nb2prod_follower"] = Follower(desk.jobs, serverapp.event_logger)
    serverapp.log.info("nb2prod: the panel's server part is ready")


class Follower:
    """Looks at the jobs' files now and then, and emits what has changed."""

    def __init__(self, jobs: Jobs, logger: Any) -> None:
        self._jobs, self._logger = jobs, logger
        self._told: dict[str, Job] = {}
        self._callback = PeriodicCallback(self.look, _MILLISECONDS)
        self._callback.start()

    def look(self) -> None:
        """One look."""
        for job in self._jobs.active():
            self._jobs.press(job)
            if self._told.get(job.id) != job:
                self._told[job.id] = job
                self._logger.emit(schema_id=EVENT, data={"job": plainly(job)})
        self._told = {name: job for name, job in self._told.items() if job.state == RUNNING}
