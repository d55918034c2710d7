"""One request and its answer, between the HTTP front and the services."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mlplatform.sandbox.clouds.gcp.refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request: path as decoded text, query with one value a name, the body as it came."""

    http: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The body as a JSON object; {} for none."""
        if not self.content:
            return {}
        try:
            found = json.loads(self.content)
        except ValueError:
            raise Refusal("INVALID_ARGUMENT", "Invalid JSON payload received.") from None
        if not isinstance(found, dict):
            raise Refusal("INVALID_ARGUMENT", "Invalid JSON payload received. Expected an object.")
        return found


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What goes back: a JSON value, or bytes with their own type."""

    value: Any = None
    status: int = 200
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Match:
    """The method that answers a call. operation: its name in the request log and for faults."""

    operation: str
    aliases: tuple[str, ...] = ()
    run: Callable[[], Answer]


class Service(Protocol):
    """One API; `match` is None for calls of other APIs."""

    def match(self, call: Call) -> Match | None: ...
