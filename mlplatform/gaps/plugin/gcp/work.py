"""Calls of Vertex AI inside one operation of the engine: retries, waiting, cancelling, deadlines.

Calls that found the service busy, or somebody else's change in the way (ABORTED, google.rpc.Code),
are repeated; a long-running operation is asked after in growing
steps. A cancel ends the waiting at once; what runs in the cloud runs on, and the next update finds
it there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mlplatform.gaps.plugin.gcp.cloud import GcpCloud
from mlplatform.provider.model import Context, ProviderError

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 15.0
_GROWTH = 1.5
_BUSY_TRIES = 8
_CALL_TIMEOUT_S = 60.0


class VertexError(ProviderError):
    """Vertex AI refused. code: the name of the gRPC status, such as FAILED_PRECONDITION."""

    def __init__(self, what: str, code: str, detail: str) -> None:
        super().__init__(f"{what}: {detail} ({code})")
        self.code = code
        self.detail = detail


class TimedOutError(ProviderError):
    """The operation took longer than the program allows."""


class Work:
    """One operation of the engine on one project's Vertex AI."""

    def __init__(self, ctx: Context, cloud: GcpCloud) -> None:
        self.ctx = ctx
        self.cloud = cloud
        self._end = time.monotonic() + ctx.timeout_s

    @property
    def endpoints(self) -> Any:
        """The client of EndpointService."""
        return self.cloud.client("EndpointServiceClient")

    @property
    def models(self) -> Any:
        """The client of ModelService."""
        return self.cloud.client("ModelServiceClient")

    def call(
        self,
        what: str,
        method: Callable[..., Any],
        *,
        made: Callable[[], Any] | None = None,
        etag: bool = False,
        **request: Any,
    ) -> Any:
        """One call; repeated while Vertex AI is busy or not there.

        made: looks for what a try may have made although its answer was lost; asked before a
        call that makes something is repeated.
        etag: the request holds what was read; after somebody's change the caller reads again.

        Raises:
            VertexError: Vertex AI refused.
        """
        from google.api_core import exceptions
        from google.auth import exceptions as auth

        again: tuple[type[exceptions.GoogleAPICallError], ...] = (
            exceptions.ServiceUnavailable,
            exceptions.ResourceExhausted,
        )
        if not etag:
            again = (*again, exceptions.Aborted)
        pause_s = _FIRST_PAUSE_S
        for attempt in range(_BUSY_TRIES):
            try:
                return method(**request, timeout=_CALL_TIMEOUT_S, retry=None)
            except again as error:
                if attempt == _BUSY_TRIES - 1:
                    raise _refusal(what, error) from error
            except exceptions.GoogleAPICallError as error:
                raise _refusal(what, error) from error
            except auth.GoogleAuthError as error:
                raise ProviderError(f"{what}: {error}") from error
            self.pause(what, pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            there = made() if made is not None else None
            if there is not None:
                return there
        raise AssertionError("the last try returns or raises")

    def finish(self, what: str, operation: Any) -> Any:
        """Wait for a long-running operation; its answer.

        Raises:
            VertexError: the operation failed.
            TimedOutError: at the deadline.
            Cancelled: at once, when the engine cancels.
        """
        from google.api_core import exceptions

        pause_s = _FIRST_PAUSE_S
        while not self.call(what, lambda **_: operation.done(retry=None)):
            self.ctx.status(f"{what} is under way")
            self.pause(what, pause_s)
            pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)
        try:
            return operation.result(timeout=_CALL_TIMEOUT_S)
        except exceptions.GoogleAPICallError as error:
            raise _refusal(what, error) from error

    def start(self, what: str, method: Callable[..., Any], **request: Any) -> Any:
        """A call that starts a job or a long-running operation, no faster than Vertex AI allows.

        Raises:
            Cancelled: before the call, when the engine cancels.
        """
        self.pause(what, 0)  # after a cancel nothing new is begun
        while delay_s := self.cloud.pace.delay_s(time.monotonic()):
            self.ctx.status(f"{what} waits for the next minute's quota")
            self.pause(what, delay_s)
        return self.call(what, method, **request)

    def do(self, what: str, method: Callable[..., Any], **request: Any) -> Any:
        """A call that starts a long-running operation, and its end."""
        return self.finish(what, self.start(what, method, **request))

    def quiet(self, client: Any, name: str) -> None:
        """Wait until no operation of an earlier run works on the object any more."""
        what = f"an earlier operation on {name.rpartition('/')[2]}"
        pause_s = _FIRST_PAUSE_S
        while self.busy(client, name):
            self.ctx.status(f"waiting for {what}")
            self.pause(what, pause_s)
            pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)

    def busy(self, client: Any, name: str) -> bool:
        """Whether an operation works on the object, which need not be there yet."""
        from google.longrunning import operations_pb2

        request = operations_pb2.ListOperationsRequest(name=name)
        what = f"operations of {name.rpartition('/')[2]}"
        try:
            found = self.call(what, client.list_operations, request=request)
        except VertexError as error:
            if error.code in ("NOT_FOUND", "UNIMPLEMENTED"):
                return False
            raise
        return any(not operation.done for operation in found.operations)

    def pause(self, what: str, seconds: float) -> None:
        """Sleep, but not past the deadline.

        Raises:
            TimedOutError: at the deadline.
            Cancelled: at once, when the engine cancels.
        """
        left_s = self._end - time.monotonic()
        if left_s <= 0:
            raise TimedOutError(
                f"{what} took longer than {self.ctx.timeout_s:g} seconds; "
                "the next update goes on from there"
            )
        self.ctx.wait(min(seconds, left_s))


def _refusal(what: str, error: Any) -> VertexError:
    code = getattr(getattr(error, "grpc_status_code", None), "name", "") or str(error.code)
    return VertexError(what, code, str(error.message))
