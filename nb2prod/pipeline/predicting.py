"""The function of the cell tagged `predict`, importable from the package with what it needs.

Worked from the names that the function reads, its helpers' too:

1. Imports and lifted definitions are imported.
2. Constants and definitions that may simply run again are copied, in the notebook's order.
3. Everything else is a value that some stage made: an artifact of the stage that last wrote it, also where no stage
   reads it. A parameter is an artifact of the cell's own stage: the model was made with that value.

What no file keeps (a connection, a closure) has no way into production: the function stays in the notebook, and the
reason is told.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass

from nb2prod.dataflow.facts import Facts
from nb2prod.pipeline.crossings import Analysis
from nb2prod.pipeline.lifting import Lifted, definitions
from nb2prod.pipeline.model import Artifact, Predict
from nb2prod.pipeline.program import Program

_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__class__", "__file__", "__doc__"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the function needs. `values`: name → number of the stage whose artifact holds it. `code`: positions of
    statements to copy. `imports`: texts. `why`: what keeps it out of production, empty where nothing does.
    """

    cell: int
    function: str
    values: Mapping[str, int]
    code: frozenset[tuple[int, int]] = frozenset()
    imports: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Statement:
    """A statement of the notebook, also of a cell that is copied as a whole."""

    place: tuple[int, int]
    text: str
    kind: str
    facts: Facts
    replayable: bool


def wanted_by_predict(analysis: Analysis, lifted: Mapping[int, Lifted]) -> Wanted | None:
    """What the cell tagged `predict` needs; None where no cell is."""
    program = analysis.program
    tagged = [index for index in sorted(program.facts) if program.cut.roles[index].predict]
    if not tagged:
        return None
    names = definitions(program.facts[tagged[0]])
    function = "predict" if "predict" in names else names[-1] if names else ""
    found = Wanted(tagged[0], function, {})
    if len(tagged) > 1:
        return _not(found, f"{program.cell(tagged[1]).label} is tagged `predict` too")
    if not function:
        return _not(found, f"{program.cell(tagged[0]).label} is tagged `predict` and defines no function")
    return _Search(analysis, lifted, found).result()


def _not(wanted: Wanted, why: str) -> Wanted:
    return Wanted(wanted.cell, wanted.function, {}, why=why)


class _Search:
    """Follows names from the function to where they come from."""

    def __init__(self, analysis: Analysis, lifted: Mapping[int, Lifted], wanted: Wanted) -> None:
        self._analysis = analysis
        self._program = analysis.program
        self._wanted = wanted
        self._stage = self._program.stage_of_cell(wanted.cell) or 0
        self._end = self._program.first_unit(self._stage + 1)
        self._lifted = {name: one.module for one in lifted.values() for name in one.exports}
        self._statements = _statements(self._program, self._stage)
        self._reads = {name: one.reads for facts in self._program.facts.values() for name, one in facts.callables}
        self._values: dict[str, int] = {}
        self._code: set[tuple[int, int]] = set()
        self._imports: dict[str, None] = {}

    def result(self) -> Wanted:
        """All that is needed, or why it cannot be had."""
        own = set(definitions(self._program.facts[self._wanted.cell]))
        self._code = {one.place for one in self._statements if one.place[0] == self._wanted.cell and _is_code(one)}
        pending = [name for name in sorted(own) for name in sorted(self._reads.get(name, ()))]
        pending += sorted(use for one in self._statements if one.place in self._code for use in one.facts.uses)
        seen = set(own) | _BUILTINS
        while pending:
            name = pending.pop(0)
            if name in seen or name.startswith("$"):
                continue
            seen.add(name)
            more = self._follow(name)
            if isinstance(more, str):
                return _not(self._wanted, more)
            pending += more
        return Wanted(
            self._wanted.cell, self._wanted.function, self._values, frozenset(self._code), tuple(self._imports)
        )

    def _follow(self, name: str) -> list[str] | str:
        """What the name needs in turn; a sentence where nothing can carry it."""
        if name in self._lifted:
            self._imports[f"from .{self._lifted[name]} import {name}"] = None
            return []
        writers = [one for one in self._statements if name in one.facts.writes]
        if writers and all(one.kind == "import" for one in writers):
            self._imports[writers[-1].text] = None
            return []
        if self._is_code(name, writers):
            self._code |= {one.place for one in writers}
            uses = {use for one in writers for use in one.facts.uses}
            return sorted(uses | set(self._reads.get(name, ())))
        return self._value(name)

    def _is_code(self, name: str, writers: list[_Statement]) -> bool:
        """Whether all that made it may run again, once the parameters have their values from elsewhere."""
        if not writers or any(one.place[0] == self._program.cut.parameters for one in writers):
            return False
        return all(one.replayable for one in writers) and self._analysis.code_units(name, self._end) is not None

    def _value(self, name: str) -> list[str] | str:
        analysis = self._analysis
        parameters = {one.name for one in self._program.parameters} | set(self._program.derived)
        producer = self._stage if name in parameters else analysis.producer(name, self._stage + 1)
        if producer is None:
            return f"the function needs `{name}`, which no cell before it binds"
        value = analysis.variable(name, producer)
        if value is not None and (value.kind != "value" or (value.format is None and value.why)):
            return f"the function needs `{name}` ({value.type}), which no file keeps: {value.why or value.kind}"
        missing = [one for one in (value.classes if value else ()) if one not in self._lifted]
        if missing:
            return f"the function needs `{name}`, whose class `{missing[0]}` stays in the notebook"
        self._values[name] = producer
        return []


def _is_code(statement: _Statement) -> bool:
    return statement.kind in ("definition", "import")


def _statements(program: Program, stage: int) -> list[_Statement]:
    """In the notebook's order, up to the end of a stage."""
    cells = [index for number in range(stage + 1) for index in program.stages[number].cells if index in program.facts]
    return [
        _Statement((index, number), one.text, one.kind, one.facts, one.replayable)
        for index in sorted(cells)
        if program.facts[index].magic is None
        for number, one in enumerate(program.facts[index].statements)
    ]


def predict_module(program: Program, wanted: Wanted, package: str, artifacts: Mapping[str, Artifact]) -> Predict:
    """The file of the package. `artifacts`: by the names that they hold."""
    if wanted.why:
        return Predict(wanted.cell, None, (), "", wanted.why)
    files = list(dict.fromkeys(artifacts[name] for name in sorted(wanted.values)))
    module = "predict" if all(stage.name != "predict" for stage in program.stages) else "prediction"
    source = _source(program, wanted, files)
    paths = tuple(one.path for one in files)
    return Predict(wanted.cell, f"{package}.{module}:{wanted.function}", paths, source, "", module)


_READERS = {
    "parquet": "read_parquet",
    "column": "read_column",
    "npy": "read_npy",
    "json": "read_json",
    "pickle": "read_pickle",
}


def _source(program: Program, wanted: Wanted, files: list[Artifact]) -> str:
    head = f'"""The function that production calls, as it stands in {program.notebook.file}, with what it needs."""'
    own = [text for text in wanted.imports if text.startswith("from .")]
    others = [text for text in wanted.imports if text not in own]
    relative = ["from . import _stage", *own] if files else own
    reads = [f'{", ".join(one.names)} = _stage.{_READERS[one.format]}(_FOLDER / "{one.path}")' for one in files]
    place = ["_FOLDER = _stage.Path(__file__).resolve().parents[1]"] if files else []
    stage = len(program.stages) - 1
    copied = [one for one in _statements(program, stage) if one.place in wanted.code]
    constants = [one.text.strip("\n") for one in copied if one.kind != "definition"]
    bodies = [one.text.strip("\n") for one in copied if one.kind == "definition"]
    blocks = ["\n".join(block) for block in (others, relative, [*place, *reads], constants) if block]
    return "\n\n".join([head, *blocks]) + "\n\n\n" + "\n\n\n".join(bodies) + "\n"
