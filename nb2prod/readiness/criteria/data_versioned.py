"""A hash says whether the data are the same; only a copy that was fetched back says that they can be had again."""

from __future__ import annotations

ID = "data_versioned"
TITLE = "The data are versioned"
QUESTION = "Which data was it made from, and can they be had again?"
SOURCE = "three things versioned together: data"
LEVEL = 0
RESTS_ON = ("conversion.inputs", "evidence.fetch")
HOW = "Keep inputs in DVC or git, push them to a remote, and release: that fetches them back."
