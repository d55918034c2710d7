"""Identity of one serving workload: what its containers need, and nothing else.

Creates, for a component named ``NAME`` and each role ``R``:

===========  ====================================================  ======
child        type                                                  when
===========  ====================================================  ======
``NAME``     azure-native:managedidentity:UserAssignedIdentity     always
``NAME-R``   azure-native:authorization:RoleAssignment             always
===========  ====================================================  ======

The roles are those that Microsoft lists for an endpoint with an identity of its own ("Access Azure
resources from an online endpoint with a managed identity"), each on the one thing it is for. Not
"AzureML Data Scientist": its actions are wide (``*/write``, ``*/action``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import authorization, managedidentity

from components.azure.place import Place, assignment_name
from components.core.base import MlComponent
from mlplatform.catalog.azure_roles import PULL_IMAGES, READ_BLOBS, WRAP_KEYS, WRITE_BLOBS

__all__ = [
    "PULL_IMAGES",
    "READ_BLOBS",
    "WRAP_KEYS",
    "WRITE_BLOBS",
    "Access",
    "AccessArgs",
    "GrantArgs",
]


@dataclass(frozen=True, kw_only=True)
class GrantArgs:
    """One role on one thing."""

    suffix: str
    """Last part of the child's name: what the role is for."""
    scope: pulumi.Input[str]
    """Resource id. A plain string is known, and can be judged, in a preview."""
    scope_name: str
    """Stands for the scope in the assignment's own name, where the scope is an output."""
    role: str
    """GUID of a built-in role."""


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """What a caller decides."""

    place: Place
    identity_name: str
    grants: Sequence[GrantArgs]
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        suffixes = [grant.suffix for grant in self.grants]
        if len(suffixes) != len(set(suffixes)):
            raise ValueError(f"grants: got {suffixes}, allowed: each suffix once")


class Access(MlComponent):
    """One identity and its roles."""

    kind = "azure:Access"

    identity_id: str
    """Known at preview. Depend on this component before using it."""
    principal_id: pulumi.Output[str]
    """For a role on what is made after the identity, such as what runs under it."""
    client_id: pulumi.Output[str]
    """What a service logs in as, where it asks for that beside the id."""

    def __init__(
        self,
        name: str,
        args: AccessArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = args.place
        identity = managedidentity.UserAssignedIdentity(
            name,
            resource_group_name=place.resource_group,
            resource_name_=args.identity_name,
            location=place.location,
            tags=dict(args.tags),
            opts=self._opts(depends_on=after),
        )
        self.identity_id = place.id(
            "Microsoft.ManagedIdentity/userAssignedIdentities", args.identity_name
        )
        self.principal_id, self.client_id = identity.principal_id, identity.client_id
        for grant in args.grants:
            authorization.RoleAssignment(
                self._child(grant.suffix),
                role_assignment_name=assignment_name(
                    grant.scope_name, self.identity_id, grant.role
                ),
                scope=grant.scope,
                principal_id=identity.principal_id,
                # Without the type Azure looks the principal up, and may not find a new one yet.
                principal_type="ServicePrincipal",
                role_definition_id=place.role_definition_id(grant.role),
                opts=self._opts(depends_on=after),
            )
        self.register_outputs({"identity_id": self.identity_id})
