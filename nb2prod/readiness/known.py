"""All that readiness looks at, as `operations.ready` found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nb2prod.contract.evidence import Evidence, Subject
from nb2prod.contract.model import Contract


@dataclass(frozen=True, slots=True)
class Dated:
    """A file that is there. `path`: as people find it, from the project's root; `at`: ISO 8601, its last change."""

    path: str
    at: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """What `conversion.json` says. `stale`: why the verdict is about another pipeline than the one on disk, else empty.
    `behind`: why the results on disk are others than code, parameters and data give now, else empty.
    """

    state: str
    reason: str
    record: Dated
    compared: str = ""
    stale: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """Data that no stage makes. `kept_by`: git or DVC, None for neither. `changed`: since the last run."""

    path: str
    kept_by: str | None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Repository:
    """What git says. `commit`: None before the first one. `changed`: files with changes that are in no commit, evidence
    left out. `hides_history`: a shallow clone, which may lack tags.
    """

    commit: str | None
    at: str | None = None
    changed: tuple[str, ...] = ()
    hides_history: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """A version. `model`: the MD5 of its artifact, as DVC names it."""

    tag: str
    version: str
    at: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """A version that came into an environment. `kind`: deploy or rollback."""

    tag: str
    version: str
    environment: str
    at: str
    kind: str = "deploy"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A converted notebook. `folder`: from the project's root. `inputs`: None without `dvc.lock`. `model`: the MD5 of
    the artifact on disk, or of the lock. `shared`: modules of the project, `module (pipeline, pipeline)`, that two
    use.
    """

    folder: str
    conversion: Conversion
    subject: Subject = field(default_factory=Subject)
    inputs: tuple[Input, ...] | None = None
    lock: Dated | None = None
    model: str | None = None
    contract: Contract | None = None
    contract_file: Dated | None = None
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    lockfile: Dated | None = None
    schema: Dated | None = None
    card: Dated | None = None
    runbook: Dated | None = None
    tests: Dated | None = None
    workflow: Dated | None = None
    delivers: bool = False
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of `check`: code, and one sentence with its place."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Known:
    """`name`: of the pipeline, or of the notebook. `notebook`: its path from the project's root. `now`: ISO 8601, UTC.
    `findings`: errors and warnings of `check`; None where the notebook could not be read, with `unread` saying why.
    """

    name: str
    notebook: str
    now: str
    findings: tuple[Found, ...] | None = None
    unread: str = ""
    repository: Repository | None = None
    pipeline: Pipeline | None = None
