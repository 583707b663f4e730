"""What the generated files say besides the pipeline: versions, the interpreter, the project's own lock."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import nb2prod
from nb2prod.adapters.kernels import stage_file
from nb2prod.operations.observe import Observed
from nb2prod.operations.project import Project
from nb2prod.pipeline.model import Pipeline
from nb2prod.writers.project import Surroundings
from nb2prod.writers.requirements import CondaPackage, Distribution, Environment


def of(project: Project, pipeline: Pipeline, observed: Observed | None) -> Surroundings:
    """Read off this environment and the kernel's."""
    formats = {artifact.format for stage in pipeline.stages for artifact in stage.outputs}
    return Surroundings(
        stage_module=stage_file().read_text(encoding="utf-8"),
        nb2prod=nb2prod.__version__,
        papermill=version("papermill"),
        dvc=version("dvc"),
        environment=_environment(observed.environment, project.root) if observed else _unknown(),
        root_files=tuple(sorted(path.name for path in project.root.iterdir())),
        formats=tuple(sorted(formats)),
    )


def _environment(record: Mapping[str, Any], root: Path) -> Environment:
    distributions = tuple(
        Distribution(
            name=one["name"],
            version=one["version"],
            requires=tuple(one["requires"]),
            editable=bool(one["editable"]),
            # What conda installs names the folder that it was built in.
            url=None if one["conda"] else _url(one.get("direct_url")),
            conda=bool(one["conda"]),
            place=_place(one.get("direct_url"), root) if one["editable"] else None,
        )
        for one in record["distributions"]
    )
    return Environment(
        str(record["python"]),
        record["markers"],
        distributions,
        tuple(record["imported"]),
        tuple(CondaPackage(**one) for one in record["conda"]),
        tuple(record["indexes"]),
    )


def _url(direct: Mapping[str, Any] | None) -> str | None:
    """PEP 610's record as one reference."""
    if not direct:
        return None
    url, vcs = str(direct.get("url", "")), direct.get("vcs_info")
    return f"{vcs['vcs']}+{url}@{vcs['commit_id']}" if vcs else url


def _place(direct: Mapping[str, Any] | None, root: Path) -> str | None:
    """Where a project that is installed as an editable one lies in the repository, if it does."""
    parts = urlsplit(str((direct or {}).get("url", "")))
    if parts.scheme != "file":
        return None
    path = Path(url2pathname(unquote(parts.path))).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


def _unknown() -> Environment:
    """Nothing ran: the interpreter is not known, and so nothing is locked."""
    return Environment(".".join(map(str, sys.version_info[:3])), {}, (), ())
