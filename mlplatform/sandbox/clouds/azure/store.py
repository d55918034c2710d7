"""Everything that must survive a restart: a journal with one record for each change.

Rows are kept in memory as well, by section and key, so that a look through all resources copies
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlplatform.sandbox.clouds.journal import Journal

Json = dict[str, Any]

_GARBAGE_RECORDS = 2000
"""At opening, a journal with more outdated records than this is rewritten."""


class Store:
    """Sections of JSON rows by key. The caller holds a lock: see `World`."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)
        self._rows: dict[str, dict[str, Json]] = {}
        count = 0
        for record in self._journal.records():
            count += 1
            section = self._rows.setdefault(record["section"], {})
            if "value" in record:
                section[record["key"]] = record["value"]
            else:
                section.pop(record["key"], None)
        if count - sum(len(rows) for rows in self._rows.values()) > _GARBAGE_RECORDS:
            self._journal.replace(self._records())

    def get(self, section: str, key: str) -> Json | None:
        """The row itself: change a copy and `put` it."""
        return self._rows.get(section, {}).get(key)

    def put(self, section: str, key: str, value: Json) -> None:
        self._journal.append({"section": section, "key": key, "value": value})
        self._rows.setdefault(section, {})[key] = value

    def delete(self, section: str, key: str) -> None:
        if self._rows.get(section, {}).pop(key, None) is not None:
            self._journal.append({"section": section, "key": key})

    def items(self, section: str) -> Iterator[tuple[str, Json]]:
        """All rows of a section by key; the section may be changed meanwhile."""
        yield from sorted(self._rows.get(section, {}).items())

    def clear(self) -> None:
        self._rows.clear()
        self._journal.clear()

    def _records(self) -> Iterator[Json]:
        for section, rows in self._rows.items():
            for key, value in rows.items():
                yield {"section": section, "key": key, "value": value}
