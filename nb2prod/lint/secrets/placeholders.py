"""Whether a value only stands for a secret."""

from __future__ import annotations

import base64
import binascii
import re

from nb2prod.lint.secrets.formats import secret_table

_FILLED_LATER = re.compile(r"\$\w+|%\w+%|\{[^{}]*\}|%[sdr]|%\(\w+\)s|:\w+|\[[\w -]+\]|#\w+#")


def is_placeholder(value: str) -> bool:
    """`your-api-key`, `changeme`, `xxx`, `<token>`, `{password}`, `$PASSWORD`, `********`."""
    text = value.strip().lower()
    table = secret_table()
    if len(set(text)) <= 3 or text in table.placeholders or _FILLED_LATER.fullmatch(text):
        return True
    return any(part in text for part in table.placeholder_parts)


def is_sample_token(value: str) -> bool:
    """The JSON web tokens of documentation, whose payload is about John Doe or subject 1234567890."""
    parts = value.split(".")
    if len(parts) != 3:
        return False
    payload = parts[1]
    try:
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (binascii.Error, ValueError):
        return False
    return b"John Doe" in text or b'"1234567890"' in text or b"example" in text.lower()
