"""What nobody has said yet, in words that a person can answer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from nb2prod.contract.model import Contract
from nb2prod.contract.reading import plain


@dataclass(frozen=True, slots=True)
class Question:
    """`key`: where the answer belongs, dotted."""

    key: str
    text: str


def open_questions(contract: Contract) -> tuple[Question, ...]:
    """Those that the contract leaves open, in its order."""
    data = plain(contract)
    return tuple(Question(key, text) for key, text in wording().items() if at(data, key) in (None, []))


@lru_cache(maxsize=1)
def wording() -> dict[str, str]:
    """Key (dotted) → question."""
    text = files("nb2prod.contract").joinpath("questions.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["questions"])


def at(data: Any, key: str) -> Any:
    """What plain data hold under a dotted key; None where there is nothing."""
    for part in key.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data
