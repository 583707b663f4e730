"""The contract's behavioural cases: what was answered against what must be answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nb2prod.contract.model import Case
from nb2prod.errors import UsageError


@dataclass(frozen=True, slots=True)
class Outcome:
    """`said`: what is wrong with the answer; empty where nothing is."""

    name: str
    said: str


def judged(case: Case, answer: Mapping[str, Any]) -> Outcome:
    """One case. Raises UsageError for an expectation that there is not."""
    if "error" in answer:
        return Outcome(case.name, f"the model raised {answer['error']}")
    wrong = [said for key, wanted in case.expect.items() if (said := _wrong(key, wanted, answer))]
    return Outcome(case.name, "; ".join(wrong))


def _wrong(key: str, wanted: Any, answer: Mapping[str, Any]) -> str:
    if key not in _EXPECTED:
        raise UsageError(f"production.yaml: a case expects `{key}`", hint=f"it may expect {', '.join(_EXPECTED)}")
    what, holds, words = _EXPECTED[key]
    if what not in answer:
        return f"the model gives no {what}"
    return (
        "" if holds(answer[what], wanted) else f"{what} is {_short(answer[what])}, {words} {_short(wanted)} is wanted"
    )


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


_Holds = Callable[[Any, Any], bool]
_EXPECTED: dict[str, tuple[str, _Holds, str]] = {
    "decision": ("decision", lambda found, wanted: found == wanted or str(found) == str(wanted), ""),
    "score_min": ("score", lambda found, wanted: found >= wanted, "at least"),
    "score_max": ("score", lambda found, wanted: found <= wanted, "at most"),
    "value_min": ("value", lambda found, wanted: found >= wanted, "at least"),
    "value_max": ("value", lambda found, wanted: found <= wanted, "at most"),
}
