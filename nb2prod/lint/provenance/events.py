"""What a notebook does with its data, as the analysis saw it: the records that the rules read."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nb2prod.lint.provenance.rows import Rows

if TYPE_CHECKING:
    from nb2prod.lint.provenance.values import Data, Estimator


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the notebook; `cell` counts all cells from 0."""

    cell: int
    node: ast.AST


@dataclass(eq=False, slots=True)
class Split:
    """`kind`: holdout or folds. `whole`: the rows that were cut; `parts`: train and test of each array."""

    place: Place
    kind: str
    name: str
    wholes: list[Rows] = field(default_factory=list)
    tests: list[Rows] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Fit:
    """Something was estimated from rows: by an estimator's `fit`, or as a statistic.

    `kind`: estimating, plain, clustering, model, statistic, dummies, importance.
    """

    place: Place
    kind: str
    what: str
    data: Data
    estimator: Estimator | None = None
    target: Data | None = None
    loops: tuple[int, ...] = ()
    column: str | None = None
    order: int = 0

    @property
    def rows(self) -> Rows:
        """What it saw."""
        return self.data.rows

    @property
    def leaks(self) -> bool:
        """Whether a transformed row tells of the other rows."""
        return self.kind in ("estimating", "clustering", "statistic", "importance")


@dataclass(eq=False, slots=True)
class Resample:
    """Rows were made out of other rows. `rows`: the result."""

    place: Place
    what: str
    before: Rows
    rows: Rows


@dataclass(eq=False, slots=True)
class Evaluation:
    """A fitted model met rows. `place`: where a function of the notebook does it, the call at the top level.

    `scored`: truth was compared; `watched`: that happened while it was fitted; `stops`: and ended the fit.
    """

    place: Place
    model: Estimator
    fit: Fit
    data: Data
    scored: bool
    loops: tuple[int, ...]
    stops: bool = False
    watched: bool = False
    order: int = 0


@dataclass(eq=False, slots=True)
class CrossValidation:
    """Rows were cut into folds and a model fitted on them. `target`: the rows' truth, if it was given."""

    place: Place
    what: str
    data: Data
    model: Estimator | None
    order: int = 0


@dataclass(eq=False, slots=True)
class Dump:
    """Objects were written to a file: `names` of variables in the expression, estimators that it holds."""

    place: Place
    estimators: tuple[Estimator, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """Something random that no seed fixes. `generator`: numpy, python, torch, tensorflow, entropy or own.

    `keyword`: the argument that would fix this call; `certain` is False where it seldom matters.
    """

    place: Place
    generator: str
    what: str
    keyword: str = ""
    certain: bool = True


@dataclass(slots=True)
class Story:
    """All events, in the order in which a kernel would meet them from top to bottom."""

    splits: list[Split] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    resamples: list[Resample] = field(default_factory=list)
    cross_validations: list[CrossValidation] = field(default_factory=list)
    dumps: list[Dump] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    unions: dict[Rows, Place] = field(default_factory=dict)
    count: int = 0

    def tick(self) -> int:
        """The next event's number."""
        self.count += 1
        return self.count
