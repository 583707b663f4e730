"""Without a decision there is no way to say whether a prediction is good enough, or who is harmed by a wrong one."""

from __future__ import annotations

ID = "decision"
TITLE = "The decision is named"
QUESTION = "Which decision does it support?"
SOURCE = "launch question 1"
LEVEL = 0
RESTS_ON = ("contract.decision",)
HOW = "Answer `decision` in production.yaml, in one sentence."
