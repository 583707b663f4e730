"""A file named `model_final2.pkl` says nothing. A version binds the very bytes to the code, data, parameters and
evidence that they came from, and those bytes were fetched back from where they are kept.
"""

from __future__ import annotations

ID = "model_versioned"
TITLE = "The model is versioned"
QUESTION = "Which model is this, and what made it?"
SOURCE = "three things versioned together: model; Breck et al. 2017, Model 1"
LEVEL = 0
RESTS_ON = ("history.release", "evidence.fetch")
HOW = "Release it: the version binds commit, data, parameters, metrics, lockfile and the artifact's hash."
