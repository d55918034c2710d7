"""The Azure contract: would Azure Resource Manager accept this, and what would a change do?

Three layers, kept apart: `shape` (Microsoft's models, compiled into `data/models.json`),
`lifecycle` (the provider's rules, the vendor's marks and a reviewed table) and `rules` (what the
models do not say). `decode` turns answers back into outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import gap, lifecycle, model, rules, shape
from mlplatform.contracts.azure.arm_id import ArmId, inputs, parse
from mlplatform.contracts.azure.decode import foresee, foresee_update, outputs, project
from mlplatform.contracts.azure.lifecycle import create_only
from mlplatform.contracts.azure.model import ArmType, types
from mlplatform.contracts.azure.rules.values import is_guid
from mlplatform.contracts.azure.shape import Request, request
from mlplatform.contracts.problem import Change, Problem

__all__ = [
    "ArmId",
    "ArmType",
    "Change",
    "Problem",
    "Request",
    "changes",
    "check",
    "covers",
    "create_only",
    "foresee",
    "foresee_update",
    "inputs",
    "is_guid",
    "located",
    "outputs",
    "parse",
    "project",
    "request",
    "taggable",
    "types",
]

_ANY_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


def covers(token: str) -> bool:
    """Whether this contract judges the type: `azure-native:*` of the table, or `mlgap:azure:*`."""
    return token in model.types() or gap.covers(token)


def check(token: str, given: Mapping[str, Any]) -> list[Problem]:
    """Everything that Azure would refuse in these inputs; [] when it would accept them."""
    if gap.covers(token):
        return gap.check(token, given)
    _, problems = shape.request(token, given, _ANY_SUBSCRIPTION)
    return problems + rules.problems(token, given)


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What Azure does with each property that differs between the old and the new inputs."""
    if gap.covers(token):
        return gap.changes(token, old, new)
    return lifecycle.changes(token, old, new)


def located(token: str) -> bool:
    """Whether the type has a `location` that may be left to the provider."""
    arm = model.types().get(token)
    root = model.node(arm.root) if arm is not None else None
    return isinstance(root, model.Node) and "location" in root.fields


def taggable(token: str) -> str | None:
    """`tags`, or None for a type that carries none."""
    if gap.covers(token):
        return gap.taggable(token)
    arm = model.types().get(token)
    root = model.node(arm.root) if arm is not None else None
    return "tags" if isinstance(root, model.Node) and "tags" in root.fields else None
