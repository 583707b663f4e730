"""A model that nobody owns is found out by those whom it harms."""

from __future__ import annotations

ID = "owner"
TITLE = "Somebody owns it"
QUESTION = "Who owns it after release, and how are they reached?"
SOURCE = "launch question 6; operational ownership"
LEVEL = 0
RESTS_ON = ("contract.owner",)
HOW = "Name a person or a team and a way to reach them in `owner` of production.yaml."
