"""Whether data are personal is for people to say; that they said it, on which legal basis and where the processing is
recorded, can be seen. A secret in a notebook is in its history for ever.
"""

from __future__ import annotations

ID = "privacy"
TITLE = "Secrets and personal data are accounted for"
QUESTION = "Are there personal data, on which basis, recorded where?"
SOURCE = "Breck et al. 2017, Data 5; privacy record; governance and traceability"
LEVEL = 0
RESTS_ON = ("check.secrets", "contract.personal_data")
HOW = "Answer `personal_data` in production.yaml, and move secrets out of the notebook."
