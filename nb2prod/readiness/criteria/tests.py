"""An average can rise while an obvious case breaks. Cases that must hold are written down, and tried at each release;
the pipeline's own tests say that its stages still fit together.
"""

from __future__ import annotations

ID = "tests"
TITLE = "The pipeline and its behaviour are tested"
QUESTION = "Is the code tested, and what must always hold?"
SOURCE = "four layers of tests: the pipeline, behavioural cases; Breck et al. 2017, Data 7, Infra 2 and Infra 3"
LEVEL = 1
RESTS_ON = ("evidence.tests", "contract.cases", "evidence.cases")
HOW = "Run the generated tests, and name behaviours in `gate.cases`."
