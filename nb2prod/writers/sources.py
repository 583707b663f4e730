"""`sources/STAGE.json`: how a stage's sources were when they were last looked at; the stage depends on it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from nb2prod.pipeline.observation import Source


def sources_text(sources: Iterable[Source]) -> str:
    """The file's text: names and tokens, no credentials."""
    entries = sorted({(one.name, one.token) for one in sources})
    document = {"version": 1, "sources": [{"name": name, "token": token} for name, token in entries]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
