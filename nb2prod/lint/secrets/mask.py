"""Speak of a secret without saying it."""

from __future__ import annotations

import json

from nb2prod.lint.secrets.find import find_hidden, find_secrets

REMOVED = "[secret-removed]"
_SHOWN = 4


def masked(value: str) -> str:
    """The first characters, where they give little away: `AKIA…`; for short ones nothing."""
    line = value.strip().split("\n", 1)[0]
    return line[:_SHOWN] + "…" if len(line) >= 4 * _SHOWN else "…"


def masked_text(text: str) -> str:
    """The text with every secret in it masked, at the same width where there is room: carets below still fit."""
    for secret in reversed(find_secrets(text)):
        hidden = masked(secret.value)
        filled = hidden + "*" * (len(secret.value) - len(hidden))
        text = text[: secret.start] + filled + text[secret.end :]
    return text


def scrubbed(text: str) -> str | None:
    """An output's text without its secrets; None where one cannot be cut out (split by tags or colours)."""
    for secret in find_hidden(text):
        forms = (secret.value, json.dumps(secret.value)[1:-1])
        for form in forms:
            text = text.replace(form, REMOVED)
    return None if find_hidden(text) else text
