"""The log of requests that a local cloud answered: what a test asks after a deployment."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

MOST_ENTRIES = 20_000
"""Older entries are dropped, so that a sandbox that runs for weeks stays small."""


class RequestLog:
    """Operations and their statuses in the order of the answers. Safe to use from threads."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=MOST_ENTRIES)
        self._lock = threading.Lock()

    def note(self, operation: str, status: int, **more: Any) -> None:
        """``status`` 0 means that the client got no answer; ``more`` are the cloud's own facts."""
        with self._lock:
            self._entries.append({"operation": operation, "status": status, **more})

    def entries(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
