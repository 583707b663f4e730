"""Whether data are personal is for people to say; that they said it, on which legal basis and where the processing is
recorded, can be seen. A secret in a notebook is in its history for ever. What is logged is kept no longer than
`log.retention_days` says, which counts where it was seen in the log itself.
"""

from __future__ import annotations

ID = "privacy"
TITLE = "Secrets and personal data are accounted for"
QUESTION = "Are there personal data, on which basis, recorded where?"
SOURCE = "Breck et al. 2017, Data 5; privacy record; governance and traceability"
LEVEL = 0
RESTS_ON = ("check.secrets", "contract.personal_data", "evidence.retention")
HOW = "Answer `personal_data` in production.yaml, move secrets out of the notebook, predict with `nb2prod predict`."
