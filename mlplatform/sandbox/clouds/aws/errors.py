"""Errors as the service words them."""

from __future__ import annotations


class ServiceError(Exception):
    """A refusal that reaches the client with ``code``, ``message`` and HTTP ``status``."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> ServiceError:
    """``ValidationException``, the answer of SageMaker and Application Auto Scaling to most."""
    return ServiceError("ValidationException", message)
