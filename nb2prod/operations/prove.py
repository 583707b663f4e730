"""Run each stage in a fresh kernel, in a tree that holds only what it declares, and compare.

Stage by stage: a stage starts from the outputs of stages that were found equal to the notebook's, so by induction the
pipeline is the notebook. What the proof computes is kept as the pipeline's first result. A stage that ran before
from the same files is not run again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nb2prod
from nb2prod.adapters.confidential import Values, redacted
from nb2prod.adapters.files import Tail, digest, write_text
from nb2prod.adapters.kernels import Session, Start, kernel_files, open_session, stage_file, to_mark
from nb2prod.adapters.papermill import executed, parameterised
from nb2prod.adapters.tree import Watch, copy_files, place
from nb2prod.errors import CellFailed
from nb2prod.notebook.model import Notebook
from nb2prod.notebook.same_code import looks_at_itself
from nb2prod.operations import elsewhere
from nb2prod.operations.kept import KeptProof, Proofs
from nb2prod.operations.observe import Observed, place_of_run, recording
from nb2prod.operations.progress import Progress
from nb2prod.operations.project import Project
from nb2prod.pipeline.compare import compare_stage
from nb2prod.pipeline.model import Pipeline, Stage
from nb2prod.pipeline.observation import Mark, Output
from nb2prod.pipeline.verdict import Difference, StageEvidence
from nb2prod.writers.generated import GeneratedFile, code_of_file


@dataclass(frozen=True, slots=True)
class StageProof:
    """One stage's run: its evidence, or the cell that failed."""

    stage: str
    evidence: StageEvidence
    failed: CellFailed | None = None
    mark: Mark | None = None
    outputs: Mapping[int, tuple[Output, ...]] | None = None
    made: Mapping[str, str | None] | None = None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self.failed is None and not self.evidence.differences


class Prover:
    """Proves pipelines of one notebook; remembers stages that were run from the same files.

    `proofs`: those of earlier conversions.
    """

    def __init__(
        self,
        project: Project,
        notebook: Notebook,
        observed: Observed,
        scratch: Path,
        progress: Progress,
        proofs: Proofs | None = None,
        *,
        network: bool = False,
    ) -> None:
        self.project = project
        self.notebook = notebook
        self.observed = observed
        self.scratch = scratch
        self.progress = progress
        self.network = network
        self.results = scratch / "results"
        self.proofs = proofs
        self._done: dict[str, StageProof] = {}
        self._libraries = _libraries(observed.environment)

    def prove(
        self, pipeline: Pipeline, files: Mapping[str, GeneratedFile], stage: Stage, start: Start, again: bool = False
    ) -> StageProof:
        """Run the stage (once per content of its inputs) and compare it with the notebook.

        `start`: where random numbers and clocks that nobody fixed begin. `again`: run it once more, and keep what the
        first run made.
        """
        key = f"{self._key(pipeline, files, stage)}-{start.seed}-{start.clock}"
        if key in self._done and not again:
            self._restore(stage, pipeline, key)
            return self._done[key]
        if not again and (kept := self._recall(pipeline, stage, key)):
            self._done[key] = kept
            self._restore(stage, pipeline, key)
            return kept
        tree = place_of_run(self.scratch)
        self._lay_out(pipeline, files, stage, tree)
        self.progress.phase(f"stage {stage.name}")
        proof = self._run(pipeline, files, stage, tree, start)
        if not again:
            self._done[key] = proof
            self._keep(stage, pipeline, tree, key)
            self._restore(stage, pipeline, key)
            self._remember(pipeline, stage, key, proof)
        return proof

    def knows(self, pipeline: Pipeline, files: Mapping[str, GeneratedFile], stage: Stage, start: Start) -> bool:
        """Whether to prove the stage runs nothing."""
        key = f"{self._key(pipeline, files, stage)}-{start.seed}-{start.clock}"
        return key in self._done or self._recall(pipeline, stage, key) is not None

    def _recall(self, pipeline: Pipeline, stage: Stage, key: str) -> StageProof | None:
        """A kept run of the very same stage, if it left what the notebook leaves now."""
        folder = self.scratch / "kept" / key
        found = self.proofs.find(key, stage, folder) if self.proofs else None
        if found is None:
            return None
        outside = self._outside()
        if not all(path in outside for path, made in found.made.items() if made and made[0] == "+"):
            return None
        evidence = self._compare(stage, found.mark, found.outputs, found.made, outside)
        if evidence.differences:
            shutil.rmtree(folder, ignore_errors=True)
            return None
        return StageProof(stage.name, evidence, None, found.mark, found.outputs, found.made)

    def _remember(self, pipeline: Pipeline, stage: Stage, key: str, proof: StageProof) -> None:
        if self.proofs is None or not proof.is_same or proof.mark is None:
            return
        folder = self.scratch / "kept" / key
        files = {path: digest(folder / path) for path in self._results_of(pipeline, stage)}
        results = {path: known for path, known in files.items() if known and not (folder / path).is_dir()}
        if len(results) == sum(known is not None for known in files.values()):  # a folder is run again
            places = elsewhere.around(self.project.root, self._sources(), proof.mark, self.observed.written)
            kept = KeptProof(proof.mark, proof.outputs or {}, proof.made or {}, results, places)
            self.proofs.keep(key, stage, kept, folder)

    def _sources(self) -> list[str]:
        return [cell.source for cell in self.notebook.code_cells]

    @property
    def may_vary(self) -> bool:
        """Whether the notebook drew random numbers that nobody seeded, or looked at a clock."""
        return any(mark.unseeded or mark.clock for mark in self.observed.observation.marks)

    def _declared(self, pipeline: Pipeline, stage: Stage) -> list[str]:
        """Files of the user's that the stage reads, relative to the root."""
        return [file.root_path for file in stage.reads if not Path(file.root_path).is_absolute()]

    def _generated(self, pipeline: Pipeline, stage: Stage) -> list[str]:
        folder = pipeline.layout.folder
        code = [f"{pipeline.package}/{name}.py" for name in ("__init__", "_stage", *stage.modules)]
        return [f"{folder}/{path}" for path in [stage.notebook, *code]]

    def _key(self, pipeline: Pipeline, files: Mapping[str, GeneratedFile], stage: Stage) -> str:
        """A hash of everything that the stage's run depends on, and of what it must hand on."""
        layout = pipeline.layout
        artifacts = [f"{layout.folder}/{artifact.path}" for artifact in stage.inputs]
        parts: list[Any] = [nb2prod.__version__, self._libraries, len(stage.code_cells), stage.written_names]
        parts += [[artifact.path for artifact in stage.outputs], [file.root_path for file in stage.writes]]
        as_written = looks_at_itself(cell.source for cell in self.notebook.code_cells)
        # `__init__.py` only says what the package holds.
        code = [files[path] for path in self._generated(pipeline, stage) if not path.endswith("/__init__.py")]
        parts += [(file.path, file.digest if as_written else code_of_file(file)) for file in code]
        parts += [sorted(self._with_gitignore(pipeline, stage))]
        parts += [(path, digest(self.results / path)) for path in artifacts]
        parts += [(path, self._digest_read(path)) for path in self._declared(pipeline, stage)]
        parts += [sorted((name, repr(pipeline.values[name])) for name in stage.parameters)]
        parts += [sorted((source.name, source.token) for source in stage.sources)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _digest_read(self, path: str) -> str | None:
        return digest(self.results / path) or digest(self.project.root / path)

    def _lay_out(self, pipeline: Pipeline, files: Mapping[str, GeneratedFile], stage: Stage, tree: Path) -> None:
        layout = pipeline.layout
        for path in self._generated(pipeline, stage):
            write_text(tree / path, files[path].text)
        (tree / layout.notebook_folder).mkdir(parents=True, exist_ok=True)
        for path in [*self._declared(pipeline, stage), *(f"{layout.folder}/{one.path}" for one in stage.inputs)]:
            source = self.results if (self.results / path).exists() else self.project.root
            self._copy(source, tree, path)
        for folder in self._with_gitignore(pipeline, stage):
            if not (tree / folder / ".gitignore").exists():
                write_text(tree / folder / ".gitignore", "")

    def _with_gitignore(self, pipeline: Pipeline, stage: Stage) -> set[str]:
        """Folders that the stage lists and in which DVC keeps a `.gitignore` beside the outputs that it owns."""
        written = [file.root_path for one in pipeline.stages for file in one.writes]
        parents = {path.rpartition("/")[0] or "." for path in written}
        marks = [mark for mark in self.observed.observation.marks if set(mark.cells) & set(stage.own_cells)]
        return parents & {folder for mark in marks for folder in mark.listed}

    def _copy(self, source: Path, target: Path, path: str) -> None:
        if (source / path).is_dir():
            shutil.copytree(source / path, target / path, dirs_exist_ok=True)
        elif (source / path).exists():
            copy_files(source, target, [Path(path)])

    def _run(
        self, pipeline: Pipeline, files: Mapping[str, GeneratedFile], stage: Stage, tree: Path, start: Start
    ) -> StageProof:
        layout = pipeline.layout
        document = parameterised(files[f"{layout.folder}/{stage.notebook}"].text, pipeline.values)
        origins = _origins(stage, document)
        outputs: dict[int, tuple[Output, ...]] = {}
        mark: Mark | None = None
        outside = self._outside()
        watch = Watch(tree)
        with open_session(pipeline.kernel, tree / layout.notebook_folder, self.scratch) as session:
            session.observe(stage_file(), tree, pipeline.package, start)
            session.guard(tree, [self.project.root, self.results], offline=True)
            if self.network:
                session.record(recording(self.scratch), "replay")
            try:
                mark = self._run_cells(session, document, origins, outputs, watch)
            except CellFailed as raised:
                failed = redacted(raised, Values(session.confidential()))
                evidence = StageEvidence(stage.name, 0, 0, 0, (), (_failure(stage, failed),))
                return StageProof(stage.name, evidence, failed)
        write_text(tree / layout.folder / stage.run, Values(self.observed.confidential).redacted(executed(document)))
        made = self._digests(stage, pipeline, mark, tree, outside)
        evidence = self._compare(stage, mark, outputs, made, outside)
        return StageProof(stage.name, evidence, None, mark, outputs, made)

    def _outside(self) -> dict[str, Tail]:
        """The ends of files outside of the project that the notebook wrote."""
        return {path: Tail.of(Path(path)) for path in self.observed.written if Path(path).is_absolute()}

    def _run_cells(
        self,
        session: Session,
        document: Any,
        origins: list[int | None],
        outputs: dict[int, tuple[Output, ...]],
        watch: Watch,
    ) -> Mark:
        code = [number for number, cell in enumerate(document.cells) if cell.cell_type == "code"]
        last = max((n for n in code if origins[n] is not None), default=code[-1] if code else -1)
        mark: Mark | None = None
        for position, number in enumerate(code):
            cell, origin = document.cells[number], origins[number]
            label = self.notebook.cells[origin].label if origin is not None else f"the {_kind(cell)} cell"
            self.progress.cell(label, position + 1, len(code))
            if origin is not None:
                session.pin(self.notebook.cells[origin].id, origin)
            run = session.run(cell.source, label, tuple(cell.metadata.get("tags", ())))
            cell.outputs, cell.execution_count = [_node(output) for output in run.outputs], position + 1
            if origin is not None:
                outputs[origin] = outputs.get(origin, ()) + run.compared
            if number == last:
                mark = to_mark((), session.mark(frozenset()), watch.root, *watch.look())
        return mark or to_mark((), session.mark(frozenset()), watch.root, *watch.look())

    def _digests(
        self, stage: Stage, pipeline: Pipeline, mark: Mark, tree: Path, outside: Mapping[str, Tail]
    ) -> dict[str, str | None]:
        """The hash of every file that the stage wrote or should have written; what it added to one outside."""
        written = self.observed.written
        folders = {file.root_path for file in stage.writes if (tree / file.root_path).is_dir()}
        declared = {file.root_path for file in stage.writes} - folders
        declared |= {path for path in written if any(path.startswith(f"{folder}/") for folder in folders)}
        # A log that a replayed setting opened, and nobody wrote to, is gone again.
        own = {path for path in mark.writes if not path.startswith(f"{pipeline.layout.folder}/")}
        own = {path for path in own if (tree / path).exists()}
        added = {path: tail.added(Path(path)) for path, tail in outside.items() if path in own}
        return {path: added.get(path) or digest(tree / path) for path in sorted(declared | own)}

    def _compare(
        self,
        stage: Stage,
        mark: Mark,
        outputs: Mapping[int, tuple[Output, ...]],
        made: Mapping[str, str | None],
        outside: Mapping[str, Tail],
    ) -> StageEvidence:
        """`outside`: the ends of files outside before the stage ran. What it added must be what the notebook added."""
        written = self.observed.written
        alike = {path for path, added in made.items() if added and added[0] == "+" and outside[path].ends_with(added)}
        files = {path: (written.get(path), written[path] if path in alike else made[path]) for path in made}
        sources = {index: self.notebook.cells[index].source for index in stage.own_cells}
        return compare_stage(stage, self.observed.observation, mark, outputs, sources, files)

    def _results_of(self, pipeline: Pipeline, stage: Stage) -> list[str]:
        folder = pipeline.layout.folder
        made = (
            [artifact.path for artifact in stage.outputs]
            + [stage.run]
            + ([stage.metrics_path] if stage.metrics else [])
        )
        return [f"{folder}/{path}" for path in made] + [file.root_path for file in stage.writes]

    def _keep(self, stage: Stage, pipeline: Pipeline, tree: Path, key: str) -> None:
        for path in self._results_of(pipeline, stage):
            place(tree / path, self.scratch / "kept" / key / path)
        shutil.rmtree(tree.parent, ignore_errors=True)

    def _restore(self, stage: Stage, pipeline: Pipeline, key: str) -> None:
        for path in self._results_of(pipeline, stage):
            place(self.scratch / "kept" / key / path, self.results / path)

    def settle(self, cached: Mapping[Path, Path]) -> None:
        """The results are in their place: those of kept proofs need no copy any more."""
        if self.proofs:
            self.proofs.settle(cached)

    def result_files(self, pipeline: Pipeline) -> list[str]:
        """All results of the pipeline's stages, relative to the root; they lie in `self.results`."""
        paths = [path for stage in pipeline.stages for path in self._results_of(pipeline, stage)]
        return [path for path in paths if (self.results / path).exists()]


def _libraries(environment: Mapping[str, Any]) -> list[Any]:
    """The interpreter and what is installed in it: what a proof of another day depends on besides the project."""
    return [*elsewhere.installed_in(environment), [digest(file) for file in kernel_files()]]


def _origins(stage: Stage, document: Any) -> list[int | None]:
    """For each cell of the parameterised notebook: the notebook's cell that it stands for, if it is the stage's own."""
    own: Callable[[int | None], int | None] = lambda index: index if index in stage.own_cells else None  # noqa: E731
    found = [own(cell.origin) if not cell.is_markdown else None for cell in stage.cells]
    for number, cell in enumerate(document.cells):
        if "injected-parameters" in cell.metadata.get("tags", ()):
            found.insert(number, None)
    return found


def _kind(cell: Any) -> str:
    tags = cell.metadata.get("tags", ())
    return next((tag.removeprefix("nb2prod-") for tag in tags if tag.startswith("nb2prod-")), "parameters")


def _node(output: dict[str, Any]) -> Any:
    from nbformat import from_dict

    return from_dict(output)


def _failure(stage: Stage, failed: CellFailed) -> Difference:
    return Difference(stage.name, "error", failed.message, "runs", f"raised {failed.name}")
