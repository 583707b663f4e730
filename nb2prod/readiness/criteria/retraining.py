"""Every model gets old. When that is decided on the day it fails, it is decided in a hurry."""

from __future__ import annotations

ID = "retraining"
TITLE = "Its end is planned"
QUESTION = "When is it retrained, recalibrated or retired?"
SOURCE = "launch question 7; Breck et al. 2017, Model 4 and Monitor 4"
LEVEL = 1
RESTS_ON = ("contract.retrain",)
HOW = "Answer `retrain` and `retire` in production.yaml."
