"""The least that shows a broken feed: how many rows a day, how many of them broke the schema, what was answered."""

from __future__ import annotations

ID = "monitoring"
TITLE = "Inputs and predictions are watched"
QUESTION = "Does anybody see what goes in and comes out?"
SOURCE = "launch question 5; Breck et al. 2017, Monitor 5; monitoring that reflects reality"
LEVEL = 0
RESTS_ON = ("evidence.predictions",)
HOW = "Predict through `nb2prod predict`, which logs and counts."
