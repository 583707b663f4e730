"""`schema.yaml`: read, and written so that its comments stay."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.yaml_file import parsed
from nb2prod.validation.model import FILE, Rules, Schema
from nb2prod.validation.reading import plain, schema_of

_HEAD = """\
What the model's inputs must look like, inferred from training's data. Edit `columns`: what you write stays when the
schema is inferred anew. `then: {max: quarantine}` sets rows aside that break one rule. See docs/prediction.md.
"""
_BASE = "What the data said the last time; it tells your edits from the inference. Leave it as it is."


def read_schema(folder: Path, name: str = FILE) -> Schema | None:
    """The schema in a pipeline's folder, None where there is none. Raises UsageError, naming line or key."""
    text = read_text(folder / name)
    return None if text is None else schema_of(plain_yaml(text, str(folder / name)), str(folder / name))


def plain_yaml(text: str, file: str) -> Any:
    """What a YAML file holds, as plain data. Raises UsageError, naming the line."""
    return parsed(_yaml("safe"), text, file)


def write_schema(folder: Path, schema: Schema, name: str = FILE) -> bool:
    """Write it; comments that are there stay. Whether the file changed. Raises OutsideError."""
    before = read_text(folder / name)
    text = schema_text(schema, before, str(folder / name))
    if text == before:
        return False
    write_text(folder / name, text)
    return True


def schema_text(schema: Schema, before: str | None = None, file: str = FILE) -> str:
    """The file's text, with the comments of the text before."""
    from ruamel.yaml.comments import CommentedMap

    data = plain(schema)
    document = parsed(_yaml("rt"), before, file) if before else CommentedMap(version=1, columns=CommentedMap())
    if before is None:
        document.yaml_set_start_comment(_HEAD)
    _bring_up_to(document["columns"], data["columns"])
    document["inferred"] = CommentedMap({name: _flow(rules) for name, rules in data["inferred"].items()})
    document.yaml_set_comment_before_after_key("inferred", before=_BASE) if before is None else None
    stream = io.StringIO()
    _yaml("rt").dump(document, stream)
    return stream.getvalue()


def _bring_up_to(document: Any, columns: Mapping[str, Rules]) -> None:
    from ruamel.yaml.comments import CommentedMap

    for name in [one for one in document if str(one) not in columns]:
        del document[name]
    for name, rules in columns.items():
        if name not in document:
            document[name] = CommentedMap(rules)
            continue
        there = document[name]
        for rule in [one for one in there if one not in rules]:
            del there[rule]
        for rule, value in rules.items():
            if there.get(rule) != value:
                there[rule] = value


def _flow(rules: Rules) -> Any:
    from ruamel.yaml.comments import CommentedMap

    found = CommentedMap(rules)
    found.fa.set_flow_style()
    return found


def _yaml(kind: str) -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ=kind)
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
