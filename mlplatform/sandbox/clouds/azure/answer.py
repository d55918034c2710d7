"""What a request is answered with, and how Azure words a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One HTTP answer. body: JSON, bytes as they are, or None."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class ArmError(Exception):
    """A refusal with Azure's error code, which SDKs show to their users."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.headers = headers or {}

    def answer(self) -> Answer:
        return Answer(status=self.status, body={"error": self.body()}, headers=self.headers)

    def body(self) -> dict[str, Any]:
        target = {"target": self.target} if self.target else {}
        return {"code": self.code, "message": self.message, **target}


def not_found(id_: str) -> ArmError:
    return ArmError(404, "ResourceNotFound", f"The Resource '{id_}' was not found.")


def bad_request(message: str, *, code: str = "BadRequest", target: str | None = None) -> ArmError:
    return ArmError(400, code, message, target=target)


def conflict(message: str, *, code: str = "Conflict") -> ArmError:
    return ArmError(409, code, message)
