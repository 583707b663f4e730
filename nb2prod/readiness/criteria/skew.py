"""Features that are computed twice, in two codebases, drift apart. Training rows are sent through the prediction
path, and features and predictions must be equal, exactly.
"""

from __future__ import annotations

ID = "skew"
TITLE = "Prediction does what training did"
QUESTION = "Are the features in production those of training?"
SOURCE = "Breck et al. 2017, Monitor 3; skew"
LEVEL = 0
RESTS_ON = ("check.skew", "evidence.skew")
HOW = "Use the lifted functions in both; `nb2prod probe` sends known rows through the prediction path."
