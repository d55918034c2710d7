"""What the ordinary type would be told for the same inputs; see `gap`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import rules, shape
from mlplatform.contracts.problem import Problem

_ANY_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


def native(
    token: str, given: Mapping[str, Any], renamed: Mapping[str, str] | None = None
) -> list[Problem]:
    """The judgement of the ordinary type. renamed: its paths that have another name here."""
    _, problems = shape.request(token, given, _ANY_SUBSCRIPTION)
    return [
        Problem(
            path=(renamed or {}).get(problem.path, problem.path),
            got=problem.got,
            message=problem.message,
            source=problem.source,
        )
        for problem in problems + rules.problems(token, given)
    ]
