"""The average hides the group that it fails. Groups are compared with the champion one by one."""

from __future__ import annotations

ID = "slices"
TITLE = "No group pays for the average"
QUESTION = "Is it good enough for each group that matters?"
SOURCE = "four layers of tests: slices; Breck et al. 2017, Model 6 and Model 7"
LEVEL = 1
RESTS_ON = ("contract.slices", "evidence.slices")
HOW = "Name the columns in `gate.slices`, and release."
