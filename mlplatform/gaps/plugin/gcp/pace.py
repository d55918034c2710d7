"""How fast long-running work may be asked for.

Vertex AI takes 60 job and long-running-operation submissions a minute and region; more are refused
with RESOURCE_EXHAUSTED (cloud.google.com/vertex-ai/docs/quotas, "Request quotas").
"""

from __future__ import annotations

import threading
from collections import deque

PER_MINUTE = 60
_WINDOW_S = 60.0


class Pace:
    """Slots of one project and region; safe for many threads.

    Args:
        per_minute: how many submissions any window of 60 seconds may have.
    """

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._taken: deque[float] = deque()

    def delay_s(self, now_s: float) -> float:
        """Take a slot: 0 when one is free, else the seconds after which to ask again.

        now_s: a clock that only goes forward.
        """
        with self._lock:
            while self._taken and now_s - self._taken[0] >= _WINDOW_S:
                self._taken.popleft()
            if len(self._taken) < self._per_minute:
                self._taken.append(now_s)
                return 0.0
            return self._taken[0] + _WINDOW_S - now_s
