"""What a version binds: the text of its tag, as a record and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from nb2prod.release.names import short

VERSION = 1


@dataclass(frozen=True, slots=True)
class File:
    """A file that a version rests on. `path`: relative to the repository; `md5`: DVC's; `sha256`: of the same bytes."""

    path: str
    md5: str | None = None
    sha256: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved. `signed`: the tag carries a signature; else the name is only what was typed."""

    by: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """A version and all that it is made of. `number`: 1 for v1.0.0. `pipeline`, `notebook`: relative to the repository.
    `dvc_lock`, `contract`, `schema`: SHA-256. `data`: what came from outside the pipeline. `evidence`: kind → SHA-256.
    """

    name: str
    number: int
    commit: str
    pipeline: str
    notebook: str
    artifact: File
    data: tuple[File, ...]
    params: Mapping[str, Any]
    metrics: Mapping[str, Any]
    lockfile: File | None
    dvc_lock: str
    contract: str
    schema: str | None
    gate: Mapping[str, Any]
    evidence: Mapping[str, str]
    approval: Approval | None
    at: str
    by: str
    nb2prod: str
    python: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def message(binding: Binding) -> str:
    """The text of the version's tag."""
    gate = binding.gate.get("sentence") or "passed its gate"
    return f"{binding.name} {short(binding.number)}: {gate}\n\n{_json({'kind': 'release', **asdict(binding)})}"


def binding_of(data: Mapping[str, Any]) -> Binding:
    """The record again. Raises KeyError or TypeError for what `message` did not write."""
    known = {key: data[key] for key in Binding.__dataclass_fields__ if key in data}
    known["artifact"] = File(**data["artifact"])
    known["data"] = tuple(File(**one) for one in data["data"])
    known["lockfile"] = File(**data["lockfile"]) if data["lockfile"] else None
    known["approval"] = Approval(**data["approval"]) if data["approval"] else None
    return Binding(**known)


def body(text: str) -> Mapping[str, Any] | None:
    """The data in a tag's message; None where it holds none of ours (a tag that GTO or a person made)."""
    _, _, rest = text.partition("\n\n")
    signature = rest.find("-----BEGIN ")
    try:
        data = json.loads(rest if signature < 0 else rest[:signature])
    except ValueError:
        return None
    return data if isinstance(data, dict) and data.get("version") == VERSION else None


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps({"version": VERSION, **data}, indent=1, sort_keys=True, ensure_ascii=False)
