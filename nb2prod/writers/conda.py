"""`environment.yml`: a conda environment as it was when the notebook ran in it, for conda to make again.

Every package has its version and build, Python or not; what pip installed there stands below `pip`, as
`requirements.txt` has it. A channel is named without what one logs in with (`/t/TOKEN/`, `user:password@`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from packaging.utils import canonicalize_name

from nb2prod.writers import yaml_text
from nb2prod.writers.requirements import CondaPackage, Environment, requirement

_SUBFOLDER = re.compile(r"/(noarch|[a-z]+-(32|64|aarch64|arm64|ppc64le|s390x|armv\dl))/?\Z")
_TOKEN = re.compile(r"/t/[^/]+(?=/)")
_HEADER = """\
Python {python}: the conda environment that the notebook ran in, package by package, written by nb2prod.
The builds are this platform's. {private}"""


def environment_text(environment: Environment) -> str:
    """The text of the file."""
    channels = list(dict.fromkeys(channel(one) for one in environment.conda))
    private = [one for one in channels if "://" in one]
    said = f"A machine needs to reach, and may have to log in to: {', '.join(private)}." if private else ""
    packages: list[Any] = [f"{one.name}={one.version}={one.build}" for one in environment.conda]
    if by_pip := list(_by_pip(environment)):
        packages += [*([] if any(one.name == "pip" for one in environment.conda) else ["pip"]), {"pip": by_pip}]
    data = {"channels": [*channels, "nodefaults"], "dependencies": packages}
    return yaml_text.dump(data, header=_HEADER.format(python=environment.python, private=said).rstrip() + "\n")


def _by_pip(environment: Environment) -> Iterator[str]:
    """What conda does not know of, as far as another machine can have it."""
    known = set(_names(environment.conda))
    for one in environment.distributions:
        if not one.conda and canonicalize_name(one.name) not in known and (found := requirement(one)):
            yield found


def _names(packages: Iterable[CondaPackage]) -> Iterator[str]:
    yield from (canonicalize_name(one.name) for one in packages)


def channel(package: CondaPackage) -> str:
    """The channel's address as conda recorded it, or its name where it recorded no address."""
    text = _SUBFOLDER.sub("", package.channel)
    parts = urlsplit(text)
    if not parts.netloc:
        return text
    path = _TOKEN.sub("", parts.path)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))
