"""Text tables of rules: a notebook in percent form → its diagnostics, and the notebook after the fixes.

    === bad: packages through the shell | files: data.csv | requirements: pandas==2.1
    # %% count=3 tags=setup,skip
    !pip install pandas
    #> what the cell printed
    #= its result, as text
    #! NameError: the error it ended with
    # %% [markdown]
    text
    --- findings
    1 1:0-1:19 packages are installed while the notebook runs
    --- fixed
    # %%
    the notebook after all fixes

A finding: cell (from 1), span (lines from 1, columns from 0), the severity where it is not the rule's own, message.
A case that begins `good` has none. `python -m tests.lint.tables FILE…` writes what nb2prod says now into the files:
read the difference before you keep it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from nb2prod.diagnostics import Diagnostic
from nb2prod.lint.context import Context
from nb2prod.lint.edits import as_cells, edited
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import rules
from nb2prod.lint.rule import Rule
from nb2prod.notebook.model import Cell, Notebook, Output

CASES = Path(__file__).parent / "cases"
_HEAD = re.compile(r"# %%\s*(\[(?P<kind>\w+)\])?(?P<options>.*)\Z")
_OUTPUTS = {"#> ": ("stream", "stdout"), "#= ": ("execute_result", "text/plain"), "#! ": ("error", "error")}


@dataclass(frozen=True)
class Around:
    """Surroundings of a case, from its title line."""

    files: frozenset[str] | None = None
    declared: dict[str, str] | None = None
    local_modules: frozenset[str] = frozenset()
    versions: dict[str, str] = field(default_factory=dict)

    def exists(self, path: str) -> bool | None:
        return None if self.files is None else path in self.files

    def installed(self, distribution: str) -> str | None:
        return self.versions.get(distribution)


@dataclass(frozen=True)
class Case:
    """One entry of a table."""

    title: str
    notebook: str
    findings: tuple[str, ...]
    fixed: str | None
    code: str

    @property
    def is_good(self) -> bool:
        return self.title.startswith("good")

    @property
    def around(self) -> Around:
        options = dict(part.strip().split(": ", 1) for part in self.title.split(" | ")[1:])
        found = Around()
        if "files" in options:
            found = replace(found, files=frozenset(options["files"].split()))
        if "requirements" in options:
            found = replace(found, declared=dict(_requirement(text) for text in options["requirements"].split()))
        if "modules" in options:
            found = replace(found, local_modules=frozenset(options["modules"].split()))
        if "installed" in options:
            found = replace(found, versions=dict(text.split("==") for text in options["installed"].split()))
        return found


def _requirement(text: str) -> tuple[str, str]:
    name = re.match(r"[\w.-]*", text)
    assert name is not None
    return name[0], text[name.end() :]


def cases(file: Path) -> list[Case]:
    """The cases of one table; its name is the rule's code."""
    found = []
    for block in re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        rest, _, fixed = rest.partition("--- fixed\n")
        body, _, findings = rest.partition("--- findings\n")
        found.append(Case(title.strip(), body, tuple(findings.split("\n")[:-1]), fixed or None, file.stem))
    return found


def notebook_of(text: str, language: str = "python") -> Notebook:
    """A notebook from its percent form."""
    cells: list[Cell] = []
    for part in re.split(r"^(?=# %%)", text, flags=re.MULTILINE):
        if part.strip():
            cells.append(_cell(len(cells), part))
    return Notebook("case", "case.ipynb", tuple(cells), "python3", language=language)


def _cell(index: int, part: str) -> Cell:
    first, _, body = part.rstrip("\n").partition("\n")
    head = _HEAD.match(first)
    assert head is not None, first
    options = dict(option.split("=", 1) for option in head["options"].split())
    outputs, lines = [], []
    for line in body.split("\n"):
        if line[:3] in _OUTPUTS:
            kind, name = _OUTPUTS[line[:3]]
            outputs.append(Output(kind, ((name, line[3:] + "\n"),)))
        else:
            lines.append(line)
    return Cell(
        options.get("id", f"c{index}"),
        index,
        head["kind"] or "code",
        "\n".join(lines),
        tuple(options["tags"].split(",")) if "tags" in options else (),
        int(options["count"]) if "count" in options else None,
        tuple(outputs),
    )


def percent_form(cells: tuple[Cell, ...]) -> str:
    """Sources and tags."""
    return "".join(f"{_head(one)}\n{one.source}\n" for one in cells)


def _head(cell: Cell) -> str:
    kind = "" if cell.kind == "code" else f" [{cell.kind}]"
    return f"# %%{kind}" + (f" tags={','.join(cell.tags)}" if cell.tags else "")


def found(case: Case) -> list[Diagnostic]:
    """What the case's rule says about its notebook."""
    return diagnose(Context(notebook_of(case.notebook), case.around), [rule_named(case.code)])


def rule_named(code: str) -> Rule:
    return next(rule for rule in rules() if rule.code == code)


def rendered(one: Diagnostic) -> str:
    span = one.span
    own = rule_named(one.code).severity
    severity = "" if one.severity == own else f"{one.severity}: "
    place = f"{one.cell_index + 1} {span.line}:{span.column}-{span.end_line}:{span.end_column}"
    return f"{place} {severity}{one.message}"


def fixed(case: Case) -> str | None:
    """The notebook after its fixes; None where there is none to apply."""
    cells, changed = notebook_of(case.notebook).cells, False
    for _ in range(10):
        notebook = Notebook("case", "case.ipynb", cells, "python3")
        diagnostics = diagnose(Context(notebook, case.around), [rule_named(case.code)])
        result, taken = edited(cells, [one.fix for one in diagnostics if one.fix])
        if not taken:
            break
        cells, changed = as_cells(result, cells), True
    return percent_form(cells) if changed else None


def _accepted(case: Case) -> str:
    diagnostics = found(case)
    text = f"=== {case.title}\n{case.notebook}"
    if diagnostics or not case.is_good:
        text += "--- findings\n" + "".join(f"{rendered(one)}\n" for one in diagnostics)
    if diagnostics and (after := fixed(case)) is not None:
        text += f"--- fixed\n{after}"
    return text


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text("".join(_accepted(case) for case in cases(Path(name))), encoding="utf-8")
