"""The records of a pipeline. Paths are POSIX and relative to the pipeline's folder unless said otherwise."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from nb2prod.pipeline.observation import Source

SUFFIX = {"parquet": ".parquet", "column": ".parquet", "npy": ".npy", "json": ".json", "pickle": ".pkl"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie, POSIX and relative to the project's root."""

    folder: str
    notebook: str

    @property
    def notebook_folder(self) -> str:
        """The folder of the notebook: the working directory of every stage."""
        return posixpath.dirname(self.notebook)

    @property
    def working_directory(self) -> str:
        """The notebook's folder as the pipeline's folder sees it."""
        return posixpath.relpath(self.notebook_folder or ".", self.folder)

    def from_kernel(self, path: str) -> str:
        """A path of the pipeline's as a stage's kernel sees it."""
        return posixpath.relpath(posixpath.join(self.folder, path), self.notebook_folder or ".")

    def from_pipeline(self, path: str) -> str:
        """A path that is relative to the project's root, as the pipeline's folder sees it."""
        return path if posixpath.isabs(path) else posixpath.relpath(path, self.folder)

    def from_notebook(self, path: str) -> str:
        """A path that is relative to the project's root, as the notebook's folder sees it."""
        return posixpath.relpath(path, self.notebook_folder or ".")

    def to_root(self, path: str) -> str:
        """A path relative to the notebook's folder, relative to the root instead."""
        return posixpath.normpath(posixpath.join(self.notebook_folder, path))


@dataclass(frozen=True, slots=True)
class Need:
    """Who reads an artifact: the stage, its cells (indices in the notebook), and how that is known."""

    stage: str
    cells: tuple[int, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """One stored, hashed output: a variable, or co-variables in one file. `names` are in order of storage.

    `size`: bytes that it held when it was observed; `stored`: those of its file, as a forecast.
    `made_in`: cells of the stage (indices in the notebook).
    `number`: from 2 on where another artifact of the stage has the same file name, as `x` and `X` have on macOS.
    """

    names: tuple[str, ...]
    stage: str
    format: str
    types: tuple[str, ...] = ()
    why: str = ""
    size: int | None = None
    stored: int | None = None
    made_in: tuple[int, ...] = ()
    needs: tuple[Need, ...] = ()
    number: int = 1

    @property
    def path(self) -> str:
        """Where it lies."""
        stem = "-".join(name.strip("$").replace(":", "_") for name in self.names)
        stem = stem[:80] if self.number == 1 else f"{stem[:80]}-{self.number}"
        return f"artifacts/{self.stage}/{stem}{SUFFIX.get(self.format, '.json')}"

    @property
    def is_random_state(self) -> bool:
        """Whether it holds a generator's state instead of variables."""
        return self.names[0].startswith("$rng:")


@dataclass(frozen=True, slots=True)
class Boundary:
    """What one stage hands to another, where it is much: a forecast of the bytes, and what would be cheaper."""

    producer: str
    consumer: str
    stored: int
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the user's code opens. `path` may hold `${parameter}`; `root_path` is relative to the root."""

    path: str
    root_path: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A literal bound in the parameters cell."""

    name: str
    value: object


@dataclass(frozen=True, slots=True)
class StageCell:
    """A cell of a stage's notebook.

    `kind`: markdown, user (the user's own cell), replayed (a copy of an earlier cell or statements of it),
    parameters, derived, import (a lifted definition), start, files (which ones may be opened, where parameters decide),
    expected (the next cell may raise), inputs, outputs.
    `origin` is the notebook's cell index.
    """

    kind: str
    source: str
    origin: int | None = None
    tags: tuple[str, ...] = ()
    complete: bool = True

    @property
    def is_markdown(self) -> bool:
        """Whether it is prose."""
        return self.kind == "markdown"


@dataclass(frozen=True, slots=True)
class Module:
    """A file of the package: definitions lifted out of the notebook."""

    name: str
    source: str
    exports: tuple[str, ...]

    @property
    def path_in_package(self) -> str:
        """Its file's name."""
        return f"{self.name}.py"


@dataclass(frozen=True, slots=True)
class Stage:
    """One DVC stage. `tagged` are the notebook's stage names in it: more than one where stages were merged.

    `folders`: where it writes and what an earlier stage, or an earlier run, made; relative to the root. `watched`:
    inputs that it may change and was seen not to; `watched_from`: the same of what its own code makes, by the cell from
    which on it must not change. `apart`: inputs that its outputs may share objects with after all.
    `absent`: names that it may bind and was seen not to. `present`: names that it may not bind, and did.
    `settings`: what it may change of the process and was seen not to, from the cell `settings_from` on.
    `still`: random generators that it must not draw from, because it does not have their state. `modules_from`: the
    folder whose modules it must leave as they were imported, but for what `set_again` names; empty where it need not.
    `sources`: what it reads from others. `secrets`: environment variables whose values it must not write.
    `asks`: whether it may ask for a password.
    """

    name: str
    tagged: tuple[str, ...]
    cells: tuple[StageCell, ...]
    own_cells: tuple[int, ...]
    inputs: tuple[Artifact, ...]
    outputs: tuple[Artifact, ...]
    parameters: tuple[str, ...]
    modules: tuple[str, ...]
    reads: tuple[File, ...]
    writes: tuple[File, ...]
    metrics: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    watched_from: tuple[tuple[int, tuple[str, ...]], ...] = ()
    apart: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    settings_from: int | None = None
    still: tuple[str, ...] = ()
    written_names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    secrets: tuple[str, ...] = ()
    asks: bool = False
    modules_from: str = ""
    set_again: tuple[str, ...] = ()

    @property
    def sources_path(self) -> str:
        """The file that says how its sources were when they were last looked at."""
        return f"sources/{self.name}.json"

    @property
    def code_cells(self) -> tuple[int, ...]:
        """The own cells that hold code."""
        own = {cell.origin for cell in self.cells if not cell.is_markdown}
        return tuple(index for index in self.own_cells if index in own)

    @property
    def notebook(self) -> str:
        """The stage's papermill notebook."""
        return f"stages/{self.name}.ipynb"

    @property
    def run(self) -> str:
        """The same, executed."""
        return f"runs/{self.name}.ipynb"

    @property
    def metrics_path(self) -> str:
        """The file of its metrics."""
        return f"metrics/{self.name}.json"


@dataclass(frozen=True, slots=True)
class Merge:
    """Tagged stages that run as one, and why."""

    stages: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Predict:
    """What became of the cell tagged `predict`. `function`: `package.module:name`, None where it cannot leave the
    notebook, and then `why`. `needs`: paths of the artifacts that its module loads.
    """

    cell: int
    function: str | None
    needs: tuple[str, ...]
    source: str
    why: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The whole: everything that the writers need."""

    name: str
    package: str
    layout: Layout
    kernel: str
    kernel_title: str
    parameters: tuple[Parameter, ...]
    stages: tuple[Stage, ...]
    modules: tuple[Module, ...]
    merges: tuple[Merge, ...] = ()
    notes: tuple[str, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    predict: Predict | None = None

    def stage(self, name: str) -> Stage:
        """The stage of that name. Raises KeyError."""
        return next(stage for stage in self.stages if stage.name == name)

    @property
    def values(self) -> Mapping[str, object]:
        """The parameters' values by name."""
        return {parameter.name: parameter.value for parameter in self.parameters}


@dataclass(frozen=True, slots=True)
class Repairs:
    """What earlier proofs taught: how this build departs from the plain one.

    `merges`: (first, last tagged stage, reason). `pickled`: names that no typed format carries exactly enough.
    `unlifted`: cells whose definitions stay. `inputs`: (stage, name) that the analysis missed.
    `files`: (stage, path relative to the root) likewise. `no_folders`: stages that must make their folders themselves.
    """

    merges: tuple[tuple[str, str, str], ...] = ()
    pickled: frozenset[str] = frozenset()
    unlifted: frozenset[int] = frozenset()
    inputs: frozenset[tuple[str, str]] = frozenset()
    files: frozenset[tuple[str, str]] = frozenset()
    no_folders: frozenset[str] = frozenset()
