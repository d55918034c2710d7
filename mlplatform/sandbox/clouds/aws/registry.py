"""Which operations this cloud answers itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlplatform.sandbox.clouds.aws.state import Call

Handler = Callable[[Call], dict[str, Any] | None]
"""The result as the SDK shows it; None leaves the request to moto."""

_handlers: dict[tuple[str, str], Handler] = {}


def handles(service: str, *operations: str) -> Callable[[Handler], Handler]:
    """Register the answer to JSON operations of a service (botocore's name of it)."""

    def registered(handler: Handler) -> Handler:
        for operation in operations:
            _handlers[service, operation] = handler
        return handler

    return registered


def handler(service: str, operation: str) -> Handler | None:
    return _handlers.get((service, operation))
