"""Routes about `production.yaml`: what only people know, asked and written where the pipeline keeps it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nb2prod.adapters.contract_file import contract_text, edited_contract, read_contract
from nb2prod.adapters.files import read_text, write_text
from nb2prod.contract.model import FILE, Contract
from nb2prod.contract.proposal import propose
from nb2prod.contract.questions import at, wording
from nb2prod.contract.reading import plain
from nb2prod.errors import UsageError
from nb2prod.operations.agreement import name_of
from nb2prod.operations.preflight import load_params
from nb2prod.operations.project import pipeline_folder
from nb2prod.operations.served import facts_of
from nb2prod.server.desk import Call, Desk
from nb2prod.server.production import folder_of, place
from nb2prod.server.wire import ContractAnswer, QuestionRecord

_MOST_TEXT = 5000


def read(desk: Desk, call: Call) -> ContractAnswer:
    """Every question with its answer. Where there is no file, the proposal that would be written is shown.

    Without a pipeline there is nothing to ask yet: the browser's console would show a refusal as an error.
    """
    _, folder = place(desk, call)
    if not folder.is_dir():
        return ContractAnswer("", False, ())
    return _shown(desk, folder, read_contract(folder) or _proposal(folder))


def write(desk: Desk, call: Call) -> ContractAnswer:
    """Write answers, key (`owner.name`) → text, null for an open question; comments and everything else stay."""
    folder = folder_of(desk, call)
    file = folder / FILE
    text = read_text(file)
    text = contract_text(_proposal(folder)) if text is None else text
    for key, value in call.mapping("answers").items():
        text = _answered(text, key, value)
    write_text(file, text)
    return read(desk, call)


def _proposal(folder: Path) -> Contract:
    project = pipeline_folder(folder)
    return propose(replace(facts_of(project), name=name_of(project)))


def _answered(text: str, key: str, value: Any) -> str:
    """The file's text with one answer. What is no text to the contract is read as YAML: `0.5`, `true`, `[a, b]`."""
    if key not in wording():
        raise UsageError(f"there is no question `{key[:60]}`", hint="answer one of those that are asked")
    if value is not None and (not isinstance(value, str) or len(value) > _MOST_TEXT):
        raise UsageError(f"the answer to `{key}` is no text, or too long", hint="send a text, or null")
    if value is None:
        return edited_contract(text, {key: None})
    try:
        return edited_contract(text, {key: value})
    except UsageError:
        return edited_contract(text, {key: load_params(f"value: {value}", Path())["value"]})


def _shown(desk: Desk, folder: Path, contract: Contract) -> ContractAnswer:
    data = plain(contract)
    questions = tuple(QuestionRecord(key, text, _text(at(data, key))) for key, text in wording().items())
    return ContractAnswer(desk.places.name(folder / FILE), (folder / FILE).exists(), questions)


def _text(value: Any) -> str:
    """An answer as it would be typed."""
    import json

    if value in (None, []):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
