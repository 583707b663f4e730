"""Speak of a secret without saying it."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from typing import Any

from nb2prod.lint.secrets.find import find_hidden, find_secrets
from nb2prod.notebook.model import Output

REMOVED = "[secret-removed]"
_SHOWN = 4
_MOST_ROUNDS = 3


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


def scrubbed(text: str) -> str:
    """An output's text without its secrets; all of it goes where one cannot be cut out (tags or colours split it)."""
    for _ in range(_MOST_ROUNDS):
        found = find_hidden(text)
        if not found:
            return text
        for secret in found:
            for form in (secret.value, json.dumps(secret.value)[1:-1], html.escape(secret.value)):
                text = text.replace(form, REMOVED)
    return REMOVED


def scrubbed_output(output: Output) -> Output:
    """The record of an output without its secrets."""
    texts = dict(output.text_parts)
    return replace(
        output, parts=tuple((name, scrubbed(text) if name in texts else text) for name, text in output.parts)
    )


def scrubbed_json(outputs: Any) -> Any:
    """nbformat's outputs without secrets: texts are cut, their shape (one text, or lines) stays."""
    if isinstance(outputs, dict):
        return {key: scrubbed_json(value) if _is_text(key) else value for key, value in outputs.items()}
    if isinstance(outputs, list) and outputs and all(isinstance(one, str) for one in outputs):
        lines = [scrubbed(one) for one in outputs]
        clean = scrubbed("".join(lines))
        return lines if clean == "".join(lines) else clean.splitlines(keepends=True)
    if isinstance(outputs, list):
        return [scrubbed_json(one) for one in outputs]
    return scrubbed(outputs) if isinstance(outputs, str) else outputs


def _is_text(key: str) -> bool:
    return not key.startswith("image/") or key == "image/svg+xml"
