"""A score that is read as a probability, or a ranking as a decision, is used wrongly with good numbers. Each consumer
and its form are named, and the model card says what the model is for and what not.
"""

from __future__ import annotations

ID = "outputs_understood"
TITLE = "Those who use its outputs understand them"
QUESTION = "Who gets what, and do they know what it means?"
SOURCE = "launch question 3; clear interfaces"
LEVEL = 0
RESTS_ON = ("contract.consumers", "contract.form", "file.card")
HOW = "Answer `consumers` and `output` in production.yaml; releases write the model card."
