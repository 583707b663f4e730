"""Kill release, deploy, rollback and predict in each of their phases: the state is the one before or the one after.

Every phase comes equally often, however short it is; in it the moment is random. The same command again completes the
work: the history is whole, the remote has it, no prediction is lost or there twice.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from places import scratch


def main(count: int = 100, seed: int = 1, minutes: int = 600, kept: str | None = None) -> int:
    """The number of moments after which something was wrong. Ends early after so many minutes.

    `kept`: a folder for what is prepared, which the next call finds there.
    """
    from integration.striking import PHASES, moment_in

    chance = random.Random(seed)
    wrong: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    until = time.monotonic() + 60 * minutes
    with scratch() as folder:
        original = Path(kept) if kept else folder / "original"
        if not original.exists():
            made(original)
        seen = _watched(folder, original)
        for verb, phases in seen.items():
            print(f"{verb}:", ", ".join(f"{name} {one[0]:.2f} s, {one[1]} events" for name, one in phases.items()))
            print(f"  not come to: {', '.join(PHASES[verb].keys() - phases.keys()) or 'none'}", flush=True)
        places = [(verb, phase) for verb, phases in seen.items() for phase in phases]
        for number in range(count):
            if number % len(places) == 0:
                chance.shuffle(places)
            verb, phase = places[number % len(places)]
            moment = moment_in(phase, *seen[verb][phase], chance)
            said = _one(_copy(folder, original), verb, moment)
            print(f"{number + 1:3} {verb:8} {moment}: {said}", flush=True)
            wrong[verb] += said.startswith("WRONG")
            hit[f"{verb}, {said.split(', ')[-1]}"] += said.startswith("killed")
            if time.monotonic() > until:
                break
    print(", ".join(f"{what}: {times}" for what, times in sorted(hit.items())))
    print(f"{sum(hit.values())} killed, {wrong.total()} wrong")
    return wrong.total()


_VERBS = {
    "deploy": ("deploy", "v1"),
    "rollback": ("rollback",),
    "release": ("release", "pipeline"),
    "predict": ("predict", "rows.csv", "--out", "out.parquet"),
}


def _watched(folder: Path, original: Path) -> Any:
    """Verb → phase → (seconds, events)."""
    from integration.striking import watch

    file = original / "watched.json"
    if not file.exists():
        seen = {verb: watch(_copy(folder, original), arguments) for verb, arguments in _VERBS.items()}
        file.write_text(json.dumps(seen))
    return json.loads(file.read_text())


def made(original: Path) -> None:
    """Version 3 is champion, 2 was before; version 4 is committed. There is a remote, and inputs were logged.

    The gate is lenient: which version wins is not what is looked at.
    """
    from integration import loans, projects

    from nb2prod.adapters.contract_file import edit_contract
    from nb2prod.operations.deploy import deploy
    from nb2prod.operations.predict import predict
    from nb2prod.operations.release import release

    loans.make(original)
    root = original / loans.NAME
    edit_contract(root / "pipeline", {"gate.minimum_effect": -0.6, "gate.slices": []})
    (root / ".gitignore").write_text("*.csv\n*.parquet\n")
    projects.commit(root, "a lenient gate")
    release(root / "pipeline")
    projects.commit(root, "evidence")
    for columns in (3, 5):
        loans.refit_on(root, columns)
        release(root / "pipeline")
        projects.commit(root, "evidence")
    deploy("v2", root)
    loans.rows(root / "rows.csv", 3000)
    predict(root / "rows.csv", out=root / "before.parquet", folder=root)
    deploy("v3", root)
    loans.refit_on(root, 4)
    projects.git(root.parent, "clone", "-q", "--bare", root.name, "origin.git")
    projects.git(root, "remote", "add", "origin", "../origin.git")


def _copy(folder: Path, original: Path) -> Path:
    """Everything anew, without the folders of the versions: they are made again on the way."""
    place = folder / "copy"
    shutil.rmtree(place, ignore_errors=True)
    root = Path(shutil.copytree(original, place, symlinks=True)) / "loans"
    shutil.rmtree(root / ".nb2prod" / "versions")
    return root


def _one(root: Path, verb: str, moment: object) -> str:
    from integration.deploying import kill_one, kill_predict

    try:
        return (kill_predict if verb == "predict" else kill_one)(root, _VERBS[verb], moment)
    except AssertionError as error:
        return f"WRONG: {error}"


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:4]), *sys.argv[4:]))
