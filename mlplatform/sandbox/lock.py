"""One holder at a time, across processes; a dead holder holds nothing."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Held(Exception):  # noqa: N818 - reads as what happened
    """Another process holds the lock."""

    def __init__(self, path: Path, pid: str) -> None:
        super().__init__(f"process {pid or 'unknown'} holds {path.name}")
        self.pid = pid


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold ``path`` for the duration. The kernel lets go when the process dies, however it does.

    Raises ``Held`` when another process has it and ``wait`` is False.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.seek(0)
            raise Held(path, file.read().strip()) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
