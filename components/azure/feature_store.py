"""Feature store on Azure ML: a workspace of its own kind, and where it keeps rows.

Creates, for a component named ``NAME`` and each rule ``R`` of its managed network:

=====================  ====================================================  ==================
child                  type                                                  when
=====================  ====================================================  ==================
``NAME-purge``         mlgap:azure:WorkspacePurge                            with ``purge``
``NAME``               azure-native:machinelearningservices:Workspace        always
``NAME-offline``       azure-native:storage:BlobContainer                    always
``NAME-materialize``   azure-native:authorization:RoleAssignment             always
``NAME-offline-link``  azure-native:machinelearningservices:WorkspaceConn... always
``NAME-online-link``   azure-native:machinelearningservices:WorkspaceConn... with ``redis_id``
``NAME-online-role``   azure-native:authorization:RoleDefinition             with ``redis_id``
``NAME-online``        azure-native:authorization:RoleAssignment             with ``redis_id``
``NAME-out-R``         azure-native:machinelearningservices:ManagedNet...    with ``isolation``
``NAME-audit``         azure-native:monitor:DiagnosticSetting                always
=====================  ====================================================  ==================

Jobs that materialise write to the cache with its access key, which they fetch from Resource Manager
(azureml-featurestore 1.2.2, ``online/_redis_client_pool.py``). The vendor's own recipe gives them
"Contributor" on the cache for that; the role made here lists keys and reads, nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import authorization, monitor
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import storage as native

from components.azure.keys import Keys
from components.azure.outbound import IsolationArgs
from components.azure.place import Place, assignment_name, definition_name
from components.azure.storage import Storage
from components.azure.workspace import encryption
from components.core.base import MlComponent
from mlplatform.catalog.azure_roles import DATA_SCIENTIST
from mlplatform.gaps.sdk.azure import WorkspacePurge

SPARK_RUNTIME = "3.4.0"
"""The one that a feature store takes (Feature store YAML schema: compute_runtime)."""
OFFLINE, ONLINE = "OfflineStoreConnectionName", "OnlineStoreConnectionName"
"""azure-ai-ml knows the stores and their identity by these names."""
OFFLINE_CONTAINER = "offline-features"
_CACHE = "Microsoft.Cache/redis"
_MANAGED = "Microsoft.Cache/redisEnterprise"
READ_CACHE = (f"{_CACHE}/read", f"{_CACHE}/listKeys/action")
READ_MANAGED = (
    f"{_MANAGED}/read",
    f"{_MANAGED}/databases/read",
    f"{_MANAGED}/databases/listKeys/action",
)
"""What a job asks of an Azure Cache for Redis, and of an Azure Managed Redis."""


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
    client_id: pulumi.Input[str]
    """And what it logs in as."""
    logs_id: pulumi.Input[str]
    """Log Analytics workspace that takes the audit log."""
    insights_id: pulumi.Input[str]
    """Application Insights of the platform: what jobs of the store say stands beside the rest."""
    redis_id: str | None = None
    """Of an Azure Cache for Redis, or of a database of an Azure Managed Redis; without one there
    is no online store."""
    isolation: IsolationArgs | None = None
    """Network that jobs run in; Microsoft's without. Feature stores take ``internet_outbound``."""
    public: bool = True
    """Whether the store is reached from outside its private endpoint."""
    encrypted: bool = False
    """With the platform's key; the identity needs its role on it first. It is the only one that a
    store with materialisation may have."""
    purge: bool = True
    """Whether nothing is left of the store once it is deleted; see ``WorkspaceArgs.purge``."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.offline.hierarchical or self.storage.hierarchical:
            raise ValueError(
                "offline: allowed: an account with a hierarchical namespace; storage: one without"
            )
        if self.isolation is not None and self.isolation.mode != "internet_outbound":
            raise ValueError(
                f"isolation: got {self.isolation.mode}, allowed for a feature store: "
                "internet_outbound"
            )


class FeatureStore(MlComponent):
    """One feature store."""

    kind = "azure:FeatureStore"

    store_name: str
    store_id: str
    offline_id: str
    account_id: str
    """Of the offline store. Known at preview; depend on this component before using them."""
    principal_id: pulumi.Output[str]
    """Of the jobs that materialise: let it read what rows start from."""

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
        self._args, self.place, self.storage = args, place, args.storage
        self.online = args.redis_id is not None
        self.store_name = args.store_name
        self.store_id = place.id("Microsoft.MachineLearningServices/workspaces", args.store_name)
        self.offline_id = offline_id(place, args.offline.account_name)
        self.account_id = args.offline.account_id
        self.principal_id = pulumi.Output.from_input(args.principal_id)
        container = native.BlobContainer(
            self._child("offline"),
            resource_group_name=place.resource_group,
            account_name=args.offline.account_name,
            container_name=OFFLINE_CONTAINER,
            public_access=native.PublicAccess.NONE,
            opts=self._opts(depends_on=[args.offline]),
        )
        first = [*after, container, args.storage, args.keys]
        if args.purge:
            # Made before the store, so that it is deleted after it.
            first.append(
                WorkspacePurge(
                    self._child("purge"),
                    resource_group_name=place.resource_group,
                    workspace_name=args.store_name,
                    opts=self._opts(depends_on=after),
                )
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
            application_insights=args.insights_id,
            system_datastores_auth_mode="identity",
            v1_legacy_mode=False,
            # Create-only, so said once and for all: no data of high business impact.
            hbi_workspace=False,
            public_network_access="Enabled" if args.public else "Disabled",
            managed_network=args.isolation.wire() if args.isolation is not None else None,
            provision_network_now=True if args.isolation is not None else None,
            encryption=encryption(args.keys, args.identity_id) if args.encrypted else None,
            enable_service_side_cmk_encryption=True if args.encrypted else None,
            feature_store_settings=ml.FeatureStoreSettingsArgs(
                compute_runtime=ml.ComputeRuntimeDtoArgs(spark_runtime_version=SPARK_RUNTIME),
                # Names only: a connection is a child of the store that names it.
                offline_store_connection_name=OFFLINE,
                online_store_connection_name=ONLINE if self.online else None,
            ),
            tags=dict(args.tags),
            opts=self._opts(depends_on=first),
        )
        role_id = place.role_definition_id(DATA_SCIENTIST)
        self._assign("materialize", self.store_id, role_id, DATA_SCIENTIST, store)
        links = [("offline-link", OFFLINE, "ADLSGen2", self.offline_id)]
        if args.redis_id is not None:
            links.append(("online-link", ONLINE, "Redis", args.redis_id))
            self._use_cache(args.redis_id, store)
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
                        client_id=args.client_id, resource_id=args.identity_id
                    ),
                ),
                opts=self._opts(),
            )
        before: pulumi.Resource = store
        for rule in args.isolation.rules if args.isolation is not None else ():
            before = ml.ManagedNetworkSettingsRule(
                self._child("out", rule.name),
                resource_group_name=place.resource_group,
                workspace_name=store.name,
                rule_name=rule.name,
                properties=rule.wire(),
                # One after the other: the network takes one change at a time.
                opts=self._opts(depends_on=[before]),
            )
        monitor.DiagnosticSetting(
            self._child("audit"),
            resource_uri=self.store_id,
            name="audit",
            workspace_id=args.logs_id,
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="audit", enabled=True)],
            opts=self._opts(depends_on=[store]),
        )
        self.register_outputs({"store_id": self.store_id})

    def _use_cache(self, redis_id: str, store: pulumi.Resource) -> None:
        """Let jobs fetch what they write to the cache with; the role lies in the cache's group."""
        managed = "/databases/" in redis_id
        # Host and port are the cluster's, the key is the database's.
        cache_id = redis_id.partition("/databases/")[0]
        group_id = "/".join(redis_id.split("/")[:5])
        name = self._child("online")
        guid = definition_name(group_id, name)
        role = authorization.RoleDefinition(
            self._child("online", "role"),
            role_definition_id=guid,
            scope=group_id,
            role_name=f"{name} {self.place.resource_group} {self.place.unique}",
            assignable_scopes=[group_id],
            permissions=[
                authorization.PermissionArgs(
                    actions=list(READ_MANAGED if managed else READ_CACHE), not_actions=[]
                )
            ],
            opts=self._opts(depends_on=[store]),
        )
        self._assign("online", cache_id, self.place.role_definition_id(guid), name, role)

    def _assign(
        self, suffix: str, scope: str, role: str, said: str, after: pulumi.Resource
    ) -> None:
        """said: stands for the role in the assignment's own name."""
        authorization.RoleAssignment(
            self._child(suffix),
            role_assignment_name=assignment_name(scope, self._args.identity_id, said),
            scope=scope,
            principal_id=self._args.principal_id,
            principal_type="ServicePrincipal",
            role_definition_id=role,
            opts=self._opts(depends_on=[after]),
        )


def offline_id(place: Place, account_name: str) -> str:
    """Resource id of the container that keeps the history; known at preview."""
    return place.id(
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        account_name,
        "default",
        OFFLINE_CONTAINER,
    )
