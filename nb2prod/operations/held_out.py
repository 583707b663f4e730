"""Whether training saw the rows that a version is judged on; and where it did, which cell of the notebook to change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import read_text
from nb2prod.operations.bundle import Bundle
from nb2prod.operations.project import read_manifest
from nb2prod.release import overlap

_HINT = "split before anything is fitted, or name the column that tells rows apart in `input.id`"


def check_held_out(bundle: Bundle, stage: str, overlaps: Mapping[str, Any]) -> None:
    """`stage`: the one that makes the model. `overlaps`: artifact that it reads → how its rows compare with the
    hold-out's. Raises NotHeldOut.
    """
    training = bundle.contract.training.data
    judged = [overlap.judged(path, one, is_training=path == training) for path, one in overlaps.items()]
    found = [one for one in judged if one.said]
    if not found:
        return
    remedies = [_remedy(bundle, stage, one.artifact) for one in found if one.artifact != training]
    raise overlap.NotHeldOut(
        f"the hold-out was not held out: {'; '.join(one.said for one in found)}",
        hint="; ".join(filter(None, remedies)) or _HINT,
    )


def _remedy(bundle: Bundle, stage: str, artifact: str) -> str:
    """Which line reads what is not the training data: that it takes the columns' names only, say, cannot be shown."""
    stages = (read_manifest(bundle.package_dir) or {}).get("stages", ())
    made = {out["path"]: out for one in stages for out in one["outputs"]}
    if artifact not in made:
        return ""
    names = made[artifact]["names"]
    cells = {cell for need in made[artifact]["needed by"] if need["stage"] == stage for cell in need["cells"]}
    lines = _lines(bundle.package_dir / "stages" / f"{stage}.ipynb", cells, names)
    where = "".join(f", as in `{line}`" for line in list(lines)[:1])
    ours = made.get(bundle.contract.training.data or "", {}).get("names", ["the training data"])
    return (
        f"stage `{stage}` reads `{names[0]}`{where}: let it take `{ours[0]}` (for the names of its columns too), or "
        f"tag what it does with `{names[0]}` as a stage of its own, and convert again"
    )


def _lines(stage: Path, cells: set[str], names: list[str]) -> Iterator[str]:
    """The lines of a stage's cells that name one of the variables."""
    named = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    for cell in json.loads(read_text(stage) or "{}").get("cells", ()):
        if cell.get("id") in cells:
            yield from (line.strip() for line in "".join(cell["source"]).splitlines() if named.search(line))
