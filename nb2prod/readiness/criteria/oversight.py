"""Somebody must be able to overrule a prediction, and somebody must have answered for the version that is live."""

from __future__ import annotations

ID = "oversight"
TITLE = "People stand above it"
QUESTION = "Who looks at single predictions, and who approved this version?"
SOURCE = "human oversight; governance and traceability; Breck et al. 2017, Model 1"
LEVEL = 1
RESTS_ON = ("contract.oversight", "evidence.approval")
HOW = "Answer `oversight`, ask for an approver in `gate.approver`, and release."
