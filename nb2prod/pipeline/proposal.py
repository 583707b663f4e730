"""Stages for an untagged notebook, from its headings and from what its code does, each with the reason.

1. Every code cell does something: load, clean, explore, features, split, train, evaluate, save, or nothing of these.
2. A heading opens a section; a section's stage is named by its heading's words, or else by what its code does most.
3. Without headings, a stage opens where the activity moves on to a later one.
4. Sections that only import and define belong to the preamble; neighbours with one name are one stage; a notebook
   is cut into at most eight stages, the smallest neighbours joined.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from nb2prod.dataflow.collect import collect_cell
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import CellFacts
from nb2prod.notebook.model import Cell, Notebook

MOST_STAGES = 8
_ACTIVITIES = (
    ("split", r"train_test_split|KFold|ShuffleSplit|TimeSeriesSplit"),
    ("train", r"\.fit\(|\.fit_transform\(.*\by\b|GridSearchCV|RandomizedSearchCV|cross_val_score|\.train\("),
    (
        "evaluate",
        r"\.score\(|accuracy|precision|recall|f1_|roc_|confusion_matrix|_error\(|r2_score|classification_report",
    ),
    ("predict", r"\.predict(_proba)?\("),
    ("load", r"\bread_(csv|excel|json|parquet|table|sql|html|pickle)\(|\bload_\w+\(|\bfetch_\w+\(|load_dataset"),
    ("clean", r"dropna|fillna|drop_duplicates|isnull|isna|\.astype\(|to_datetime"),
    ("features", r"get_dummies|Scaler|Encoder|Vectorizer|PolynomialFeatures|\.apply\(|\.map\(|\.merge\(|\.groupby\("),
    ("explore", r"\.plot|plt\.|sns\.|\.hist\(|\.describe\(|\.head\(|\.info\(|value_counts"),
    ("save", r"\.to_(csv|parquet|pickle|excel)\(|joblib\.dump|pickle\.dump|savefig"),
)
_WORDS = (
    ("load", r"load|read|import(ing)? (the )?data|get(ting)? the data|data ?set|fetch|acquir|ingest"),
    ("clean", r"clean|missing|outlier|tidy|prepar|preprocess|wrangl"),
    ("explore", r"explor|eda|visuali[sz]|plot|look at|inspect|descri|overview|insight"),
    ("features", r"feature|transform|encod|scal|engineer"),
    ("split", r"split|hold.?out"),
    ("train", r"train|model|fit|learn|regress|classif|cluster|tun(e|ing)|grid search"),
    ("evaluate", r"evaluat|metric|score|performance|result|valid|test|compar|error|accuracy"),
    ("predict", r"predict|forecast|infer"),
    ("report", r"report|summary|conclusion|save|export"),
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A stage that could open at a cell, and why."""

    name: str
    cell: int
    why: str


@dataclass(frozen=True, slots=True)
class _Section:
    """Code cells in a row, with the heading above them."""

    cells: tuple[int, ...]
    heading: str = ""


def propose(notebook: Notebook) -> tuple[Proposed, ...]:
    """Stages in the order of the notebook; one stage where nothing tells where to cut."""
    environment = Environment()
    facts = {cell.index: collect_cell(cell, environment) for cell in notebook.code_cells}
    sections = [section for section in _sections(notebook) if _does_something(section, facts)]
    if len(sections) < 2:
        sections = _by_activity(notebook, facts)
    named = [(_name(notebook, section), section) for section in sections]
    joined = _limited(_joined(named))
    names = _distinct([name for name, _ in joined])
    return tuple(
        Proposed(name, section.cells[0], _reason(notebook, section))
        for name, (_, section) in zip(names, joined, strict=True)
    )


def with_tags(notebook: Notebook, proposal: tuple[Proposed, ...]) -> Notebook:
    """The notebook as if it had been tagged so."""
    names = {one.cell: one.name for one in proposal}
    cells = tuple(
        replace(cell, tags=(*cell.tags, f"stage:{names[cell.index]}")) if cell.index in names else cell
        for cell in notebook.cells
    )
    return replace(notebook, cells=cells)


def _sections(notebook: Notebook) -> list[_Section]:
    """Split at headings; the deepest level that still leaves few sections."""
    found: list[tuple[str, list[int]]] = [("", [])]
    for cell in notebook.cells:
        heading = _heading(cell)
        if heading is not None:
            found.append((heading, []))
        elif _is_free(cell):
            found[-1][1].append(cell.index)
    return [_Section(tuple(cells), heading) for heading, cells in found if cells]


def _is_free(cell: Cell) -> bool:
    return cell.is_code and not {"parameters", "setup", "skip"}.intersection(cell.tags)


def _heading(cell: Cell) -> str | None:
    if cell.kind != "markdown":
        return None
    match = re.search(r"^\s{0,3}#{1,4}\s+(.+?)\s*#*\s*$", cell.source, re.MULTILINE)
    return re.sub(r"[*_`]|<[^>]+>", "", match.group(1)) if match else None


def _does_something(section: _Section, facts: dict[int, CellFacts]) -> bool:
    """Whether any of its code is more than imports, definitions and settings."""
    return any(not facts[index].is_replayable for index in section.cells)


def _by_activity(notebook: Notebook, facts: dict[int, CellFacts]) -> list[_Section]:
    """Without headings: a new section where a cell starts an activity that has not been seen yet."""
    found: list[list[int]] = []
    seen: set[str] = set()
    for cell in notebook.code_cells:
        if not _is_free(cell) or (not found and facts[cell.index].is_replayable):
            continue
        activity = _activity(cell.source)
        opens = activity in {"load", "clean", "features", "split", "train", "evaluate"} and activity not in seen
        if opens or not found:
            found.append([])
        seen.add(activity)
        found[-1].append(cell.index)
    return [_Section(tuple(cells)) for cells in found] or _whole(notebook)


def _whole(notebook: Notebook) -> list[_Section]:
    """One stage with everything, where nothing but imports and definitions is there."""
    free = tuple(cell.index for cell in notebook.code_cells if _is_free(cell))
    return [_Section(free)] if free else []


def _activity(source: str) -> str:
    return next((name for name, pattern in _ACTIVITIES if re.search(pattern, source)), "")


def _name(notebook: Notebook, section: _Section) -> str:
    by_heading = next(
        (name for name, words in _WORDS if re.search(rf"\b({words})", section.heading, re.IGNORECASE)), ""
    )
    if by_heading:
        return by_heading
    return _main_activity(notebook, section) or _slug(section.heading) or "compute"


def _main_activity(notebook: Notebook, section: _Section) -> str:
    counts = Counter(activity for index in section.cells if (activity := _activity(notebook.cells[index].source)))
    return counts.most_common(1)[0][0] if counts else ""


def _slug(heading: str) -> str:
    words = re.findall(r"[a-z][a-z0-9]*", heading.lower())
    return "_".join(words[:3])[:30]


def _joined(named: list[tuple[str, _Section]]) -> list[tuple[str, _Section]]:
    found: list[tuple[str, _Section]] = []
    for name, section in named:
        if found and found[-1][0] == name:
            last = found[-1][1]
            found[-1] = (name, _Section(last.cells + section.cells, last.heading))
        else:
            found.append((name, section))
    return found


def _limited(named: list[tuple[str, _Section]]) -> list[tuple[str, _Section]]:
    while len(named) > MOST_STAGES:
        sizes = [len(named[i][1].cells) + len(named[i + 1][1].cells) for i in range(len(named) - 1)]
        position = sizes.index(min(sizes))
        (name, one), (other_name, other) = named[position : position + 2]
        larger = name if len(one.cells) >= len(other.cells) else other_name
        named[position : position + 2] = [(larger, _Section(one.cells + other.cells, one.heading))]
        named = _joined(named)
    return named


def _distinct(names: list[str]) -> list[str]:
    counts: Counter[str] = Counter()
    found = []
    for name in names:
        counts[name] += 1
        found.append(name if counts[name] == 1 else f"{name}_{counts[name]}")
    return found


def _reason(notebook: Notebook, section: _Section) -> str:
    activity = _main_activity(notebook, section)
    parts = [f"heading “{section.heading}”"] if section.heading else []
    parts += [f"its code does: {activity}"] if activity else []
    return "; ".join(parts) or "code that follows the cells before it"
