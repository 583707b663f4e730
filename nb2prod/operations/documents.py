"""MODEL_CARD.md and RUNBOOK.md of a pipeline: written at its first release, renewed at the next ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nb2prod.adapters.files import read_text, write_text
from nb2prod.contract.model import Contract
from nb2prod.release.binding import Binding
from nb2prod.release.card import card_facts, new_card
from nb2prod.release.runbook import new_runbook, runbook_facts
from nb2prod.release.sections import renewed

CARD, RUNBOOK = "MODEL_CARD.md", "RUNBOOK.md"

_New = Callable[[Binding, Contract], str]
_Facts = Callable[[Binding, Contract], Mapping[str, str]]


def write_documents(folder: Path, binding: Binding, contract: Contract) -> tuple[str, ...]:
    """Write both; notes on what was left as people edited it. Raises OutsideError."""
    card = _written(folder / CARD, binding, contract, new_card, card_facts)
    return card + _written(folder / RUNBOOK, binding, contract, new_runbook, runbook_facts)


def _written(file: Path, binding: Binding, contract: Contract, new: _New, facts: _Facts) -> tuple[str, ...]:
    text = read_text(file)
    if text is None:
        write_text(file, new(binding, contract))
        return ()
    done = renewed(text, facts(binding, contract))
    if done.text != text:
        write_text(file, done.text)
    return tuple(f"{file.name}: section `{name}` was edited by hand and stays as it is" for name in done.kept)
