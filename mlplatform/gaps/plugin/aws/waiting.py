"""Waiting for a SageMaker endpoint: in growing steps, until a deadline, ended by a cancel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from mlplatform.provider.model import Context, ProviderError

MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""States that end by themselves. Source: DescribeEndpoint, EndpointStatus."""

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 15.0
_GROWTH = 1.5

Description = dict[str, Any]
"""What DescribeEndpoint answers."""


class TimedOutError(ProviderError):
    """The operation took longer than the program allows."""


class Deadline:
    """When an operation must be over: from now on, as long as the program allows it."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._end = time.monotonic() + ctx.timeout_s

    def pauses(self, waiting_for: str) -> Iterator[None]:
        """One turn of the caller's loop after another, with a longer pause between them each time.

        Raises:
            TimedOutError: at the deadline.
            Cancelled: at once, when the engine cancels.
        """
        pause_s = _FIRST_PAUSE_S
        while True:
            yield
            left_s = self._end - time.monotonic()
            if left_s <= 0:
                raise TimedOutError(
                    f"{waiting_for} took longer than {self._ctx.timeout_s:g} seconds; "
                    "the next update goes on from there"
                )
            self._ctx.wait(min(pause_s, left_s))
            pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)


def settled(
    ctx: Context,
    deadline: Deadline,
    describe: Callable[[], Description | None],
    name: str,
) -> Description | None:
    """The endpoint once it no longer moves; None once it is gone."""
    told = ""
    for _ in deadline.pauses(f"endpoint {name}"):
        found = describe()
        if found is None or found["EndpointStatus"] not in MOVING:
            return found
        if found["EndpointStatus"] != told:
            told = found["EndpointStatus"]
            ctx.status(f"endpoint {name} is {told}")
    raise AssertionError("pauses end by raising")
