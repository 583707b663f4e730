"""A rollback is only as good as the last time that it was done. It counts when it was done, or rehearsed."""

from __future__ import annotations

ID = "rollback"
TITLE = "There is a way back"
QUESTION = "Can the version before be brought back, at once?"
SOURCE = "Breck et al. 2017, Infra 7"
LEVEL = 0
RESTS_ON = ("history.deployment", "history.rollback")
HOW = "Deploy two versions and roll back once: a way back that nobody has gone is a claim."
