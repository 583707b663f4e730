"""Every notebook of `tests/lint/running/notebooks.txt`: its cause must be named, on the right cell, by a run."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main(wanted: list[str]) -> int:
    """Print one line per notebook; 1 where fewer than nine in ten are named."""
    sys.path.insert(0, str(ROOT))
    from tests.lint.running.table import broken, is_named, ran

    causes: Counter[str] = Counter()
    missed = 0
    table = [one for one in broken() if not wanted or any(word in one.title for word in wanted)]
    for one in table:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found = ran(one, Path(folder)).checked.diagnostics
        named = is_named(one, found)
        missed += not named
        causes[one.cause] += named
        said = [f"{d.name} {d.cell_index + 1} {d.confirmed}" for d in found]
        print(f"{'named ' if named else 'MISSED'} {time.monotonic() - began:5.1f} s  {one.title}: {said}", flush=True)
    print(f"{len(table) - missed} of {len(table)} named, {len(+causes)} causes: {dict(causes)}")
    return int(missed > 0.1 * len(table))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
