"""Names of batches and ids of predictions: `20261121T145012Z-3f9a1c07` and `20261121T145012Z-3f9a1c07.12345`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_BATCH = r"(?P<day>\d{8})T\d{6}Z-[0-9a-f]{8}"
_ID = re.compile(rf"(?P<batch>{_BATCH})\.(?P<row>0|[1-9]\d{{0,17}})\Z")


@dataclass(frozen=True, slots=True)
class PredictionId:
    """`row`: the row of the input file, counted from 0 without its header."""

    batch: str
    row: int

    def __str__(self) -> str:
        return f"{self.batch}.{self.row}"


def batch_name(at: datetime, random: str) -> str:
    """The name of a batch that begins at a moment with a time zone. `random`: eight hexadecimal digits."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{random}"


def parse_id(text: str) -> PredictionId | None:
    """The id of a prediction, or None for any other text."""
    found = _ID.match(text.strip())
    return PredictionId(found["batch"], int(found["row"])) if found else None


def day_of(batch: str) -> str:
    """The day (UTC) of a batch: the folder that holds it."""
    return f"{batch[:4]}-{batch[4:6]}-{batch[6:8]}"
