"""Which model predicts: the one that is named, the environment's champion, or the working tree."""

from __future__ import annotations

from pathlib import Path

from nb2prod.adapters.schema_file import read_schema
from nb2prod.errors import UsageError
from nb2prod.operations.served import Served, working_tree


def served_by(folder: Path, model: str | None, environment: str | None, unreleased: bool) -> tuple[Served, str]:
    """(what predicts, the role that it plays). Raises UsageError where no version is deployed, and for a clash."""
    if unreleased:
        if model and "@" in model:
            raise UsageError("--unreleased and a version exclude each other", hint="leave one of them out")
        served = working_tree(folder)
        if read_schema(served.folder, served.contract.validation.schema) is None:
            from nb2prod.operations.schema import infer_schema

            infer_schema(served.folder)
        return served, "champion"
    raise UsageError("no version is released", hint="`nb2prod release`, then `nb2prod deploy`; or --unreleased")
