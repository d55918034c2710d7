"""Which operations this cloud answers itself, and what it does around those that moto answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlplatform.sandbox.clouds.aws.state import Call

Json = dict[str, Any]
Handler = Callable[["World", "Ask"], dict[str, Any] | None]
"""The result as the SDK shows it; ``None`` leaves the request to moto."""
Hook = Callable[..., None]

_handlers: dict[tuple[str, str], Handler] = {}


def handles(service: str, *operations: str) -> Callable[[Handler], Handler]:
    """Register the answer to JSON operations. None from a handler leaves the request to moto."""

    def registered(handler: Handler) -> Handler:
        for operation in operations:
            _handlers[service, operation] = handler
        return handler

    return registered


def handler(service: str, operation: str) -> Handler | None:
    return _handlers.get((service, operation))
