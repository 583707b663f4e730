"""YAML that people write, read so that what is wrong in it is told by its line."""

from __future__ import annotations

from typing import Any

from nb2prod.errors import UsageError


def parsed(yaml: Any, text: str, file: str) -> Any:
    """What `yaml` (a ruamel `YAML`) makes of the text. Raises UsageError; `file`: for its message."""
    from ruamel.yaml.error import YAMLError

    try:
        return yaml.load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise UsageError(f"{file}{where} is not valid YAML: {problem}", hint="correct that line") from error
