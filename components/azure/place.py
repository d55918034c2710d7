"""Where things are in Azure, and the resource ids that follow from it.

Ids are built from the configured subscription and computed names, so that scopes and references
can be read, and judged, in a preview. Formats: REST reference of each service.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

_DIGEST = 6


@dataclass(frozen=True, kw_only=True)
class Place:
    """One resource group in one subscription and region."""

    subscription_id: str
    tenant_id: str
    location: str
    resource_group: str

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"

    @property
    def unique(self) -> str:
        """Six characters that set this subscription's names apart from the rest of the world's.

        Storage accounts and registries share one name space with every other customer, online
        endpoints share one for each region.
        """
        return hashlib.sha256(self.subscription_id.encode()).hexdigest()[:_DIGEST]

    def id(self, type_: str, *names: str) -> str:
        """A resource of the group: ``id("Microsoft.Storage/storageAccounts", name)``."""
        namespace, *types = type_.split("/")
        pairs = "/".join(f"{t}/{n}" for t, n in zip(types, names, strict=True))
        return f"{self.group_id}/providers/{namespace}/{pairs}"

    def role_definition_id(self, guid: str) -> str:
        """A built-in role, as a subscription names it."""
        return (
            f"/subscriptions/{self.subscription_id}/providers/Microsoft.Authorization"
            f"/roleDefinitions/{guid}"
        )


def assignment_name(scope: str, identity_id: str, role: str) -> str:
    """The GUID that a role assignment is named by.

    Made of what the assignment says, so that it is the same in every run, and another role is
    another assignment: Azure refuses to change the role of an existing one.
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join((scope, identity_id, role)).lower()))


def definition_name(scope: str, name: str) -> str:
    """The GUID that a role of one's own is named by; the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}|{name}".lower()))
