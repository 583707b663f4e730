"""Bad rows come, and silence is the worst answer. Each kind is tried on purpose: the answer must be a clear error or a
quarantine, and no row may be lost.
"""

from __future__ import annotations

ID = "malformed_input"
TITLE = "It withstands missing and malformed input"
QUESTION = "What happens with a missing column, a wrong type, an empty or broken file?"
SOURCE = "launch question 2; Breck et al. 2017, Monitor 2"
LEVEL = 0
RESTS_ON = ("evidence.probes",)
HOW = "Run `nb2prod probe`: each kind of malformed input is tried, and the answer recorded."
