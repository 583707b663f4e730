"""A schema states what was true of the training data: types, ranges, categories, nulls. It is kept as a file that
people review, and it is checked in training and in prediction alike.
"""

from __future__ import annotations

ID = "data_validation"
TITLE = "Data are checked at the door"
QUESTION = "Do data have the form that training saw?"
SOURCE = "Breck et al. 2017, Data 1 and Monitor 2; reliable data pipelines"
LEVEL = 0
RESTS_ON = ("file.schema", "evidence.validation")
HOW = "Keep schema.yaml with the pipeline; releases and predictions check it."
