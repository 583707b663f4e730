"""nb2prod: a tagged notebook becomes a verified papermill/DVC pipeline.

The verbs of the command line are functions here, loaded when they are first used:
`check`, `rule`, `convert`, `run`, `stage`, `debug`, `verify`, `tag`, `demo`; `ready`, `release`, `deploy`, `rollback`,
`status`, `history`, `trace`; `predict`, `erase`, `probe`. They return records and raise
`nb2prod.errors.Nb2prodError`. `widget` shows what the panel of JupyterLab shows.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nb2prod.operations.check import check
    from nb2prod.operations.convert import convert
    from nb2prod.operations.debug import debug
    from nb2prod.operations.demo import demo
    from nb2prod.operations.deploy import deploy
    from nb2prod.operations.erase import erase
    from nb2prod.operations.history import history
    from nb2prod.operations.predict import predict
    from nb2prod.operations.probe import probe
    from nb2prod.operations.ready import ready
    from nb2prod.operations.release import release
    from nb2prod.operations.rollback import rollback
    from nb2prod.operations.rule import rule
    from nb2prod.operations.run import run
    from nb2prod.operations.stage import stage
    from nb2prod.operations.status import status
    from nb2prod.operations.tag import tag
    from nb2prod.operations.trace import trace
    from nb2prod.operations.verify import verify

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "check",
    "convert",
    "debug",
    "demo",
    "deploy",
    "erase",
    "history",
    "predict",
    "probe",
    "ready",
    "release",
    "rollback",
    "rule",
    "run",
    "stage",
    "status",
    "tag",
    "trace",
    "verify",
    "widget",
]

_VERBS = tuple(name for name in __all__ if name != "__version__")


class _Package(ModuleType):
    """`nb2prod.release` is the verb, also after the subpackage of that name was imported: that one is found by path."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _VERBS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"module `nb2prod` has no attribute `{name}`")
    from importlib import import_module

    home = "widgets.widget" if name == "widget" else f"operations.{name}"
    return getattr(import_module(f"nb2prod.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_VERBS])
