"""Role assignments, custom roles and federated credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, is_guid, items
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_SOURCE = "rule: learn.microsoft.com, REST reference RoleAssignments Create"
_TYPE = "rule: learn.microsoft.com, Troubleshoot Azure RBAC: new service principals"
_CUSTOM = "rule: learn.microsoft.com, Azure custom roles"
_ACTION = re.compile(r"\*|([A-Za-z.]+|\*)(/([A-Za-z0-9.$-]+|\*))+")
_TRUST = "rule: learn.microsoft.com, Workload identity federation: considerations"
_SUBJECT_MOST = 600
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
    if inputs.get("principalType") is None:
        message = "say ServicePrincipal, User or Group: left out, pulumi-azure-native sends User"
        yield Problem(path="principalType", got=None, message=message, source=_TYPE)
    version = at(inputs, "conditionVersion")
    if at(inputs, "condition") is not None and version not in (None, "2.0"):
        message = "allowed: 2.0, the only version of conditions"
        yield Problem(path="conditionVersion", got=version, message=message, source=_SOURCE)


def role_definition(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A custom role has a GUID, a scope to be given at, and actions that are well formed."""
    name = at(inputs, "roleDefinitionId")
    if name is not None and not is_guid(name):
        yield Problem(path="roleDefinitionId", got=name, message="allowed: a GUID", source=_CUSTOM)
    if "assignableScopes" in inputs and inputs["assignableScopes"] == []:
        message = "allowed: one scope or more"
        yield Problem(path="assignableScopes", got=[], message=message, source=_CUSTOM)
    for position, scope in enumerate(items(inputs, "assignableScopes")):
        path = f"assignableScopes[{position}]"
        if isinstance(scope, str) and scope == "/":
            message = "allowed: a management group, subscription, group or resource, not the root"
            yield Problem(path=path, got=scope, message=message, source=_CUSTOM)
    for position, permission in enumerate(items(inputs, "permissions")):
        path = f"permissions[{position}]"
        for kind in ("actions", "notActions", "dataActions", "notDataActions"):
            for number, action in enumerate(items(permission, kind)):
                known = isinstance(action, str) and not is_unknown(action)
                if known and _ACTION.fullmatch(action) is None:
                    yield Problem(
                        path=f"{path}.{kind}[{number}]",
                        got=action,
                        message="allowed: Provider.Name/type/verb, with * for any part",
                        source=_CUSTOM,
                    )


def federated_credential(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The issuer is an https address, one audience, a subject that is matched to the letter."""
    issuer = at(inputs, "issuer")
    if isinstance(issuer, str) and not re.fullmatch(r"https://[^\s?#]+", issuer):
        message = "allowed: an https address, as the token's iss claim has it"
        yield Problem(path="issuer", got=issuer, message=message, source=_TRUST)
    audiences = items(inputs, "audiences")
    if len(audiences) > 1:
        message = "allowed: one audience"
        yield Problem(path="audiences", got=audiences, message=message, source=_TRUST)
    subject = at(inputs, "subject")
    if isinstance(subject, str) and (len(subject) > _SUBJECT_MOST or "*" in subject):
        message = f"allowed: at most {_SUBJECT_MOST} characters without *, which matches nothing"
        yield Problem(path="subject", got=subject, message=message, source=_TRUST)
