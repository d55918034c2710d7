"""What a provider is made of: the calls that it answers and the words that it answers with.

A provider is one object for one process. It sees plain dictionaries (see ``values``), raises
``ProviderError`` for everything that a user should read, and never touches gRPC.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

DEFAULT_TIMEOUT_S = 3600.0
"""How long an operation may take when the program sets no ``custom_timeouts``."""

Level = Literal["status", "info", "warning"]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One reason to refuse a resource: where (a Pulumi property path, camelCase) and why."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between what is and what is wanted; ``replace`` when it needs a new object."""

    path: str
    kind: Literal["add", "update", "delete"]
    replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Diff:
    """All changes of one resource.

    ``delete_before_replace`` counts only when the resource is replaced. A user can ask for that
    too (``--target-replace``), so say so even without changes when two cannot exist side by side,
    as with a name that is fixed.
    """

    changes: tuple[Change, ...] = ()
    delete_before_replace: bool = False


class ProviderError(Exception):
    """Something that the user should read: ends the call with this message, without traceback."""


class NotFound(ProviderError):  # noqa: N818 - reads as what happened
    """The object is not there: in read the resource is gone, in delete the work is done."""


class Cancelled(ProviderError):  # noqa: N818 - reads as what happened
    """The engine asked to stop."""


class Partial(ProviderError):  # noqa: N818 - reads as what happened
    """Something exists but is not as it should be; the engine keeps it in its state.

    The next update calls ``update`` again even when nothing changed in the program.

    Args:
        id: the id of what exists.
        state: the outputs to keep.
        inputs: the inputs that the object has; kept only when raised from ``read``.
        reasons: what went wrong, one sentence each.
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002 - the protocol's own name
        state: dict[str, Any],
        inputs: dict[str, Any],
        reasons: list[str],
    ) -> None:
        super().__init__("; ".join(reasons))
        self.id = id
        self.state = state
        self.inputs = inputs
        self.reasons = reasons


def _no_log(level: Level, message: str) -> None:
    del level, message


@dataclass(frozen=True, kw_only=True)
class Context:
    """What surrounds one call.

    Attributes:
        urn: the resource's URN; empty for an invoke.
        token: its type token, such as ``mlgap:aws:Endpoint``.
        name: its name in the program.
        preview: create and update must compute, not act. False in all other calls.
        timeout_s: how long the call may take, from ``custom_timeouts`` or DEFAULT_TIMEOUT_S.
        cancelled: set when the engine wants everything to stop.
        seed: the engine's random seed for auto-names; the same for all checks of one new resource.
        log: receives what ``warn`` and ``status`` say.
    """

    urn: str
    token: str
    name: str
    preview: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S
    cancelled: threading.Event = field(default_factory=threading.Event)
    seed: bytes = b""
    log: Callable[[Level, str], None] = _no_log

    def wait(self, seconds: float) -> None:
        """Sleep.

        Raises:
            Cancelled: at once, when the engine cancels.
        """
        if self.cancelled.wait(seconds):
            raise Cancelled("stopped: the update was cancelled")

    def warn(self, message: str) -> None:
        """Show a warning beside the resource."""
        self.log("warning", message)

    def status(self, message: str) -> None:
        """Show for a moment, beside the resource, what is going on."""
        self.log("status", message)


class Provider(Protocol):
    """What a provider answers. Calls come in parallel, from many threads."""

    name: str
    version: str

    def check_config(self, config: dict[str, Any]) -> list[Failure]:
        """All that is wrong with the provider's configuration; values may be unknown."""
        ...

    def configure(self, config: dict[str, Any]) -> None:
        """Take the configuration; comes once, before any resource. ProviderError refuses it."""
        ...

    def check(
        self, ctx: Context, inputs: dict[str, Any], old_inputs: dict[str, Any] | None
    ) -> tuple[dict[str, Any], list[Failure]]:
        """The inputs with defaults and automatic names, and all that is wrong with them."""
        ...

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002 - the protocol's own name
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        """What would have to change; ``inputs`` may hold unknowns."""
        ...

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Id and outputs. In a preview: an empty id, UNKNOWN for what is not known, no call."""
        ...

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Id, inputs and outputs as they are now; for an import inputs and state are empty."""
        ...

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        """The outputs after the change; may be called again after an interrupted try."""
        ...

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        """Delete; what is already gone is no error."""
        ...

    def invoke(self, token: str, args: dict[str, Any]) -> dict[str, Any]:
        """The result of a provider function (a data source)."""
        ...
