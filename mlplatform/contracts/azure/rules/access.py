"""Role assignments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, is_guid
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: learn.microsoft.com, REST reference RoleAssignments Create"
_ROLE = re.compile(
    r"(/.*)?/providers/Microsoft\.Authorization/roleDefinitions/([^/]+)", re.IGNORECASE
)


def role_assignment(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The name and the principal are GUIDs, the role is an id, the scope starts with a slash."""
    for path in ("roleAssignmentName", "principalId"):
        value = at(inputs, path)
        if value is not None and not is_guid(value):
            yield Problem(path=path, got=value, message="allowed: a GUID", source=_SOURCE)
    role = at(inputs, "roleDefinitionId")
    found = _ROLE.fullmatch(role) if isinstance(role, str) else None
    if role is not None and (found is None or not is_guid(found[2])):
        yield Problem(
            path="roleDefinitionId",
            got=role,
            message="allowed: .../providers/Microsoft.Authorization/roleDefinitions/<GUID>",
            source=_SOURCE,
        )
    version = at(inputs, "conditionVersion")
    if at(inputs, "condition") is not None and version not in (None, "2.0"):
        message = "allowed: 2.0, the only version of conditions"
        yield Problem(path="conditionVersion", got=version, message=message, source=_SOURCE)
