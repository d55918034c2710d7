"""A mapping of names to JSON documents that outlives its process.

Every change goes to a journal before the call returns; opening reads it back. Documents are
copied in and out, so a caller that changes what it got changes nothing here until it stores it.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from mlplatform.sandbox.clouds.journal import Journal

Document = dict[str, Any]

GARBAGE_RECORDS = 1000
"""At opening, a journal with more than this many outdated records is rewritten."""


class Documents(MutableMapping[str, Document]):
    """Documents by name, in the order of their creation. Safe to use from several threads.

    ``lock`` is public and re-entrant: hold it around a read that decides about a write.
    """

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        self._journal = Journal(path)
        self._live: dict[str, Document] = {}
        count = 0
        for record in self._journal.records():
            count += 1
            if "value" in record:
                self._live[record["key"]] = record["value"]
            else:
                self._live.pop(record["key"], None)
        if count - len(self._live) > GARBAGE_RECORDS:
            self._journal.replace({"key": k, "value": v} for k, v in self._live.items())

    def __getitem__(self, key: str) -> Document:
        with self.lock:
            return copy.deepcopy(self._live[key])

    def __setitem__(self, key: str, value: Document) -> None:
        stored = copy.deepcopy(value)
        with self.lock:
            self._journal.append({"key": key, "value": stored})
            self._live[key] = stored

    def __delitem__(self, key: str) -> None:
        with self.lock:
            del self._live[key]
            self._journal.append({"key": key})

    def __iter__(self) -> Iterator[str]:
        with self.lock:
            return iter(list(self._live))

    def __len__(self) -> int:
        return len(self._live)

    def clear(self) -> None:
        """Remove everything, the history too."""
        with self.lock:
            self._live.clear()
            self._journal.clear()
