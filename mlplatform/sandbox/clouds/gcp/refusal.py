"""What a service answers when it does not do as asked, in Google's error model.

Source: google.rpc.Code and cloud.google.com/apis/design/errors.
"""

from __future__ import annotations

from typing import Any

HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
}
RPC_CODE = {
    "CANCELLED": 1,
    "INVALID_ARGUMENT": 3,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}


class Refusal(Exception):  # noqa: N818 - reads as what happened
    """The service refuses. status: a name of google.rpc.Code; http: another HTTP status for it."""

    def __init__(self, status: str, message: str, *, http: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.http = http or HTTP_STATUS[status]

    def body(self) -> dict[str, Any]:
        """The JSON error body. `errors` is what the storage client reads."""
        return {
            "error": {
                "code": self.http,
                "message": self.message,
                "status": self.status,
                "errors": [{"message": self.message, "reason": _reason(self.status)}],
            }
        }

    def operation_error(self) -> dict[str, Any]:
        """The same as the error of a long-running operation."""
        return {"code": RPC_CODE[self.status], "message": self.message}


def status_for(http: int) -> str:
    """The google.rpc.Code that an HTTP status most likely stands for."""
    found = [name for name, status in HTTP_STATUS.items() if status == http]
    return found[0] if found else ("INTERNAL" if http >= 500 else "INVALID_ARGUMENT")


def _reason(status: str) -> str:
    """NOT_FOUND -> notFound, as the older JSON APIs write it."""
    first, *rest = status.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
