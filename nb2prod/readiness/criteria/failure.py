"""A failing model answers quickly and wrongly. Those who use it must know what that looks like, and the runbook says
what to do, in what order.
"""

from __future__ import annotations

ID = "failure"
TITLE = "It is known what failure looks like"
QUESTION = "What does failure look like in operation, and what is done then?"
SOURCE = "launch question 4"
LEVEL = 0
RESTS_ON = ("contract.failure", "file.runbook")
HOW = "Answer `failure` in production.yaml; releases write the runbook."
