"""Parameters and the values that people give them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from nb2prod.errors import UsageError


def merged_values(
    defaults: Mapping[str, object], current: Mapping[str, object], recorded: Mapping[str, object]
) -> dict[str, object]:
    """The value of each parameter of the notebook.

    What somebody set in `params.yaml` stays; what still is as it was recorded follows the notebook. Raises UsageError
    for a value whose type is not the parameter's.
    """
    found: dict[str, object] = {}
    for name, default in defaults.items():
        edited = name in current and (name not in recorded or current[name] != recorded[name])
        found[name] = checked(name, current[name], default) if edited else default
    return found


def checked(name: str, value: object, default: object) -> object:
    """The value, if it fits the parameter's type: an int may stand for a float. Raises UsageError."""
    if default is None or value is None or type(value) is type(default):
        return value
    if type(default) is float and type(value) is int:
        return float(value)
    raise UsageError(
        f"parameter `{name}` is {_kind(default)} ({default!r}), not {_kind(value)} ({value!r})",
        hint=f"give {_kind(default)}",
    )


def _kind(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "text",
        list: "a list",
        dict: "a mapping",
    }
    return names.get(type(value), f"a {type(value).__name__}")


def overridden(values: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    """Values with overrides put in. Raises UsageError for an unknown name, with the near misses, or a wrong type."""
    for name in overrides:
        if name not in values:
            close = difflib.get_close_matches(name, values, n=3)
            known = f"did you mean {' or '.join(f'`{one}`' for one in close)}?" if close else ""
            raise UsageError(
                f"there is no parameter `{name}`", hint=known or f"there are: {', '.join(values) or 'none'}"
            )
    return {**values, **{name: checked(name, value, values[name]) for name, value in overrides.items()}}
