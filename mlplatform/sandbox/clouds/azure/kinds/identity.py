"""User-assigned managed identities and whom they trust."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.answer import bad_request, conflict
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write
from mlplatform.sandbox.clouds.azure.world import TENANT, World

FEDERATED_MOST = 20
"""learn.microsoft.com, Workload identity federation: considerations."""


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


class FederatedCredential(Kind):
    """Whose tokens are taken for this identity; an issuer with a subject stands once."""

    has_state = False

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
        for name in ("issuer", "subject", "audiences"):
            if not given.get(name):
                raise bad_request(f"The property {name} is required.", target=name)
        others = [
            other
            for other in world.of_type(write.address.type, write.address.parent)
            if str(other["id"]).lower() != write.address.key
        ]
        if len(others) >= FEDERATED_MOST:
            raise bad_request(
                f"An identity takes at most {FEDERATED_MOST} federated credentials.",
                code="TooManyFederatedIdentityCredentials",
            )
        for other in others:
            if all(other["properties"][name] == given[name] for name in ("issuer", "subject")):
                raise conflict(
                    "Issuer and subject combination already exists for this managed identity."
                )
