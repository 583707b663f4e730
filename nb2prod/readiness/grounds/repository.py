"""What git says of the project."""

from __future__ import annotations

from nb2prod.readiness.ground import Ground, Seen
from nb2prod.readiness.known import Known


def _committed(known: Known) -> Seen:
    found = known.repository
    if found is None:
        return Seen(False, "the project is in no git repository")
    if found.commit is None:
        return Seen(False, "git has no commit yet")
    if found.changed:
        more = f" and {len(found.changed) - 2} more" if len(found.changed) > 2 else ""
        return Seen(False, f"changes that are in no commit: {', '.join(found.changed[:2])}{more}", "", known.now)
    return Seen(True, "everything is committed", found.commit[:12], found.at or "")


GROUNDS = (
    Ground(
        "git.committed",
        "everything is in a commit of git's",
        "commit the project (`git add`, `git commit`)",
        _committed,
        of_notebook=True,
    ),
)
