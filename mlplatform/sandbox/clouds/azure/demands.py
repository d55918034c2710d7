"""Faults on demand, worded as Azure words them."""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.azure.answer import ArmError
from mlplatform.sandbox.clouds.faults import Fault, Faults

FAILED_OPERATION = "failed_operation"
"""Kind of fault: the request is accepted, and its long-running operation fails."""

_WORDS = {
    "error": (500, "InternalServerError", "An error occurred."),
    "throttle": (429, "TooManyRequests", "The request is being throttled."),
    "quota": (400, "OutOfQuota", "Not enough quota for this request."),
    FAILED_OPERATION: (0, "InternalServerError", "The operation failed."),
}
_RETRY_AFTER_S = "1"


class Dropped(Exception):  # noqa: N818 - reads as what happened
    """The connection ends without an answer."""


def faults() -> Faults:
    return Faults(kinds=(FAILED_OPERATION,))


def before(fault: Fault | None) -> None:
    """What a fault does before the request does anything.

    Raises:
        ArmError: the refusal that was asked for.
        Dropped: the client gets no answer.
    """
    if fault is None or fault.kind in ("delay", "lost_answer", FAILED_OPERATION):
        return
    if fault.kind == "no_answer":
        raise Dropped
    status, code, message = _WORDS[fault.kind]
    status = fault.status or status
    headers = {"Retry-After": _RETRY_AFTER_S} if status in (429, 503) else {}
    raise ArmError(status, fault.code or code, fault.message or message, headers=headers)


def after(fault: Fault | None) -> None:
    """Raises Dropped when the answer to a request that was performed shall be lost."""
    if fault is not None and fault.kind == "lost_answer":
        raise Dropped


def failure(fault: Fault | None) -> dict[str, Any] | None:
    """The error that a long-running operation shall end with."""
    if fault is None or fault.kind != FAILED_OPERATION:
        return None
    _, code, message = _WORDS[FAILED_OPERATION]
    return {"code": fault.code or code, "message": fault.message or message}
