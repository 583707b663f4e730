"""A number that nobody is told of is no monitoring. It is agreed from which drift on, who is told, and who comes next
when they do not answer; and there is a log of what came in and went out to look at. nb2prod does not compare that log
with the training data yet: until it does, the counts of `nb2prod status` and the log are what people look at.
"""

from __future__ import annotations

ID = "alerts"
TITLE = "It is agreed who is told when it drifts"
QUESTION = "How is it monitored, and who is alerted?"
SOURCE = "launch question 5; drift alerts; Breck et al. 2017, Monitor 7"
LEVEL = 1
RESTS_ON = ("contract.thresholds", "contract.escalation", "evidence.predictions")
HOW = "Answer `monitoring` and `owner.escalation`, and predict through `nb2prod predict`, which logs."
