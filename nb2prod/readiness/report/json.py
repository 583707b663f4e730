"""Readiness as JSON: the form that scripts and the panel read."""

from __future__ import annotations

import json
from typing import Any

from nb2prod.readiness.judging import Judged, Readiness

VERSION = 1


def render(readiness: Readiness) -> str:
    """The whole report, indented."""
    return json.dumps(record_of(readiness), indent=2, ensure_ascii=False)


def record_of(readiness: Readiness) -> dict[str, Any]:
    """`score`: percent of the criteria that are met."""
    return {
        "version": VERSION,
        "level": readiness.level,
        "score": readiness.score,
        "criteria": [_criterion(one) for one in readiness.criteria],
    }


def _criterion(judged: Judged) -> dict[str, Any]:
    return {
        "id": judged.criterion.id,
        "title": judged.criterion.title,
        "status": judged.status,
        "evidence": judged.evidence,
        "how_to_meet": judged.how_to_meet,
        "source": judged.criterion.source,
    }
