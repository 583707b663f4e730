"""With many updates the path to production itself must be tested, each time, in the same way."""

from __future__ import annotations

ID = "delivery"
TITLE = "Models are delivered as code is"
QUESTION = "Does a release go through other environments, by a machine, before production?"
SOURCE = "full CI/CD for models; Breck et al. 2017, Infra 4 and Infra 6"
LEVEL = 2
RESTS_ON = ("file.delivery", "history.environments")
HOW = "Release and deploy from CI, first to another environment than production."
