"""Find and read the `[tool.nb2prod]` table that holds for a folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nb2prod.errors import UsageError
from nb2prod.lint.settings import Settings, settings_of


@lru_cache(maxsize=256)
def settings_for(folder: Path) -> tuple[Settings, Path]:
    """The settings of the nearest pyproject.toml with such a table, and its folder; else the defaults and `folder`.

    Raises UsageError for a file that is not TOML.
    """
    for parent in (folder, *folder.parents):
        file = parent / "pyproject.toml"
        if file.is_file():
            table = _table(file)
            if table is not None:
                return table, parent
    return Settings(), folder


def _table(file: Path) -> Settings | None:
    import tomllib

    try:
        with file.open("rb") as stream:
            document = tomllib.load(stream)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not valid TOML: {error}", hint="correct it") from error
    table = document.get("tool", {}).get("nb2prod")
    return settings_of(table, str(file)) if isinstance(table, dict) else None
