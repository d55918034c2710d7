"""Feature store on Azure ML: a workspace of its own kind, and where it keeps rows.

Creates, for a component named ``NAME``:

=====================  ====================================================  ================
child                  type                                                  when
=====================  ====================================================  ================
``NAME``               azure-native:machinelearningservices:Workspace        always
``NAME-offline``       azure-native:storage:BlobContainer                    always
``NAME-materialize``   azure-native:authorization:RoleAssignment             always
``NAME-offline-link``  azure-native:machinelearningservices:WorkspaceConn... always
``NAME-online-link``   azure-native:machinelearningservices:WorkspaceConn... with ``redis_id``
=====================  ====================================================  ================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import authorization
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import storage as native

from components.azure.keys import Keys
from components.azure.place import Place, assignment_name
from components.azure.storage import Storage
from components.core.base import MlComponent
from mlplatform.catalog.azure_roles import DATA_SCIENTIST

SPARK_RUNTIME = "3.4.0"
"""Feature store compute runtime (azure-ai-ml 1.35.2, FeatureStore.compute_runtime)."""
OFFLINE, ONLINE = "offline-store", "online-store"
OFFLINE_CONTAINER = "offline-features"


@dataclass(frozen=True, kw_only=True)
class FeatureStoreArgs:
    """What a caller decides."""

    place: Place
    store_name: str
    """3 to 33 characters."""
    keys: Keys
    storage: Storage
    """Default storage of the workspace: without a hierarchical namespace."""
    offline: Storage
    """Keeps the history: with a hierarchical namespace."""
    identity_id: str
    """Of the identity that materialisation runs under."""
    principal_id: pulumi.Input[str]
    """The same identity's, in the directory."""
    redis_id: str | None = None
    """Of an existing Redis cache; without one there is no online store."""
    public: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.offline.hierarchical or self.storage.hierarchical:
            raise ValueError(
                "offline: allowed: an account with a hierarchical namespace; storage: one without"
            )


class FeatureStore(MlComponent):
    """One feature store."""

    kind = "azure:FeatureStore"

    store_name: str
    store_id: str
    offline_id: str
    """Known at preview. Depend on this component before using them."""

    def __init__(
        self,
        name: str,
        args: FeatureStoreArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = args.place
        self.place, self.storage = place, args.storage
        self.online = args.redis_id is not None
        self.store_name = args.store_name
        self.store_id = place.id("Microsoft.MachineLearningServices/workspaces", args.store_name)
        self.offline_id = offline_id(place, args.offline.account_name)
        container = native.BlobContainer(
            self._child("offline"),
            resource_group_name=place.resource_group,
            account_name=args.offline.account_name,
            container_name=OFFLINE_CONTAINER,
            public_access=native.PublicAccess.NONE,
            opts=self._opts(depends_on=[args.offline]),
        )
        store = ml.Workspace(
            name,
            resource_group_name=place.resource_group,
            workspace_name=args.store_name,
            location=place.location,
            friendly_name=args.store_name,
            kind="FeatureStore",
            identity=ml.ManagedServiceIdentityArgs(
                type="SystemAssigned,UserAssigned", user_assigned_identities=[args.identity_id]
            ),
            primary_user_assigned_identity=args.identity_id,
            storage_account=args.storage.account_id,
            key_vault=args.keys.vault_id,
            system_datastores_auth_mode="identity",
            v1_legacy_mode=False,
            public_network_access="Enabled" if args.public else "Disabled",
            feature_store_settings=ml.FeatureStoreSettingsArgs(
                compute_runtime=ml.ComputeRuntimeDtoArgs(spark_runtime_version=SPARK_RUNTIME),
                # Names only: a connection is a child of the store that names it.
                offline_store_connection_name=OFFLINE,
                online_store_connection_name=ONLINE if self.online else None,
            ),
            tags=dict(args.tags),
            opts=self._opts(depends_on=[*after, container, args.storage, args.keys]),
        )
        authorization.RoleAssignment(
            self._child("materialize"),
            role_assignment_name=assignment_name(self.store_id, args.identity_id, DATA_SCIENTIST),
            scope=store.id,
            principal_id=args.principal_id,
            principal_type="ServicePrincipal",
            role_definition_id=place.role_definition_id(DATA_SCIENTIST),
            opts=self._opts(),
        )
        links = [("offline-link", OFFLINE, "ADLSGen2", self.offline_id)]
        if args.redis_id is not None:
            links.append(("online-link", ONLINE, "Redis", args.redis_id))
        for suffix, connection, category, target in links:
            ml.WorkspaceConnection(
                self._child(suffix),
                resource_group_name=place.resource_group,
                workspace_name=store.name,
                connection_name=connection,
                properties=ml.ManagedIdentityAuthTypeWorkspaceConnectionPropertiesArgs(
                    auth_type="ManagedIdentity",
                    category=category,
                    target=target,
                    credentials=ml.WorkspaceConnectionManagedIdentityArgs(
                        resource_id=args.identity_id
                    ),
                ),
                opts=self._opts(),
            )
        self.register_outputs({"store_id": self.store_id})


def offline_id(place: Place, account_name: str) -> str:
    """Resource id of the container that keeps the history; known at preview."""
    return place.id(
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        account_name,
        "default",
        OFFLINE_CONTAINER,
    )
