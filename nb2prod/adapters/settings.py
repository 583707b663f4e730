"""Find and read the `[tool.nb2prod]` table that holds for a folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from nb2prod.errors import UsageError
from nb2prod.lint.settings import Settings, settings_of
from nb2prod.pipeline.attempts import Rules
from nb2prod.pipeline.profile import Profile, profile_of


@lru_cache(maxsize=256)
def settings_for(folder: Path) -> tuple[Settings, Path]:
    """The settings of the nearest pyproject.toml with such a table, and its folder; else the defaults and `folder`.

    Raises UsageError for a file that is not TOML.
    """
    table, file = _nearest(folder)
    return (Settings(), folder) if file is None else (settings_of(table, str(file)), file.parent)


def stage_rules(folder: Path) -> Rules:
    """What the same table says of the stages of the pipeline in `folder`. Raises UsageError as above."""
    table, file = _nearest(folder)
    return Rules(table.get("stages"), str(file))


def named_profile(folder: Path, name: str) -> Profile:
    """What the same table says of the profile of that name. Raises UsageError as above, and for an unknown one."""
    table, file = _nearest(folder)
    return profile_of(table.get("profiles"), name, str(file or "pyproject.toml"))


def _nearest(folder: Path) -> tuple[Mapping[str, Any], Path | None]:
    for parent in (folder, *folder.parents):
        file = parent / "pyproject.toml"
        if file.is_file() and (table := _table(file)) is not None:
            return table, file
    return {}, None


def _table(file: Path) -> Mapping[str, Any] | None:
    import tomllib

    try:
        with file.open("rb") as stream:
            document = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not valid TOML: {error}", hint="correct it") from error
    table = document.get("tool", {}).get("nb2prod")
    return table if isinstance(table, dict) else None
