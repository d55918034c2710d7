"""An append-only file of JSON records that survives the sudden end of its writer.

One line per record: a checksum and the record. A write that was cut off leaves an incomplete
last line, which is dropped at the next start; the request behind it was not answered, so no
client counts on it. Damage anywhere else is an error, because leaving records out would build
a state that never was.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class JournalDamaged(Exception):  # noqa: N818 - reads as what happened
    """A record before the last one is unreadable; the message names file and line."""


class Journal:
    """Records in the order they were appended. Safe to use from several threads.

    No fsync: a record is safe against the end of the process, not against a power cut. A
    sandbox needs the first and would pay milliseconds per request for the second.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._keep_whole_records()

    def append(self, record: dict[str, Any]) -> None:
        """Add a record; it is in the file when this returns."""
        line = _encoded(record)
        with self._lock:
            self._file.write(line)

    def records(self) -> Iterator[dict[str, Any]]:
        """All records, oldest first."""
        with self._path.open("rb") as file:
            for line in file:
                record = _decoded(line)
                if record is not None:
                    yield record

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._file.truncate(0)

    def replace(self, records: Iterator[dict[str, Any]]) -> None:
        """Put these records in place of all others, in one step."""
        aside = self._path.with_name(self._path.name + ".new")
        with self._lock:
            with aside.open("wb") as file:
                file.writelines(_encoded(record) for record in records)
            aside.replace(self._path)
            self._file.close()
            self._file = self._path.open("ab", buffering=0)

    def _keep_whole_records(self) -> None:
        whole, torn = 0, 0
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if torn:
                    raise JournalDamaged(
                        f"{self._path}: line {torn} is unreadable; remove the file to start empty"
                    )
                if _decoded(line) is None:
                    torn = number
                else:
                    whole += len(line)
        if torn:
            os.truncate(self._path, whole)


def _encoded(record: dict[str, Any]) -> bytes:
    content = json.dumps(record, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(content), content)


def _decoded(line: bytes) -> dict[str, Any] | None:
    """The record of a line; None when the line is incomplete or damaged."""
    checksum, _, content = line.partition(b" ")
    if not content.endswith(b"\n"):
        return None
    content = content[:-1]
    if checksum != b"%08x" % zlib.crc32(content):
        return None
    record = json.loads(content)
    return record if isinstance(record, dict) else None
