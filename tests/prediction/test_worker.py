"""The process that predicts: what it is started with."""

from __future__ import annotations

import sys

import pytest

from nb2prod.adapters.worker import Worker

_TELLS = (
    "import json, os, sys; job = json.load(sys.stdin); "
    "open(job['result'], 'w').write(json.dumps({'found': os.environ.get('OPENBLAS_THREAD_TIMEOUT')}))"
)


@pytest.mark.parametrize(("own", "found"), [(None, "20"), ("26", "26")])
def test_threads_of_openblas_sleep_between_chunks_unless_somebody_said_otherwise(
    own: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT", raising=False)
    if own:
        monkeypatch.setenv("OPENBLAS_THREAD_TIMEOUT", own)
    worker = Worker((sys.executable, "-c", _TELLS))
    assert worker.ask("predict", {}) == {"found": found}
