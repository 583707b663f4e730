"""New is not better. The challenger is compared with the champion, the first version with a baseline, with an
interval and a smallest effect that is worth the change.
"""

from __future__ import annotations

ID = "gate"
TITLE = "A version has to win"
QUESTION = "Is a new version better than the one that it replaces, on data that neither saw?"
SOURCE = "four layers of tests: offline evaluation; Breck et al. 2017, Model 5 and Infra 4"
LEVEL = 1
RESTS_ON = ("evidence.holdout", "evidence.gate")
HOW = "Declare the hold-out and the gate in production.yaml, and release."
