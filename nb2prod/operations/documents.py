"""MODEL_CARD.md and RUNBOOK.md of a pipeline: written at its first release, renewed at the next ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nb2prod.adapters.files import read_text, write_text
from nb2prod.contract.model import Contract
from nb2prod.release import card, runbook
from nb2prod.release.binding import Binding
from nb2prod.release.sections import document, renewed

CARD, RUNBOOK = "MODEL_CARD.md", "RUNBOOK.md"


def write_documents(folder: Path, binding: Binding, contract: Contract) -> tuple[str, ...]:
    """Write both; notes on what was left as people edited it. Raises OutsideError."""
    told = _written(folder / CARD, binding.name, card.LAYOUT, card.card_facts(binding, contract))
    facts = runbook.runbook_facts(binding, contract)
    return told + _written(folder / RUNBOOK, f"{binding.name}: what to do", runbook.LAYOUT, facts)


def _written(file: Path, title: str, layout: Sequence[str], facts: Mapping[str, str]) -> tuple[str, ...]:
    text = read_text(file)
    if text is None:
        write_text(file, document(title, layout, facts))
        return ()
    done = renewed(text, facts)
    if done.text != text:
        write_text(file, done.text)
    return tuple(f"{file.name}: section `{name}` was edited by hand and stays as it is" for name in done.kept)
