"""Where the log's files lie, relative to the folder of one pipeline in one environment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from nb2prod.prediction.identity import day_of

#: Below the git repository's root.
LOG = ".nb2prod/predictions"
WORK, JOURNAL, OUTPUTS = "work", "journal", "outputs"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of a batch."""

    batch: str

    @property
    def segment(self) -> str:
        """Its predictions."""
        return f"{day_of(self.batch)}/{self.batch}.parquet"

    @property
    def record(self) -> str:
        """What is told of it."""
        return f"{day_of(self.batch)}/{self.batch}.json"

    @property
    def begun(self) -> str:
        """Its plan, while it may still fail."""
        return f"{WORK}/{self.batch}.json"

    @property
    def decided(self) -> str:
        """Its plan, when all its files are written."""
        return f"{JOURNAL}/{self.batch}.json"

    def temporary(self, name: str) -> str:
        """A file that is being written."""
        return f"{WORK}/{self.batch}.{name}"


def receipt(output: str) -> str:
    """Which batch wrote this output last. `output`: its full path."""
    return f"{OUTPUTS}/{_short(output)}.json"


def lock(output: str) -> str:
    """Held by whoever writes this output."""
    return f"{OUTPUTS}/{_short(output)}.lock"


def _short(path: str) -> str:
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:16]
