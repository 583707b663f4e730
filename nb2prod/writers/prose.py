"""Prose and Python from templates. Data (YAML, JSON) never comes from here: it is dumped."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """The text of `templates/pipeline/<template>.j2`. Raises jinja2.UndefinedError for a name that is not given."""
    return _environment().get_template(f"{template}.j2").render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    folder = resources.files("nb2prod") / "_templates" / "pipeline"
    return Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # nothing of this is HTML
    )
