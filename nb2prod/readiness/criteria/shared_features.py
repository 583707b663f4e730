"""With many models the same feature is otherwise written again in each. A module in code gives most of what a feature
store gives; more is not asked here.
"""

from __future__ import annotations

ID = "shared_features"
TITLE = "Features are shared"
QUESTION = "Are features that two models use computed in one place?"
SOURCE = "shared features; Breck et al. 2017, Data 6"
LEVEL = 2
RESTS_ON = ("file.shared",)
HOW = "Move them into a module of the project that both notebooks import."
