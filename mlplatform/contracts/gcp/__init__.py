"""The Google Cloud contract: would the service accept this, and what would it do with a change?

Covers the types of pulumi_gcp that have a compiled plan (table.toml, docs/coverage/gcp.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.gcp import lifecycle, plan, rules, validate
from mlplatform.contracts.problem import Change, Problem

__all__ = ["changes", "check", "covers", "taggable"]


def covers(token: str) -> bool:
    """True when a compiled plan knows the type."""
    return plan.find(token) is not None


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """Everything that the service would refuse: shape first, then the rules of the field."""
    found = list(validate.shape(plan.get(token), inputs))
    wrong = {problem.path for problem in found}
    # A value of the wrong form is one problem, not one of each layer.
    found += [p for p in rules.check(token, inputs) if p.path not in wrong]
    return found


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What the service does with each difference."""
    return list(lifecycle.changes(token, plan.get(token), old, new))


def taggable(token: str) -> str | None:
    """`labels`, or `userLabels` where the service calls them so, for types that carry them."""
    found = plan.find(token)
    names = ("userLabels", "labels")
    return next((n for n in names if found is not None and n in found["properties"]), None)
