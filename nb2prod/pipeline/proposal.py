"""Stages for an untagged notebook, from its headings and from what its code does, each with the reason.

1. Every code cell does something: load, clean, explore, features, split, train, evaluate, save, or nothing of these.
2. A heading opens a section; its kind is told by its heading's words, or else by what its code does most.
3. Without headings, a section opens where the activity moves on to a later one.
4. Sections that only import and define belong to the preamble; neighbours of one kind are one stage, unless too few
   stages would be left; a notebook is cut into at most eight stages, the smallest neighbours joined.
5. Where that gives fewer than three, the largest is cut where the fewest values cross (`pipeline.cutting`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import count, pairwise

from nb2prod.dataflow.collect import collect_cell
from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import CellFacts
from nb2prod.notebook.model import Cell, Notebook
from nb2prod.pipeline.cutting import best_cut

MOST_STAGES = 8
FEWEST_STAGES = 3
LONGEST_NAME = 30
_NUMBERING = re.compile(r"^\W*((step|part|chapter|section|exercise|task)\s+)?[\divx]+(\.\d+)*[a-z]?[.:)]\s+")
_HEADING = re.compile(r"^\s{0,3}#{1,4}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_JOINING = re.compile(
    r"(an?|and|are|as|at|be|by|do|does|for|from|how|in|into|is|its?|let|of|on|or|our|s|that|the|there|these|this|to"
    r"|us|using|versus|via|vs|we|what|when|where|which|why|will|with|you|your)"
)
_ACTIVITIES = (
    ("split", r"train_test_split|KFold|ShuffleSplit|TimeSeriesSplit"),
    ("train", r"\.fit\(|\.fit_transform\(.*\by\b|GridSearchCV|RandomizedSearchCV|cross_val_score|\.train\("),
    (
        "evaluate",
        r"\.score\(|accuracy|precision_|recall_|f1_|roc_|confusion_matrix|_error\(|r2_score|classification_report",
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
    kinds = [(_kind(notebook, section), section) for section in sections]
    joined = _joined(kinds)
    found = [section for _, section in (joined if len(joined) >= FEWEST_STAGES else kinds)]
    found = _cut_further(notebook, facts, _limited(found))
    names = _names(notebook, found)
    return tuple(
        Proposed(name, section.cells[0], _reason(notebook, section)) for name, section in zip(names, found, strict=True)
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
    return cell.is_code and not {"parameters", "setup", "skip", "report"}.intersection(cell.tags)


def _heading(cell: Cell) -> str | None:
    if cell.kind != "markdown":
        return None
    found = _HEADING.findall(_FENCED.sub("", cell.source))  # the last one stands right above the code
    return re.sub(r"[*_`]|<[^>]+>", "", found[-1]) if found else None


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
        activity = activity_of(cell.source)
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


def activity_of(source: str) -> str:
    """What a cell does, as the names in it tell; empty where they tell nothing."""
    return next((name for name, pattern in _ACTIVITIES if re.search(pattern, source)), "")


def _cut_further(notebook: Notebook, facts: dict[int, CellFacts], sections: list[_Section]) -> list[_Section]:
    """The largest section cut in two, until there are enough or none is large enough."""
    found = sections
    while 0 < len(found) < FEWEST_STAGES:
        largest = max(found, key=lambda section: len(section.cells))
        later = tuple(index for section in found for index in section.cells if index > largest.cells[-1])
        position = best_cut(largest.cells, later, facts, _prose_before(notebook, largest))
        if position is None:
            return found
        parts = (replace(largest, cells=largest.cells[:position]), _Section(largest.cells[position:]))
        at = found.index(largest)
        found = [*found[:at], *parts, *found[at + 1 :]]
    return found


def _prose_before(notebook: Notebook, section: _Section) -> frozenset[int]:
    """Cells right below prose."""
    cells = notebook.cells
    return frozenset(index for index in section.cells if index and cells[index - 1].kind == "markdown")


def _kind(notebook: Notebook, section: _Section) -> str:
    by_heading = next(
        (name for name, words in _WORDS if re.search(rf"\b({words})", section.heading, re.IGNORECASE)), ""
    )
    return by_heading or _main_activity(notebook, section) or _slug(section.heading) or "compute"


def _main_activity(notebook: Notebook, section: _Section) -> str:
    counts = Counter(activity for index in section.cells if (activity := activity_of(notebook.cells[index].source)))
    return counts.most_common(1)[0][0] if counts else ""


def _slug(heading: str) -> str:
    """Its first words that say something: without numbering and without what only joins words."""
    words = re.findall(r"[a-z0-9]+", _NUMBERING.sub("", heading.lower()))
    words = [word for word in words if not _JOINING.fullmatch(word)]
    while words and not words[0][0].isalpha():
        words.pop(0)
    kept = [length for length in range(1, 4) if len("_".join(words[:length])) <= LONGEST_NAME]
    return "_".join(words[: max(kept, default=0)])


def _joined(named: list[tuple[str, _Section]]) -> list[tuple[str, _Section]]:
    found: list[tuple[str, _Section]] = []
    for name, section in named:
        if found and found[-1][0] == name:
            last = found[-1][1]
            found[-1] = (name, _Section(last.cells + section.cells, last.heading))
        else:
            found.append((name, section))
    return found


def _limited(sections: list[_Section]) -> list[_Section]:
    """At most as many as a reader can hold: the smallest neighbours become one, under the larger one's heading."""
    found = list(sections)
    while len(found) > MOST_STAGES:
        sizes = [len(one.cells) + len(other.cells) for one, other in pairwise(found)]
        position = sizes.index(min(sizes))
        one, other = found[position : position + 2]
        heading = (one if len(one.cells) >= len(other.cells) else other).heading
        found[position : position + 2] = [_Section(one.cells + other.cells, heading)]
    return found


def _names(notebook: Notebook, sections: list[_Section]) -> list[str]:
    """Each section's kind; where that is taken, its heading's words; a number as the last resort."""
    found: list[str] = []
    for section in sections:
        kind, slug = _kind(notebook, section), _slug(section.heading)
        free = [name for name in (kind, slug) if name and name not in found]
        found.append(free[0] if free else _numbered(kind, found))
    return found


def _numbered(name: str, taken: list[str]) -> str:
    return next(one for number in count(2) if (one := f"{name}_{number}") not in taken)


def _reason(notebook: Notebook, section: _Section) -> str:
    activity = _main_activity(notebook, section)
    parts = [f"heading “{section.heading}”"] if section.heading else []
    parts += [f"its code does: {activity}"] if activity else []
    return "; ".join(parts) or "code that follows the cells before it"
