"""What the prediction log tells the verbs of versions: counts per day, and where one prediction was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Located:
    """A logged prediction: of which pipeline's version, where and when. `told`: the rest of what the log has of it."""

    name: str
    version: int
    environment: str
    at: str
    told: Mapping[str, Any]


def located(top: Path, wanted: str, names: Sequence[str]) -> Located | None:
    """The prediction of that id, by the log's own id or the consumer's; None where no log has it."""
    return None


def predictions_per_day(top: Path, name: str, environment: str) -> tuple[Mapping[str, Any], ...]:
    """Days with predictions, the newest last."""
    return ()
