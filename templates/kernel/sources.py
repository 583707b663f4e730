"""What a notebook reads from others: recorded in the observed run, replayed in the proof.

One *exchange* is a request and its whole answer: an HTTP request below `requests`, `urllib`, `urllib3`, `boto3` or
`httpx`, or a statement to a database through SQLAlchemy or a driver's `connect`. A recording is a folder with one file
per exchange and an index, one JSON record per line. In the index there are no requests, only their hashes: they may
hold credentials. Whoever asks for the same in the same cell gets the same answer, in the order of asking.

In both runs the notebook gets an object that was built from what is kept, so that the two cannot differ by that.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import pickle
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from _nb2prod_databases import Databases
from _nb2prod_http_exchanges import Http

#: How errors of ours begin; nb2prod recognises them there.
UNKNOWN = "the notebook did not ask for this when it was recorded"
NO_WRITING = "nothing is written to a source while it is only looked at"

AfterImport = Callable[[str, Callable[[Any], None]], None]


class Sources:
    """The exchanges of one kernel. `mode`: "record", "replay", or "look" (as "record", but writes are refused)."""

    def __init__(self, folder: str, mode: str, tree: str, cell: Callable[[], str], unseen: Callable[[], Any]) -> None:
        self.folder = Path(folder)
        self._mode = mode
        self._parts = (Http(self), Databases(self, tree))
        self._cell = cell
        self.unseen: Callable[[], AbstractContextManager[None]] = unseen
        self._depth = threading.local()
        self._guard = threading.Lock()
        self._entries: list[dict[str, Any]] = []
        self._used: set[int] = set()
        if mode == "replay":
            index = self.folder / "index.json"
            lines = index.read_text("utf-8").splitlines() if index.exists() else []
            self._entries = [json.loads(line) for line in lines]

    #: Set by nb2prod's observer: whether the notebook itself runs this server.
    is_own_server: Callable[[str, int], bool] = staticmethod(lambda host, port: False)

    @property
    def is_replaying(self) -> bool:
        return self._mode == "replay"

    @property
    def is_active(self) -> bool:
        """Say whether this thread is in the middle of an exchange: what it contacts now is recorded."""
        return getattr(self._depth, "value", 0) > 0

    def install(self, after_import: AfterImport) -> None:
        """Stand between the libraries and the network, those that are imported later too."""
        for part in self._parts:
            part.install(after_import)

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        self._depth.value = getattr(self._depth, "value", 0) + 1
        try:
            yield
        finally:
            self._depth.value -= 1

    def exchange(
        self, name: str, request: Iterable[Any], writes: bool, fetch: Callable[[], Any], token: Callable[[Any], str]
    ) -> Any:
        """Return the answer: what `fetch` gives, or gave. `token(answer)`: what changes when the source does."""
        key = hashlib.sha256("\n".join(map(str, request)).encode("utf-8", "surrogatepass")).hexdigest()
        if self._mode == "replay":
            return self._recorded(name, key)
        self.permit(name, writes)
        with self.active():
            answer = fetch()
        self._keep(name, key, writes, answer, token(answer))
        return answer

    def permit(self, name: str, writes: bool) -> None:
        """Raise OSError where something would be written while the source is only looked at."""
        if writes and self._mode == "look":
            raise OSError(f"{NO_WRITING} ({name})")

    def _keep(self, name: str, key: str, writes: bool, answer: Any, token: str) -> None:
        with self._guard, self.unseen():
            number = len(self._entries)
            entry = {"number": number, "cell": self._cell(), "name": name, "key": key, "writes": writes, "token": token}
            self._entries.append(entry)
            (self.folder / f"{number}.pkl").write_bytes(pickle.dumps(answer))
            with (self.folder / "index.json").open("a", encoding="utf-8") as index:
                index.write(json.dumps(entry) + "\n")

    def _recorded(self, name: str, key: str) -> Any:
        """Return the next answer to this in this cell; where the cell is an earlier one's, the last that there was."""
        with self._guard, self.unseen():
            alike = [one for one in self._entries if one["key"] == key]
            here = [one for one in alike if one["cell"] == self._cell()]
            found = next((one for one in here if one["number"] not in self._used), (here or alike or [None])[-1])
            if found is None:
                raise OSError(f"{UNKNOWN}: {name}")
            self._used.add(found["number"])
            return pickle.loads((self.folder / f"{found['number']}.pkl").read_bytes())
