"""Routes about `production.yaml`: what only people know, written where the pipeline keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text, write_text
from nb2prod.errors import UsageError
from nb2prod.server.desk import Call, Desk
from nb2prod.server.production import pipeline_folder

_MOST_TEXT = 5000
FILE = "production.yaml"


def read(desk: Desk, call: Call) -> dict[str, Any]:
    """What the file says; nothing where there is no file."""
    folder = pipeline_folder(desk, call)
    return {"file": desk.places.name(folder / FILE), "contract": _document(folder)}


def write(desk: Desk, call: Call) -> dict[str, Any]:
    """Write answers (`owner.name` → text, null for an open question); comments and everything else stay."""
    folder = pipeline_folder(desk, call)
    document = _document(folder)
    document.setdefault("version", 1)
    for key, value in call.mapping("answers").items():
        _put(document, key, _checked(key, value))
    text = StringIO()
    _yaml().dump(document, text)
    write_text(folder / FILE, text.getvalue())
    return read(desk, call)


def _put(document: dict[str, Any], key: str, value: Any) -> None:
    *sections, last = key.split(".")
    for section in sections:
        if not isinstance(document.get(section), dict):
            document[section] = {}
        document = document[section]
    document[last] = value


def _checked(key: str, value: Any) -> Any:
    if (
        not isinstance(value, str | int | float | bool | None)
        or len(str(value)) > _MOST_TEXT
        or not all(part.isidentifier() for part in key.split("."))
    ):
        raise UsageError(f"`{key[:60]}` cannot be written so", hint="send a text, a number or a truth value")
    return value


def _document(folder: Path) -> Any:
    from ruamel.yaml.error import YAMLError

    try:
        found = _yaml().load(read_text(folder / FILE) or "") or {}
    except YAMLError as error:
        raise UsageError(f"{FILE} is not valid YAML: {str(error).splitlines()[0]}", hint="correct it") from error
    if not isinstance(found, Mapping):
        raise UsageError(f"{FILE} is no mapping", hint="correct it")
    return found


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 110
    return yaml
