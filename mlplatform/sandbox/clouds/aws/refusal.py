"""What the cloud answers instead of a result, before it has a wire format."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer, not a defect
    """An error of the service: ``code`` as its SDK shows it, its own words, HTTP ``status``."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> Refusal:
    """The refusal that SageMaker and Application Auto Scaling give for most bad requests."""
    return Refusal("ValidationException", message)
