"""Ten deployments and rollbacks at once: one order, all of it in the history, nobody decides on what is no longer so."""

from __future__ import annotations

import random
import sys

from places import scratch


def main(count: int = 10, times: int = 3, seed: int = 1) -> int:
    """0 where nothing was wrong; the first thing that was is an AssertionError."""
    from integration import loans
    from integration.deploying import check_concurrent
    from kill_production import _prepare

    chance = random.Random(seed)
    with scratch() as folder:
        loans.make(folder / "made")
        root = loans.copied(folder / "made", folder / "original")
        _prepare(root)
        for _ in range(times):
            verbs = [chance.choice((["deploy", "v2"], ["deploy", "v3"], ["rollback"])) for _ in range(count)]
            print(check_concurrent(root, verbs), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
