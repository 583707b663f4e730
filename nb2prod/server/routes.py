"""The addresses under `/nb2prod/api/`: method → function."""

from __future__ import annotations

from collections.abc import Mapping

from nb2prod.server import contract, notebooks, pipelines, production
from nb2prod.server.endpoint import Answer

ROUTES: Mapping[str, Mapping[str, Answer]] = {
    "about": {"GET": pipelines.about},
    "check": {"POST": notebooks.check},
    "fix": {"POST": notebooks.fix},
    "ignore": {"POST": notebooks.ignore},
    "rules": {"GET": notebooks.rules},
    "stages": {"POST": notebooks.stages},
    "pipeline": {"GET": pipelines.pipeline},
    "parameters": {"PUT": pipelines.parameters},
    "log": {"GET": pipelines.log},
    "jobs": {"GET": pipelines.jobs, "POST": pipelines.start, "DELETE": pipelines.cancel},
    "console": {"POST": pipelines.console},
    "ready": {"POST": production.ready},
    "status": {"GET": production.status},
    "history": {"GET": production.history},
    "trace": {"GET": production.trace},
    "contract": {"GET": contract.read, "PUT": contract.write},
}
