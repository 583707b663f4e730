"""All criteria, by level: importing one registers nothing."""

from __future__ import annotations

from functools import lru_cache

from nb2prod.readiness.criteria import (
    alerts,
    automation,
    code_versioned,
    data_validation,
    data_versioned,
    decision,
    delivery,
    environment,
    failure,
    gate,
    leakage,
    malformed_input,
    model_versioned,
    monitoring,
    outputs_understood,
    oversight,
    owner,
    privacy,
    reproducible,
    retraining,
    rollback,
    shared_features,
    skew,
    slices,
    tests,
)
from nb2prod.readiness.criterion import Criterion, criterion_of

_LEVEL_0 = (
    reproducible,
    environment,
    code_versioned,
    data_versioned,
    model_versioned,
    leakage,
    skew,
    malformed_input,
    data_validation,
    decision,
    outputs_understood,
    owner,
    failure,
    rollback,
    monitoring,
    privacy,
)
_LEVEL_1 = (
    tests,
    automation,
    gate,
    slices,
    alerts,
    retraining,
    oversight,
)
_LEVEL_2 = (
    shared_features,
    delivery,
)
ALL_CRITERIA = (*_LEVEL_0, *_LEVEL_1, *_LEVEL_2)


@lru_cache(maxsize=1)
def criteria() -> tuple[Criterion, ...]:
    """Every criterion, the first level's first."""
    return tuple(criterion_of(module) for module in ALL_CRITERIA)
