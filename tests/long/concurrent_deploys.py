"""Ten deployments and rollbacks at once: one order, all of it in the history, nobody decides on what is no longer so."""

from __future__ import annotations

import random
import sys

from places import scratch


def main(count: int = 10, times: int = 5, seed: int = 1) -> int:
    """0 where nothing was wrong; the first thing that was is an AssertionError."""
    from integration import loans
    from integration.deploying import check_concurrent, state
    from integration.projects import git
    from kill_production import made

    chance = random.Random(seed)
    with scratch() as folder:
        made(folder / "original")
        root = folder / "original" / loans.NAME
        clone = root.parent / "clone"
        git(root.parent, "clone", "-q", "origin.git", "clone")
        for _ in range(times):
            verbs = [_verb(chance) for _ in range(count)]
            print(check_concurrent(root, verbs), flush=True)
            git(clone, "fetch", "-q", "--tags")
            assert state(clone) == state(root), "the remote tells another history"
    return 0


def _verb(chance: random.Random) -> list[str]:
    """Half of them in production, the others elsewhere."""
    place = chance.choice(("production", "production", "staging", "dev"))
    what = chance.choice((["deploy", "v1"], ["deploy", "v2"], ["deploy", "v3"], ["rollback"]))
    return [*what, "--env", place]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
