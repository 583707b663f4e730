"""Restart errors: nb2prod's precision and recall beside ruff's F821, on the same cases and the same truth.

python benchmarks/restart.py
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.lint.restart.test_restart import figures, found
from tests.lint.restart.truth import read_cases


def by_ruff(cases: dict[str, list[str]]) -> dict[str, set[tuple[int, str]]]:
    """What `ruff check --select F821` says; each name once, where it is first used."""
    with tempfile.TemporaryDirectory() as folder:
        names = {f"n{position}.ipynb": title for position, title in enumerate(cases)}
        for name, title in names.items():
            cells = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []} for text in cases[title]]
            document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
            (Path(folder) / name).write_text(json.dumps(document))
        ruff = [str(Path(sys.executable).parent / "ruff"), "check", "--isolated", "--no-cache", "--select", "F821"]
        done = subprocess.run([*ruff, "--output-format", "json", "."], cwd=folder, capture_output=True, check=False)
    said: dict[str, dict[str, int]] = {title: {} for title in cases}
    for one in json.loads(done.stdout):
        name = re.findall(r"`(.*?)`", one["message"])
        if one["code"] == "F821" and name:
            said[names[Path(one["filename"]).name]].setdefault(name[0], one["cell"] - 1)
    return {title: {(cell, name) for name, cell in one.items()} for title, one in said.items()}


def main() -> None:
    """Print both."""
    cases = read_cases()
    for name, said in (("nb2prod", {title: found(cells) for title, cells in cases.items()}), ("ruff", by_ruff(cases))):
        precision, recall = figures(said)
        print(f"{name:8} precision {precision:.2f}  recall {recall:.2f}  ({len(cases)} cases)")


if __name__ == "__main__":
    main()
