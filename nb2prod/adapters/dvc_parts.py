"""The parts of DVC that `reproduction` calls or replaces, as they were tested. They are not DVC's public API.

Where a version of DVC has other ones, `nb2prod run` leaves everything to `dvc repro`.
"""

from __future__ import annotations

import importlib
import inspect

# Where it is: "module name" or "module Class.name"; and the parameters that it must have, in this order.
_PARTS = {
    "dvc.stage.run cmd_run": ("stage", "dry", "run_env"),
    "dvc.stage.run prepare_kwargs": ("stage", "run_env"),
    "dvc.stage.run _run": ("executable", "cmd"),
    "dvc.stage.run _enforce_cmd_list": ("cmd",),
    "dvc.stage.run get_executable": (),
    "dvc.dvcfile modify_yaml": ("path", "fs"),
    "dvc.repo.reproduce collect_stages": ("repo", "targets"),
    "dvc.repo.reproduce get_active_graph": ("graph",),
    "dvc.repo.reproduce plan_repro": ("graph", "stages"),
    "dvc.stage.serialize to_lockfile": ("stage",),
    "dvc.utils.serialize load_yaml": ("path",),
    "dvc.stage Stage.reproduce": ("self", "interactive"),
    "dvc.stage Stage.dump": ("self",),
    "dvc.stage Stage.remove_outs": ("self", "ignore_remove", "force"),
    "dvc.repo Repo.status": ("self", "targets"),
    "dvc.repo Repo._reset": ("self",),
    "dvc.repo Repo.close": ("self",),
}


def missing_part() -> str:
    """The first part that this DVC does not have as it was tested; "" where it has them all."""
    return next((place for place, parameters in _PARTS.items() if not _has(place, parameters)), "")


def _has(place: str, parameters: tuple[str, ...]) -> bool:
    module, _, name = place.partition(" ")
    try:
        found = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        names = tuple(inspect.signature(found).parameters)  # type: ignore[arg-type]  # whatever it is
    except (ImportError, AttributeError, TypeError, ValueError):
        return False
    return names[: len(parameters)] == parameters
