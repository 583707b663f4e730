"""A commit is the only name of the code that everybody can look up later. What is in no commit is lost with the
laptop, and no version can be made of it.
"""

from __future__ import annotations

ID = "code_versioned"
TITLE = "The code is versioned"
QUESTION = "Which code is this?"
SOURCE = "three things versioned together: code"
LEVEL = 0
RESTS_ON = ("git.committed",)
HOW = "Commit everything; records of evidence do not count as changes."
