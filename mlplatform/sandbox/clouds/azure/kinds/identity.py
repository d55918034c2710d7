"""User-assigned managed identities."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write
from mlplatform.sandbox.clouds.azure.world import TENANT, World


class UserAssigned(Kind):
    """Its principal is new each time it is made; the directory needs a moment to know it."""

    regional = True
    has_state = False

    def fill(self, world: World, write: Write) -> None:
        id_ = write.address.id
        write.new["properties"] = {
            **write.properties,
            "principalId": world.principal_of(id_),
            "clientId": world.client_of(id_),
            "tenantId": TENANT,
        }
