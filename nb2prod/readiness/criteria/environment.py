"""A path of one laptop, an undeclared file or a library's next release ends a pipeline that was right.

The lockfile also shows a change of a dependency as a change of a file that somebody reviews.
"""

from __future__ import annotations

ID = "environment"
TITLE = "Another machine can run it"
QUESTION = "Is everything it needs named, and pinned?"
SOURCE = "Breck et al. 2017, Monitor 1; reproducibility"
LEVEL = 0
RESTS_ON = ("check.environment", "file.lockfile")
HOW = "Keep a lockfile beside the pipeline, and read and write nothing that only this machine has."
