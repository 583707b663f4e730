"""A Jupyter server with the extension, in a folder of its own.

`make lab-test` has an environment with pytest-jupyter; where there is none, only what needs no server is collected.
"""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest
from tornado.httpclient import HTTPClientError

collect_ignore = [] if find_spec("pytest_jupyter") else ["test_consoles.py", "test_routes.py"]

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "cells": [
        {"cell_type": "markdown", "id": "top", "metadata": {}, "source": "# Load"},
        {
            "cell_type": "code",
            "id": "load",
            "metadata": {"tags": ["stage:load"]},
            "execution_count": None,
            "outputs": [],
            "source": "import numpy as np\nvalues = np.random.rand(3)",
        },
        {
            "cell_type": "code",
            "id": "use",
            "metadata": {"tags": ["stage:use"]},
            "execution_count": None,
            "outputs": [],
            "source": "total = values.sum()\nprint(missing)",
        },
    ],
}


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"nb2prod.server": True}}}


@pytest.fixture
def root(jp_root_dir):
    (jp_root_dir / "churn.ipynb").write_text(json.dumps(NOTEBOOK))
    return jp_root_dir


@pytest.fixture
def ask(root, jp_fetch):
    """`await ask(method, route, body, **arguments)` → (status, answer)."""

    async def asked(method, route, body=None, headers=None, **arguments):
        data = body if isinstance(body, str | bytes | None) else json.dumps(body)
        try:
            found = await jp_fetch(
                "nb2prod",
                "api",
                route,
                method=method,
                body=data,
                params=arguments,
                headers=headers or {},
                allow_nonstandard_methods=True,
            )
        except HTTPClientError as error:
            found = error.response
        return found.code, json.loads(found.body or "{}")

    return asked
