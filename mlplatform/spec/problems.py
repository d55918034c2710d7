"""One list of everything that is wrong, in the words of the file that the user wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_SECRET = re.compile(
    r"secret|passw|passphrase|token|credential|(access|account|api|private|signing)_?key"
    r"|connection_?string|sas_?url",
    re.IGNORECASE,
)
_NOT_SHOWN = "a secret (not shown)"
_LONG = 60


@dataclass(frozen=True, kw_only=True)
class SpecProblem:
    """One thing that is wrong."""

    path: str
    """As typed in the stack file: ``mlplatform:workloads.resnet50.endpoint.scaling.min``."""
    got: Any
    message: str
    """What is allowed, and the nearest match where one is close."""

    def __str__(self) -> str:
        return f"{self.path}: got {shown(self.path, self.got)}; {self.message}"


class SpecError(Exception):
    """The configuration cannot be used; ``problems`` holds every reason."""

    def __init__(self, problems: Iterable[SpecProblem]) -> None:
        once = {(problem.path, problem.message): problem for problem in problems}
        self.problems = tuple(once[key] for key in sorted(once))
        count = len(self.problems)
        head = f"the configuration has {count} problem{'s' if count != 1 else ''}:"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class Missing:
    """Stands for a value that is not there."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()


def shown(path: str, value: Any) -> str:
    """A value as a person would write it, short, and never a secret."""
    if _SECRET.search(path.rsplit(".", 1)[-1]):
        return _NOT_SHOWN
    text = repr(_masked(value))
    return text if len(text) <= _LONG else f"{text[: _LONG - 3]}..."


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _NOT_SHOWN if _SECRET.search(str(key)) else _masked(held)
            for key, held in value.items()
        }
    return [_masked(held) for held in value] if isinstance(value, list) else value
