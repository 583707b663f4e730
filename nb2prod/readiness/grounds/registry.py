"""All grounds, by key: importing one registers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from nb2prod.readiness.ground import Ground
from nb2prod.readiness.grounds import agreed, checks, conversion, documents, history, recorded, repository

_ORIGINS = (checks, conversion, repository, agreed, documents, recorded, history)


@lru_cache(maxsize=1)
def grounds() -> Mapping[str, Ground]:
    """Every ground by its key."""
    return {ground.key: ground for module in _ORIGINS for ground in module.GROUNDS}
