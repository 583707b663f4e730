"""With several models, what is done by hand is done differently each time, and in the end not at all."""

from __future__ import annotations

ID = "automation"
TITLE = "It is trained by a machine, not by hand"
QUESTION = "Does it run without the person who wrote it?"
SOURCE = "automated pipeline; reliable data pipelines; Breck et al. 2017, Infra 3"
LEVEL = 1
RESTS_ON = ("file.workflow", "contract.schedule")
HOW = "Commit the generated workflow, and answer `schedule` in production.yaml."
