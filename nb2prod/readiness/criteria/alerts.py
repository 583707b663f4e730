"""A number that nobody is told of is no monitoring. It is agreed from which drift on, who is told, and who comes next
when they do not answer; and the comparison was really made.
"""

from __future__ import annotations

ID = "alerts"
TITLE = "Somebody is told when it drifts"
QUESTION = "How is it monitored, and who is alerted?"
SOURCE = "launch question 5; drift alerts; Breck et al. 2017, Monitor 7"
LEVEL = 1
RESTS_ON = ("contract.thresholds", "contract.escalation", "evidence.monitoring")
HOW = "Answer `monitoring` and `owner.escalation`, and compare the prediction log with the training data regularly."
