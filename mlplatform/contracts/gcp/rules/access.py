"""Identities and bindings: ids of accounts and roles, members, role names, services."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts import paths
from mlplatform.contracts.gcp.rules.grammar import PROJECT, Grammar, check_all
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

ACCOUNT_ID = Grammar(
    pattern=r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])",
    words="6 to 30 lower-case letters, digits and dashes, first a letter, last no dash",
    source="iam CreateServiceAccountRequest.accountId",
)
ROLE_ID = Grammar(
    pattern=r"[a-zA-Z0-9_.]{3,64}",
    words="3 to 64 letters, digits, _ and .",
    source="iam CreateRoleRequest.roleId",
)
ROLE = Grammar(
    pattern=r"roles/[A-Za-z0-9_.]+|(?:projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]+",
    words="roles/SERVICE.ROLE, or projects/P/roles/R for a role of your own",
    source="cloud.google.com/iam/docs/roles-overview",
)
MEMBER = Grammar(
    pattern=(
        r"allUsers|allAuthenticatedUsers"
        r"|(?:deleted:)?(?:user|serviceAccount|group):[^\s@]+@[^\s@]+"
        r"|(?:deleted:)?principal(?:Set)?://iam\.googleapis\.com/\S+"
        r"|serviceAccount:[^\s@]+\.svc\.id\.goog\[\S+\]"
        r"|domain:[^\s@]+\.[^\s@]+"
        r"|project(?:Owner|Editor|Viewer):\S+"
    ),
    words="serviceAccount:EMAIL, user:EMAIL, group:EMAIL, domain:NAME, principal://...",
    source="cloud.google.com/iam/docs/principal-identifiers",
)
SERVICE = Grammar(
    pattern=r"[a-z0-9-]+(?:\.[a-z0-9-]+)+",
    words="a service's host name, such as aiplatform.googleapis.com",
    source="serviceusage services.enable",
)
PERMISSION = Grammar(
    pattern=r"[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*\.[a-zA-Z0-9]+\.[a-zA-Z]+",
    words="SERVICE.RESOURCE.VERB, such as storage.objects.get",
    source="cloud.google.com/iam/docs/custom-roles-permissions-support",
)
_LONGEST = {"displayName": 100, "description": 256}


def account(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A service account: its id, and texts within their length in UTF-8 bytes."""
    yield from check_all(inputs, {"accountId": ACCOUNT_ID, "project": PROJECT})
    for name, longest in _LONGEST.items():
        value = inputs.get(name)
        if isinstance(value, str) and not is_unknown(value) and len(value.encode()) > longest:
            message = f"allowed: at most {longest} bytes"
            yield Problem(path=name, got=value, message=message, source="iam ServiceAccount")


def binding(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One member in one role."""
    yield from check_all(inputs, {"role": ROLE, "member": MEMBER, "project": PROJECT})
    if inputs.get("condition") and str(inputs.get("role", "")) in _BASIC:
        message = "allowed: no condition on a basic role"
        source = "cloud.google.com/iam/docs/conditions-overview"
        yield Problem(path="condition", got=inputs["role"], message=message, source=source)


_BASIC = ("roles/owner", "roles/editor", "roles/viewer")


def custom_role(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A role of one's own: its id and its permissions, one by one."""
    yield from check_all(inputs, {"roleId": ROLE_ID, "project": PROJECT})
    permissions = inputs.get("permissions")
    for index, value in enumerate(permissions if isinstance(permissions, list) else ()):
        path = paths.join("permissions", index)
        if isinstance(value, str) and "*" in value:
            message = "allowed: permissions in full; wildcards are not"
            yield Problem(path=path, got=value, message=message, source=PERMISSION.source)
        else:
            yield from PERMISSION.check(path, value)


def service(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A service of Google's by its host name."""
    yield from check_all(inputs, {"service": SERVICE, "project": PROJECT})


def account_of(member: str) -> str | None:
    """The address in `serviceAccount:ADDRESS`; None for other members."""
    found = re.fullmatch(r"serviceAccount:([^\s@]+@[^\s@]+)", member)
    return found[1] if found is not None else None
