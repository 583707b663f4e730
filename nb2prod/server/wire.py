"""Records that only the wire has; the others are the operations'. The panel's `api/records.ts` is made from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nb2prod.operations.cutting import Cutting
from nb2prod.operations.overview import Overview
from nb2prod.server.jobs import Job


@dataclass(frozen=True, slots=True)
class FixRecord:
    """As `check --format json` writes it."""

    title: str
    safe: bool
    edits: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class DiagnosticRecord:
    """As `check --format json` writes it."""

    code: str
    name: str
    severity: str
    message: str
    cell_id: str
    cell_index: int
    line: int
    column: int
    end_line: int
    end_column: int
    hint: str
    confirmed: bool | None
    fix: FixRecord | None


@dataclass(frozen=True, slots=True)
class Checked:
    """`left_out`: how many more there are than are sent."""

    path: str
    diagnostics: tuple[DiagnosticRecord, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class RulePage:
    """A rule's page, in Markdown."""

    code: str
    name: str
    page: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """`source`: the cell's new text, empty where a file was changed: `file`."""

    source: str
    file: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The stages of an open notebook."""

    cutting: Cutting


@dataclass(frozen=True, slots=True)
class PipelineAnswer:
    """A notebook's pipeline. `folder`: below the server's root, as the file browser names it."""

    pipeline: Overview
    folder: str


@dataclass(frozen=True, slots=True)
class JobsAnswer:
    """The newest first."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """One job."""

    job: Job


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """What only people know. `answer`: as it would be typed, empty where it is open."""

    key: str
    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class ContractAnswer:
    """`exists`: whether the file is there, or what is shown is a proposal."""

    file: str
    exists: bool
    questions: tuple[QuestionRecord, ...]


@dataclass(frozen=True, slots=True)
class CriterionRecord:
    """As `ready --format json` writes it."""

    id: str
    title: str
    status: Literal["met", "not_met", "unknown"]
    evidence: str
    how_to_meet: str
    source: str


@dataclass(frozen=True, slots=True)
class ReadinessRecord:
    """As `ready --format json` writes it. `score`: percent."""

    level: int
    score: int
    criteria: tuple[CriterionRecord, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """The result of `debug`: where a stage stands, and its kernel. `cell`: as messages name it, empty at the end.

    `raised`: empty where nothing did. `inputs`: the names that are loaded. `connection`: the kernel's file.
    """

    stage: str
    cell: str
    cell_id: str
    raised: str
    inputs: tuple[str, ...]
    connection: str
    process: int


@dataclass(frozen=True, slots=True)
class ConsoleAnswer:
    """`kernel`: its id, as the server lists it."""

    kernel: str


@dataclass(frozen=True, slots=True)
class About:
    """`verbs`: what this version can do of what the panel offers."""

    nb2prod: str
    verbs: tuple[str, ...]
    python: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What comes with every status of 400 and more."""

    message: str
    hint: str
    kind: str
