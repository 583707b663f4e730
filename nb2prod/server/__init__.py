"""The Jupyter server extension: the panel's half on the server.

1. `extension` registers the routes of `routes` under `/nb2prod/api/`, and the event that tells how far a job is.
2. `endpoint` is the one handler: it asks who is there, reads the body within its limit, calls a route's function off
   the event loop, and turns every error into a status, a message and a hint.
3. The functions (`notebooks`, `pipelines`, `production`) parse what came, call one operation, and hand back its record.
4. What takes long is a job (`jobs`): a process of its own (`worker`) that writes down how far it is. The truth about a
   job is read from its files, so a reloaded page, a second tab and a restarted server all see the same.

Nothing runs or is written unless a request asks for just that.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "nb2prod.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    from nb2prod.server.extension import load

    load(serverapp)
