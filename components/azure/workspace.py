"""Azure ML workspace with what it leans on.

Creates, for a component named ``NAME``:

=====================  ===================================================  =======================
child                  type                                                 when
=====================  ===================================================  =======================
``NAME-logs``          azure-native:operationalinsights:Workspace           without ``logs_id``
``NAME-insights``      azure-native:applicationinsights:Component           always
``NAME-registry``      azure-native:containerregistry:Registry              without ``registry_id``
``NAME-purge``         mlgap:azure:WorkspacePurge                           with ``purge``
``NAME``               azure-native:machinelearningservices:Workspace       always
``NAME-artifacts``     azure-native:machinelearningservices:Datastore       always
``NAME-captured``      azure-native:machinelearningservices:Datastore       always
``NAME-audit``         azure-native:monitor:DiagnosticSetting               always
``NAME-out-R``         azure-native:machinelearningservices:ManagedNet...   each rule ``R``
=====================  ===================================================  =======================

The workspace's own identity is system-assigned: Azure ML then grants it what it needs on its
dependents. Containers of endpoints run under identities of their own (``access``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import (
    applicationinsights,
    containerregistry,
    machinelearningservices,
    monitor,
    operationalinsights,
)

from components.azure.keys import Keys
from components.azure.outbound import IsolationArgs
from components.azure.place import Place
from components.azure.storage import CAPTURED, CONTAINER, Storage
from components.core.base import MlComponent
from mlplatform.gaps.sdk.azure import WorkspacePurge

DATASTORE = "artifacts"
LOG_RETENTION_DAYS = 30
"""30 to 730 (learn.microsoft.com, Manage data retention in a Log Analytics workspace)."""


@dataclass(frozen=True, kw_only=True)
class ServerlessComputeArgs:
    """Where jobs run that name no compute."""

    subnet_id: str | None = None
    public_addresses: bool = False

    def wire(self) -> machinelearningservices.ServerlessComputeSettingsArgs:
        return machinelearningservices.ServerlessComputeSettingsArgs(
            serverless_compute_custom_subnet=self.subnet_id,
            serverless_compute_no_public_ip=not self.public_addresses,
        )


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    """What a caller decides."""

    place: Place
    workspace_name: str
    """3 to 33 characters."""
    registry_name: str
    """Unique in the world: 5 to 50 letters and digits."""
    keys: Keys
    storage: Storage
    log_retention_days: int = LOG_RETENTION_DAYS
    registry_id: str | None = None
    """Of an existing container registry; the workspace pulls from it."""
    logs_id: str | None = None
    """Of an existing Log Analytics workspace."""
    isolation: IsolationArgs | None = None
    """Managed network; none leaves what runs in the workspace in Microsoft's."""
    public: bool = True
    """Whether the workspace is reached from outside its private endpoint."""
    encrypted: bool = False
    """With the platform's key: what Azure ML itself keeps of the workspace, for good."""
    image_build_compute: str | None = None
    """Cluster that builds images, where the registry is private."""
    purge: bool = True
    """Whether nothing is left of the workspace once it is deleted. Else Azure keeps it for 14 days
    and refuses another one of its name."""
    serverless: ServerlessComputeArgs | None = None
    """Network of jobs that name no compute; Azure ML's own without."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.storage.hierarchical:
            raise ValueError("storage: allowed: an account without a hierarchical namespace")


class Workspace(MlComponent):
    """One workspace."""

    kind = "azure:Workspace"

    workspace_name: str
    workspace_id: str
    registry_id: str
    """Known at preview. Depend on this component before using them."""
    logs_id: pulumi.Input[str]
    """Of the Log Analytics workspace that audit logs go to."""
    insights_id: pulumi.Output[str]
    """Of the Application Insights component, for what else belongs to the platform."""

    def __init__(
        self,
        name: str,
        args: WorkspaceArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place, tags = args.place, dict(args.tags)
        group = place.resource_group
        self.place = place
        self.isolation = args.isolation
        self.workspace_name = args.workspace_name
        self.workspace_id = place.id(
            "Microsoft.MachineLearningServices/workspaces", args.workspace_name
        )
        self.registry_id = args.registry_id or place.id(
            "Microsoft.ContainerRegistry/registries", args.registry_name
        )
        logs_id: pulumi.Input[str] = args.logs_id or self._logs(args, after)
        registry = self._registry(args, after) if args.registry_id is None else None
        insights = applicationinsights.Component(
            self._child("insights"),
            resource_group_name=group,
            resource_name_=f"{args.workspace_name}-insights",
            location=place.location,
            kind="web",
            application_type="web",
            workspace_resource_id=logs_id,
            tags=tags,
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=after),
                # They open the door for telemetry, and the provider does not mark them.
                pulumi.ResourceOptions(
                    additional_secret_outputs=["connectionString", "instrumentationKey"]
                ),
            ),
        )
        self.logs_id, self.insights_id = logs_id, insights.id
        first = [*after, args.storage, args.keys]
        if args.purge:
            # Made before the workspace, so that it is deleted after it.
            first.append(
                WorkspacePurge(
                    self._child("purge"),
                    resource_group_name=group,
                    workspace_name=args.workspace_name,
                    opts=self._opts(depends_on=after),
                )
            )
        workspace = machinelearningservices.Workspace(
            name,
            resource_group_name=group,
            workspace_name=args.workspace_name,
            location=place.location,
            friendly_name=args.workspace_name,
            identity=_identity(args),
            storage_account=args.storage.account_id,
            key_vault=args.keys.vault_id,
            application_insights=insights.id,
            container_registry=registry.id if registry is not None else self.registry_id,
            system_datastores_auth_mode="identity",
            v1_legacy_mode=False,
            # Create-only, so said once and for all: no data of high business impact.
            hbi_workspace=False,
            public_network_access="Enabled" if args.public else "Disabled",
            managed_network=args.isolation.wire() if args.isolation is not None else None,
            # The first compute would wait for it otherwise.
            provision_network_now=True if args.isolation is not None else None,
            image_build_compute=args.image_build_compute,
            serverless_compute_settings=args.serverless.wire() if args.serverless else None,
            encryption=encryption(args.keys, args.keys.identity_id) if args.encrypted else None,
            enable_service_side_cmk_encryption=True if args.encrypted else None,
            tags=tags,
            opts=self._opts(depends_on=first),
        )
        for datastore, container in ((DATASTORE, CONTAINER), (CAPTURED, CAPTURED)):
            machinelearningservices.Datastore(
                self._child(datastore),
                resource_group_name=group,
                workspace_name=workspace.name,
                name=datastore,
                properties=machinelearningservices.AzureBlobDatastoreArgs(
                    datastore_type="AzureBlob",
                    account_name=args.storage.account_name,
                    container_name=container,
                    credentials=machinelearningservices.NoneDatastoreCredentialsArgs(
                        credentials_type="None"
                    ),
                    service_data_access_auth_identity="WorkspaceSystemAssignedIdentity",
                ),
                skip_validation=True,
                opts=pulumi.ResourceOptions.merge(
                    self._opts(),
                    # Azure refuses these changes: a datastore is an address and nothing else.
                    pulumi.ResourceOptions(
                        replace_on_changes=["properties.accountName", "properties.containerName"],
                        delete_before_replace=True,
                    ),
                ),
            )
        rules = args.isolation.rules if args.isolation is not None else ()
        before: pulumi.Resource = workspace
        for rule in rules:
            before = machinelearningservices.ManagedNetworkSettingsRule(
                self._child("out", rule.name),
                resource_group_name=group,
                workspace_name=workspace.name,
                rule_name=rule.name,
                properties=rule.wire(),
                # One after the other: the network takes one change at a time.
                opts=self._opts(depends_on=[before]),
            )
        monitor.DiagnosticSetting(
            self._child("audit"),
            resource_uri=self.workspace_id,
            name="audit",
            workspace_id=logs_id,
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="audit", enabled=True)],
            opts=self._opts(depends_on=[workspace]),
        )
        self.register_outputs({"workspace_id": self.workspace_id, "registry_id": self.registry_id})

    def _logs(self, args: WorkspaceArgs, after: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        made = operationalinsights.Workspace(
            self._child("logs"),
            resource_group_name=args.place.resource_group,
            # A deleted one holds its name for its own region.
            workspace_name=f"{args.workspace_name}-logs-{args.place.location}",
            location=args.place.location,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=args.log_retention_days,
            tags=dict(args.tags),
            opts=self._opts(depends_on=after),
        )
        id_: pulumi.Output[str] = made.id
        return id_

    def _registry(
        self, args: WorkspaceArgs, after: Sequence[pulumi.Resource]
    ) -> containerregistry.Registry:
        return containerregistry.Registry(
            self._child("registry"),
            resource_group_name=args.place.resource_group,
            registry_name=args.registry_name,
            location=args.place.location,
            # Private endpoints are a matter of the largest kind.
            sku=containerregistry.SkuArgs(name="Standard" if args.public else "Premium"),
            admin_user_enabled=False,
            public_network_access="Enabled" if args.public else "Disabled",
            tags=dict(args.tags),
            opts=self._opts(depends_on=after),
        )

    def datastore_uri(self, path: str) -> str:
        """Where a blob of the artifacts' container is, in Azure ML's own words."""
        return self._uri(DATASTORE, path)

    def captured_uri(self, path: str) -> str:
        """The same for the container of what endpoints keep."""
        return self._uri(CAPTURED, path)

    def folder_uri(self, datastore: str, path: str) -> str:
        """The same for any datastore of the workspace."""
        return self._uri(datastore, path)

    def _uri(self, datastore: str, path: str) -> str:
        return (
            f"azureml://subscriptions/{self.place.subscription_id}/resourcegroups/"
            f"{self.place.resource_group}/workspaces/{self.workspace_name}/datastores/"
            f"{datastore}/paths/{path}"
        )


def _identity(args: WorkspaceArgs) -> machinelearningservices.ManagedServiceIdentityArgs:
    """Its own, and beside it the one that may use the key where it is encrypted."""
    if not args.encrypted:
        return machinelearningservices.ManagedServiceIdentityArgs(type="SystemAssigned")
    return machinelearningservices.ManagedServiceIdentityArgs(
        type="SystemAssigned,UserAssigned", user_assigned_identities=[args.keys.identity_id]
    )


def encryption(keys: Keys, identity_id: str) -> machinelearningservices.EncryptionPropertyArgs:
    """With the platform's key, used by an identity that is the workspace's own and may wrap."""
    return machinelearningservices.EncryptionPropertyArgs(
        status="Enabled",
        key_vault_properties=machinelearningservices.KeyVaultPropertiesArgs(
            key_identifier=keys.key_version_uri, key_vault_arm_id=keys.vault_id
        ),
        identity=machinelearningservices.IdentityForCmkArgs(user_assigned_identity=identity_id),
    )
