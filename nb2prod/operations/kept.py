"""Proofs of stages, kept on this machine from one conversion to the next.

A stage whose code, inputs, files, parameters and libraries are those of an earlier proof is not run again: what that
run left is compared with what the notebook does *now*. Its results are found by their hash: in the project, in DVC's
cache, or, until a conversion is finished, beside the proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nb2prod.adapters import records
from nb2prod.adapters.files import digest
from nb2prod.adapters.tree import place
from nb2prod.operations import elsewhere
from nb2prod.pipeline.model import Stage
from nb2prod.pipeline.moved import moved_mark
from nb2prod.pipeline.observation import Mark, Output

_MOST = 400


@dataclass(frozen=True, slots=True)
class KeptProof:
    """One stage's run. Cells are numbered within the stage.

    `made`: hash of each file that it wrote (see `Prover`). `results`: path relative to the root → SHA-256.
    `outside`: the state of what it may have looked at outside of the project.
    """

    mark: Mark
    outputs: Mapping[int, tuple[Output, ...]]
    made: Mapping[str, str | None]
    results: Mapping[str, str]
    outside: Mapping[str, str | None]


class Proofs:
    """The kept proofs of one pipeline. `root`: the project's."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root
        known = records.load(folder / "places", _Places)
        self._cached = dict(known.paths) if known else {}
        self._seen: dict[str, str] = {}

    def keep(self, key: str, stage: Stage, proof: KeptProof, results: Path) -> None:
        """Remember a run whose results lie in `results`. Raises OutsideError."""
        self._seen |= proof.results
        moves = {index: number for number, index in enumerate(stage.code_cells)}
        outputs = {moves[index]: shown for index, shown in proof.outputs.items()}
        for path, known in proof.results.items():
            if known and not (self._folder / "results" / known).exists():
                place(results / path, self._folder / "results" / known)
        record = replace(proof, mark=moved_mark(proof.mark, moves), outputs=outputs)
        records.save(self._folder / f"{key}.json.gz", record)

    def find(self, key: str, stage: Stage, results: Path) -> KeptProof | None:
        """The run, with its results laid into `results`; None where either is gone."""
        found = records.load(self._folder / f"{key}.json.gz", KeptProof)
        if found is None or not all(number < len(stage.code_cells) for number in found.outputs):
            return None
        if not elsewhere.holds(found.outside):
            return None
        sources = {path: self._source(path, known) for path, known in found.results.items()}
        missing = {path for path, source in sources.items() if source is None}
        if missing - {path for path in missing if path.endswith(stage.run)}:
            return None
        for path, source in sources.items():
            if source is not None:
                place(source, results / path)
        self._seen |= found.results
        moves = dict(enumerate(stage.code_cells))
        outputs = {moves[number]: shown for number, shown in found.outputs.items()}
        return replace(found, mark=moved_mark(found.mark, moves), outputs=outputs)

    def _source(self, path: str, known: str) -> Path | None:
        """Where a file with this hash lies; `path`: where it was, relative to the root."""
        places = [self._folder / "results" / known, self._root / path, Path(self._cached.get(known, "/nowhere"))]
        return next((one for one in places if one.exists() and digest(one) == known), None)

    def settle(self, cached: Mapping[Path, Path]) -> None:
        """The results are in the project now: their copies go. `cached`: file → its object in DVC's cache."""
        for path, known in self._seen.items():
            found = cached.get((self._root / path).resolve())
            if found is not None and found.exists():
                self._cached[known] = str(found)
        if self._seen:
            records.save(self._folder / "places", _Places(self._cached))
        newest = sorted(self._folder.glob("*.json.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in [*newest[_MOST:], *(self._folder / "results").glob("*")]:
            old.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Places:
    """SHA-256 of a result → its object in DVC's cache."""

    paths: Mapping[str, str]
