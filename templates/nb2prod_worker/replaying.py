from __future__ import annotations

from typing import Any


def replay(job: dict[str, Any]) -> dict[str, Any]:
    return {}
