"""`production.yaml`: read, written with its open questions, edited so that its comments stay."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text, write_text
from nb2prod.adapters.yaml_file import parsed
from nb2prod.contract.model import FILE, Contract
from nb2prod.contract.questions import wording
from nb2prod.contract.reading import contract_of, plain
from nb2prod.errors import UsageError

_HEAD = """\
What production asks of this pipeline. `null` is an open question: answer it here or in the panel.
Comments are kept when nb2prod edits this file. The keys are explained in docs/production.md.
"""


def read_contract(folder: Path) -> Contract | None:
    """The contract in a pipeline's folder, None where there is none. Raises UsageError, naming the key."""
    text = read_text(folder / FILE)
    return None if text is None else parse_contract(text, str(folder / FILE))


def parse_contract(text: str, file: str = FILE) -> Contract:
    """The contract in a text. Raises UsageError, naming line or key."""
    return contract_of(parsed(_yaml("safe"), text, file), file)


def write_contract(folder: Path, contract: Contract) -> None:
    """A new file, with a question beside every key that nobody has answered. Raises OutsideError."""
    write_text(folder / FILE, contract_text(contract))


def contract_text(contract: Contract) -> str:
    """The text of a new file."""
    document = _commented(plain(contract))
    document.yaml_set_start_comment(_HEAD)
    for key, question in wording().items():
        holder, last = _holder(document, key)
        if holder is not None and holder.get(last) in (None, []):
            holder.yaml_add_eol_comment(question, last)
    return _dumped(document)


def edit_contract(folder: Path, answers: Mapping[str, Any]) -> Contract:
    """Answer keys (dotted) of the file that is there; every other line stays. Raises UsageError and OutsideError."""
    file = folder / FILE
    text = edited_contract(read_text(file) or "", answers, str(file))
    write_text(file, text)
    return parse_contract(text, str(file))


def edited_contract(text: str, answers: Mapping[str, Any], file: str = FILE) -> str:
    """The text with these answers, which are checked as the whole file is. Raises UsageError."""
    document = parsed(_yaml("rt"), text, file)
    for key, value in answers.items():
        holder, last = _holder(document, key, make=True)
        if holder is None:
            raise UsageError(f"{file}: `{key}` lies in something that is no mapping", hint="correct the file by hand")
        _drop_question(holder, last, wording().get(key, ""))
        holder[last] = _commented(value)
    new = _dumped(document)
    parse_contract(new, file)
    return new


def _drop_question(holder: Any, key: str, question: str) -> None:
    """It is answered: the question beside the key goes, what people wrote stays."""
    token = (holder.ca.items.get(key) or [None] * 3)[2]
    if token is None or not question or not token.value.lstrip().startswith(f"# {question}\n"):
        return
    rest = token.value.partition("\n")[2]
    if rest:
        token.value = f"\n{rest}"
    else:
        del holder.ca.items[key]


def _yaml(kind: str) -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ=kind, pure=True)
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(
        type(None), lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml


def _dumped(document: Any) -> str:
    out = io.StringIO()
    _yaml("rt").dump(document, out)
    return out.getvalue()


def _commented(value: Any) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, Mapping):
        return CommentedMap((key, _commented(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        found = CommentedSeq(_commented(one) for one in value)
        if not any(isinstance(one, Mapping) for one in value):
            found.fa.set_flow_style()
        return found
    return value


def _holder(document: Any, key: str, *, make: bool = False) -> tuple[Any, str]:
    """The mapping that holds the last part of a dotted key, and that part."""
    *parts, last = key.split(".")
    for part in parts:
        if make and isinstance(document, dict) and document.get(part) is None:
            document[part] = _commented({})
        document = document.get(part) if isinstance(document, dict) else None
    return (document if isinstance(document, dict) else None), last
