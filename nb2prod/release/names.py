"""How versions and deployments are called: `v2`, `2` and `v2.0.0` are one version; GTO's names for its tags.

::

    NAME@v2.0.0             version 2
    NAME#production#7       the seventh event of NAME's deployments: a champion in production
    NAME#production-shadow#8    a challenger; a stage of its own for GTO, which knows one version per stage
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nb2prod.errors import UsageError

CHAMPION = "champion"
SHADOW, CANARY = "shadow", "canary"

_VERSION = re.compile(r"v?([1-9]\d*)(?:\.0\.0)?\Z")
_RELEASED = re.compile(r"(?P<name>.+)@v(?P<major>[1-9]\d*)\.0\.0\Z")
_DEPLOYED = re.compile(r"(?P<name>[^#]+)#(?P<stage>[^#]+)#(?P<number>\d+)\Z")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a person wrote: `churn@v2`, `v2`, `churn`. None: left out."""

    name: str | None
    version: int | None


def reference(text: str) -> Reference:
    """Raises UsageError for a text that is no version."""
    name, at, version = text.rpartition("@")
    found = _VERSION.match(version)
    if found is None:
        raise UsageError(f"`{text}` is no version", hint="write v2, or NAME@v2")
    return Reference(name if at else None, int(found[1]))


def version_text(number: int) -> str:
    """`v2.0.0`: the whole name of version 2."""
    return f"v{number}.0.0"


def short(number: int) -> str:
    """`v2`: as people say it."""
    return f"v{number}"


def release_tag(name: str, number: int) -> str:
    """The tag of a version."""
    return f"{name}@{version_text(number)}"


def deployment_tag(name: str, environment: str, role: str, number: int) -> str:
    """The tag of the pipeline's event `number`."""
    stage = environment if role == CHAMPION else f"{environment}-{role}"
    return f"{name}#{stage}#{number}"


def released(tag: str) -> tuple[str, int] | None:
    """(pipeline, version) of a version's tag; None for another."""
    found = _RELEASED.match(tag)
    return (found["name"], int(found["major"])) if found else None


def deployed(tag: str) -> tuple[str, str, str, int] | None:
    """(pipeline, environment, role, number) of a deployment's tag; None for another."""
    found = _DEPLOYED.match(tag)
    if found is None:
        return None
    environment, role = found["stage"], CHAMPION
    for one in (SHADOW, CANARY):
        if environment.endswith(f"-{one}"):
            environment, role = environment.removesuffix(f"-{one}"), one
    return found["name"], environment, role, int(found["number"])
