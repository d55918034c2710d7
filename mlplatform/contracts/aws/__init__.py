"""The AWS contracts: botocore's service models laid under the properties of pulumi-aws.

`check` judges inputs, `changes` judges a difference. A provider also uses `plan` (the calls),
`encode` (requests) and `decode` (answers). Nothing here imports botocore or pulumi_aws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.aws import lifecycle, rules, validate
from mlplatform.contracts.aws.plan import Plan, plan, tokens
from mlplatform.contracts.problem import Change, Problem

__all__ = ["Plan", "changes", "check", "covers", "plan", "taggable"]


def covers(token: str) -> bool:
    """True when there is a plan for the type token."""
    return token in tokens()


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """All problems: the shape first, then the rules of the field where the shape is in order."""
    found = validate.problems(plan(token), inputs)
    seen = {problem.path for problem in found}
    said: set[tuple[str, str]] = set()
    for problem in rules.problems(token, inputs):
        if problem.path not in seen and (problem.path, problem.message) not in said:
            said.add((problem.path, problem.message))
            found.append(problem)
    return found


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What AWS does with each changed property."""
    return lifecycle.changes(plan(token), old, new)


def taggable(token: str) -> str | None:
    """`tags` where the type has them."""
    return "tags" if "tags" in plan(token).properties else None
