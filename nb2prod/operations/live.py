"""An open notebook, before it is saved: check it, and show what a fix makes of it. Writes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nb2prod.adapters import surroundings
from nb2prod.adapters.documents import notebook_of
from nb2prod.adapters.settings import settings_for
from nb2prod.diagnostics import Diagnostic, ScrubOutputs
from nb2prod.errors import Refused, UsageError
from nb2prod.lint.edits import EditedCell, edited
from nb2prod.lint.rule import Rule
from nb2prod.lint.secrets.mask import scrubbed_json
from nb2prod.lint.session import Session
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.operations.check import Choice
from nb2prod.operations.fix import differences, still_parses
from nb2prod.operations.outputs import Allowance


class OutputsNeeded(Refused):
    """The document relies on outputs that were sent before, and they are not known."""


@dataclass(frozen=True, slots=True)
class MendedCell:
    """A cell after a fix. `origin`: its id before, empty for a new one. `outputs`: None where they stay."""

    origin: str
    source: str
    outputs: list[Any] | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """What a fix makes of the notebook."""

    title: str
    safe: bool
    diff: str
    cells: tuple[MendedCell, ...]


class Editor:
    """One notebook in one window: what is known of it from one request to the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._outputs: dict[str, list[Any]] = {}
        self._rules: tuple[Rule, ...] = ()
        self._session: Session | None = None
        self._notebook: Notebook | None = None

    def check(self, document: Mapping[str, Any]) -> list[Diagnostic]:
        """The diagnostics of the document. Raises OutputsNeeded where it leaves out what is not known."""
        notebook = notebook_of(self._whole(document), self._path)
        settings_for.cache_clear()
        surroundings.forget()
        rules = Choice().rules_for(self._path)
        if self._session is None or rules != self._rules:
            folder = surroundings.Project(self._path.absolute().parent)
            self._rules, self._session = rules, Session(notebook, rules, folder)
            found = self._session.diagnostics()
        else:
            found = self._session.replaced(notebook)
        self._notebook = notebook
        return found

    def _whole(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with the outputs that it leaves out because they are as before, all of them cut."""
        cells = []
        known: dict[str, list[Any]] = {}
        allowance = Allowance()
        for sent in _cells(document):
            name = str(sent.get("id", ""))
            left_out = "outputs" not in sent and sent.get("cell_type") == "code"
            if left_out and name not in self._outputs:
                raise OutputsNeeded("outputs are left out that are not known here", hint="send all outputs")
            outputs = self._outputs[name] if left_out else sent.get("outputs")
            cells.append(sent)
            if isinstance(outputs, list):
                known[name] = outputs
                cells[-1] = {**sent, "outputs": allowance.cut(outputs)}
        self._outputs = known
        return {**document, "cells": cells}

    def mended(self, document: Mapping[str, Any], code: str, cell_id: str, line: int, column: int) -> Mended:
        """What the fix of the diagnostic at that place makes of the document. Raises Refused where there is none."""
        found = self.check(document)
        assert self._notebook is not None
        place = (code, cell_id, line, column)
        fixes = {(one.code, one.cell_id, one.span.line, one.span.column): one.fix for one in found if one.fix}
        fix = fixes.get(place)
        if fix is None:
            raise Refused(f"there is no fix for {code} at this place any more", hint="the notebook has changed")
        cells = self._notebook.cells
        result, taken = edited(cells, [fix])
        if not taken or not still_parses(cells, fix):
            raise Refused(f"the fix “{fix.title}” does not go with the notebook as it is now", hint="edit it by hand")
        scrubbed = {edit.cell_index for edit in fix.edits if isinstance(edit, ScrubOutputs)}
        return Mended(
            fix.title,
            fix.safe,
            differences(self._path.name, cells, result),
            tuple(self._mended_cell(cells, one, one.origin in scrubbed) for one in result),
        )

    def _mended_cell(self, cells: Sequence[Cell], one: EditedCell, scrub: bool) -> MendedCell:
        if one.origin is None:
            return MendedCell("", one.source, None, one.tags)
        name = cells[one.origin].id
        outputs: list[Any] | None = json.loads(one.outputs) if one.outputs is not None else None
        if scrub:
            outputs = scrubbed_json(self._outputs.get(name, []) if outputs is None else outputs)
        return MendedCell(name, one.source, outputs, cells[one.origin].tags)


def _cells(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    cells = document.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UsageError("the notebook has no list of cells", hint="send the notebook's document")
    return cells
