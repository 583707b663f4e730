"""With leakage every offline number is too good, and production shows it. The code is read for the ways in which it
happens, and the hold-out's rows are looked for among the training rows.
"""

from __future__ import annotations

ID = "leakage"
TITLE = "It learned from nothing that it will not have"
QUESTION = "Did training see the test data, or the future?"
SOURCE = "leakage; Breck et al. 2017, Model 2"
LEVEL = 0
RESTS_ON = ("check.leakage", "evidence.holdout")
HOW = "Split before anything is fitted, and declare a hold-out that training never saw."
