"""Identity of the pipelines that roll out models: no password, and no say over keys or access.

Creates, for a component named ``NAME``, each trust ``T`` and each identity ``I`` that it may use:

=================  =====================================================  ===========
child              type                                                   when
=================  =====================================================  ===========
``NAME``           azure-native:managedidentity:UserAssignedIdentity      always
``NAME-T``         azure-native:managedidentity:FederatedIdentity...      each trust
``NAME-serve``     azure-native:authorization:RoleDefinition              always
``NAME-scale``     azure-native:authorization:RoleDefinition              always
``NAME-...``       azure-native:authorization:RoleAssignment              each grant
``NAME-use-I``     azure-native:authorization:RoleAssignment              ``may_use``
=================  =====================================================  ===========

No built-in role is narrow enough: "AzureML Data Scientist" writes everything in a workspace, and
none lets somebody set autoscaling without more. So there are two roles of one's own, each at the
narrowest scope that holds what it is for. Other stacks may trust the same issuer: the subject says
which repository, and which branch or environment of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import authorization, managedidentity

from components.azure.place import Place, assignment_name, definition_name
from components.core.base import MlComponent
from mlplatform.catalog.azure_roles import USE_IDENTITY, WRITE_BLOBS

AUDIENCE = "api://AzureADTokenExchange"
"""What Microsoft Entra expects in a token that it exchanges (Workload identity federation)."""
TRUSTS_MOST = 20
"""Federated credentials of one identity (Workload identity federation: considerations)."""

_ML = "Microsoft.MachineLearningServices/workspaces"
SERVE = (
    f"{_ML}/read",
    *(
        f"{_ML}/{noun}/{verb}"
        for noun in ("onlineEndpoints", "batchEndpoints")
        for verb in ("read", "write", "delete", "deployments/read", "deployments/write")
    ),
    *(f"{_ML}/{noun}/deployments/delete" for noun in ("onlineEndpoints", "batchEndpoints")),
    *(
        f"{_ML}/{noun}/{verb}"
        for noun in ("models", "environments", "codes", "data")
        for verb in ("read", "write", "versions/read", "versions/write", "versions/delete")
    ),
    f"{_ML}/datastores/read",
)
"""New models and their roll-out, in one workspace (Microsoft.MachineLearningServices)."""
SCALE = (
    "*/read",
    "Microsoft.Insights/autoscaleSettings/write",
    "Microsoft.Insights/autoscaleSettings/delete",
)
"""Bounds of autoscaling, which lie beside the workspace, and a look at the rest of the group."""


@dataclass(frozen=True, kw_only=True)
class TrustArgs:
    """Whose tokens are taken."""

    name: str
    issuer: str
    subject: str
    """To the letter: no pattern."""


@dataclass(frozen=True, kw_only=True)
class CiArgs:
    """What a caller decides."""

    place: Place
    identity_name: str
    trusts: Sequence[TrustArgs]
    workspace_id: str
    artifacts_id: str
    """Container that models are uploaded to."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [trust.name for trust in self.trusts]
        if not names or len(names) != len(set(names)) or len(names) > TRUSTS_MOST:
            raise ValueError(f"trusts: got {names}, allowed: 1 to {TRUSTS_MOST}, each name once")


class Ci(MlComponent):
    """One identity, whom it trusts, and what it may do."""

    kind = "azure:Ci"

    identity_id: str
    """Known at preview."""
    client_id: pulumi.Output[str]
    """What a pipeline logs in as."""

    def __init__(
        self,
        name: str,
        args: CiArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = self._place = args.place
        self.identity_id = place.id(
            "Microsoft.ManagedIdentity/userAssignedIdentities", args.identity_name
        )
        self._identity = managedidentity.UserAssignedIdentity(
            name,
            resource_group_name=place.resource_group,
            resource_name_=args.identity_name,
            location=place.location,
            tags=dict(args.tags),
            opts=self._opts(depends_on=after),
        )
        before: list[pulumi.Resource] = [self._identity]
        for trust in args.trusts:
            made = managedidentity.FederatedIdentityCredential(
                self._child(trust.name),
                resource_group_name=place.resource_group,
                resource_name_=args.identity_name,
                federated_identity_credential_resource_name=trust.name,
                issuer=trust.issuer,
                subject=trust.subject,
                audiences=[AUDIENCE],
                # One after the other: Azure refuses two writes to one identity at a time.
                opts=self._opts(depends_on=[before[-1]]),
            )
            before.append(made)
        for suffix, actions, scope in (
            ("serve", SERVE, args.workspace_id),
            ("scale", SCALE, place.group_id),
        ):
            role, made = self._role(suffix, actions, after)
            self._assign(suffix, role, scope, [*after, made])
        self._assign("artifacts", place.role_definition_id(WRITE_BLOBS), args.artifacts_id, after)
        self.client_id = self._identity.client_id
        self.register_outputs({"identity_id": self.identity_id, "client_id": self.client_id})

    def may_use(self, suffix: str, identity_id: str, after: Sequence[pulumi.Resource]) -> None:
        """Let it give this identity to an endpoint: Azure asks that of whoever writes one."""
        role = self._place.role_definition_id(USE_IDENTITY)
        self._assign(f"use-{suffix}", role, identity_id, after)

    def _role(
        self, suffix: str, actions: Sequence[str], after: Sequence[pulumi.Resource]
    ) -> tuple[str, pulumi.Resource]:
        """Its id as a subscription names it, which a preview knows; and what makes it."""
        place, name = self._place, definition_name(self._place.group_id, self._child(suffix))
        made = authorization.RoleDefinition(
            self._child(suffix, "role"),
            role_definition_id=name,
            scope=place.group_id,
            # The name is one in the whole directory.
            role_name=f"{self._child(suffix)} {place.resource_group} {place.unique}",
            assignable_scopes=[place.group_id],
            permissions=[authorization.PermissionArgs(actions=list(actions), not_actions=[])],
            opts=self._opts(depends_on=after),
        )
        return place.role_definition_id(name), made

    def _assign(
        self,
        suffix: str,
        role: str,
        scope: str,
        after: Sequence[pulumi.Resource],
    ) -> None:
        authorization.RoleAssignment(
            self._child(suffix),
            role_assignment_name=assignment_name(scope, self.identity_id, self._child(suffix)),
            scope=scope,
            principal_id=self._identity.principal_id,
            principal_type="ServicePrincipal",
            role_definition_id=role,
            opts=self._opts(depends_on=after),
        )
