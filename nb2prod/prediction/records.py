"""What is told of a batch, and of one prediction in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Of the log's files. A newer one is refused, an older one is still read.
VERSION = 1
#: The key of a segment's own metadata.
METADATA = b"nb2prod.predictions"


@dataclass(frozen=True, slots=True)
class Batch:
    """One run of `predict`. `rows`: predicted; `quarantined`: set aside. Digests are SHA-256. `role`: which part the
    version played (champion, challenger, shadow, canary). `inputs`: what is kept of them: hash, whole, none.
    `rule`: digest of the contract. `seconds`: reading to writing, of `of_model` in the function.
    """

    name: str
    at: str
    pipeline: str
    model: str
    environment: str
    role: str
    model_sha256: str
    rule: str
    inputs: str
    source: str
    source_sha256: str
    output: str
    rows: int
    quarantined: int
    seconds: float
    of_model: float
    input_sum: str = ""
    output_size: int = 0
    output_mtime_ns: int = 0
    id_column: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A prediction in the log. `erased`: somebody had it erased, so that only its batch is known."""

    id: str
    batch: Batch
    row: int
    at: str
    erased: bool = False
    consumer_id: Any = None
    output: Mapping[str, Any] = field(default_factory=dict)
    input_hash: str | None = None
    input: Mapping[str, Any] | None = None
    latency_us: float | None = None

    @property
    def version(self) -> str:
        """The model's version."""
        return self.batch.model

    @property
    def environment(self) -> str:
        """Where it was made."""
        return self.batch.environment
