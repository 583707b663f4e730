"""`params.yaml` as people keep it: edited in place, with its comments."""

from __future__ import annotations

import io
from collections.abc import Mapping


def updated_params(text: str, values: Mapping[str, object]) -> str:
    """The text with exactly these parameters and values; unchanged, to the byte, where it says that already."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    document = yaml.load(text) or {}
    plain = YAML(typ="safe", pure=True).load(text) or {}
    if dict(plain) == dict(values) and [type(v) for v in plain.values()] == [type(values[k]) for k in plain]:
        return text
    for name in [name for name in document if name not in values]:
        del document[name]
    for name, value in values.items():
        if name not in plain or plain[name] != value or type(plain[name]) is not type(value):
            document[name] = value
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()
