"""What a principal may do: role assignments judged against role definitions, as Azure does.

Allowed is what one assigned role grants and the same role does not take back; an assignment holds
at its scope and below (learn.microsoft.com, "How Azure RBAC determines if a user has access",
"Understand Azure role definitions"). Deny assignments and conditions are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlplatform.catalog.azure_roles import BUILT_IN, Role


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One role for one principal at one scope."""

    principal: str
    role: str
    """GUID of the role, or a resource id that ends with it."""
    scope: str


def may(
    assignments: Iterable[Assignment],
    principal: str,
    operation: str,
    resource: str,
    *,
    data: bool = False,
    custom: Mapping[str, Role] | None = None,
) -> bool:
    """Whether a principal may do an operation on a resource.

    data: the operation is one on data, such as reading a blob; else one of Resource Manager.
    custom: roles of one's own, by GUID. A role that nobody knows grants nothing.
    """
    known = {**BUILT_IN, **{guid.lower(): role for guid, role in (custom or {}).items()}}
    for one in assignments:
        if one.principal.lower() != principal.lower() or not within(resource, one.scope):
            continue
        role = known.get(one.role.rstrip("/").rsplit("/", 1)[-1].lower())
        if role is not None and grants(role, operation, data=data):
            return True
    return False


def grants(role: Role, operation: str, *, data: bool = False) -> bool:
    """Whether one role allows one operation."""
    allowed = role.data_actions if data else role.actions
    taken_back = role.not_data_actions if data else role.not_actions
    return _any(allowed, operation) and not _any(taken_back, operation)


def within(resource: str, scope: str) -> bool:
    """Whether a resource is the scope or lies below it; case does not count."""
    return f"{resource.rstrip('/')}/".lower().startswith(f"{scope.rstrip('/')}/".lower())


def _any(patterns: Iterable[str], operation: str) -> bool:
    return any(
        re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), operation, re.IGNORECASE)
        for pattern in patterns
    )
