"""A result that cannot be made again cannot be corrected, compared or defended.

A clean notebook is not enough: notebook and pipeline were both run and compared, and the results on disk are those of
the code, the parameters and the data that are there now.
"""

from __future__ import annotations

ID = "reproducible"
TITLE = "It runs again and gives the same"
QUESTION = "Does the pipeline give what the notebook gives, today and next month?"
SOURCE = "Breck et al. 2017, Infra 1; reproducibility"
LEVEL = 0
RESTS_ON = ("check.order", "check.determinism", "conversion.verdict", "conversion.results")
HOW = "Convert the notebook until the verdict is `same`, and run the pipeline after each change."
