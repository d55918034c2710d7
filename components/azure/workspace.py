"""Azure ML workspace with what it leans on.

Creates, for a component named ``NAME``:

=====================  ===================================================  ======
child                  type                                                 when
=====================  ===================================================  ======
``NAME-logs``          azure-native:operationalinsights:Workspace           always
``NAME-insights``      azure-native:applicationinsights:Component           always
``NAME-registry``      azure-native:containerregistry:Registry              always
``NAME``               azure-native:machinelearningservices:Workspace       always
``NAME-artifacts``     azure-native:machinelearningservices:Datastore       always
``NAME-captured``      azure-native:machinelearningservices:Datastore       always
``NAME-audit``         azure-native:monitor:DiagnosticSetting               always
=====================  ===================================================  ======

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
from components.azure.place import Place
from components.azure.storage import CAPTURED, CONTAINER, Storage
from components.core.base import MlComponent

DATASTORE = "artifacts"
LOG_RETENTION_DAYS = 30
"""30 to 730 (learn.microsoft.com, Manage data retention in a Log Analytics workspace)."""


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
    tags: Mapping[str, str] = field(default_factory=dict)


class Workspace(MlComponent):
    """One workspace."""

    kind = "azure:Workspace"

    workspace_name: str
    workspace_id: str
    registry_id: str
    """Known at preview. Depend on this component before using them."""

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
        self.workspace_name = args.workspace_name
        self.workspace_id = place.id(
            "Microsoft.MachineLearningServices/workspaces", args.workspace_name
        )
        self.registry_id = place.id("Microsoft.ContainerRegistry/registries", args.registry_name)
        logs = operationalinsights.Workspace(
            self._child("logs"),
            resource_group_name=group,
            workspace_name=f"{args.workspace_name}-logs",
            location=place.location,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=args.log_retention_days,
            tags=tags,
            opts=self._opts(depends_on=after),
        )
        insights = applicationinsights.Component(
            self._child("insights"),
            resource_group_name=group,
            resource_name_=f"{args.workspace_name}-insights",
            location=place.location,
            kind="web",
            application_type="web",
            workspace_resource_id=logs.id,
            tags=tags,
            opts=pulumi.ResourceOptions.merge(
                self._opts(),
                # They open the door for telemetry, and the provider does not mark them.
                pulumi.ResourceOptions(
                    additional_secret_outputs=["connectionString", "instrumentationKey"]
                ),
            ),
        )
        registry = containerregistry.Registry(
            self._child("registry"),
            resource_group_name=group,
            registry_name=args.registry_name,
            location=place.location,
            sku=containerregistry.SkuArgs(name="Standard"),
            admin_user_enabled=False,
            tags=tags,
            opts=self._opts(depends_on=after),
        )
        workspace = machinelearningservices.Workspace(
            name,
            resource_group_name=group,
            workspace_name=args.workspace_name,
            location=place.location,
            friendly_name=args.workspace_name,
            identity=machinelearningservices.ManagedServiceIdentityArgs(type="SystemAssigned"),
            storage_account=args.storage.account_id,
            key_vault=args.keys.vault_id,
            application_insights=insights.id,
            container_registry=registry.id,
            system_datastores_auth_mode="identity",
            v1_legacy_mode=False,
            tags=tags,
            opts=self._opts(depends_on=[*after, args.storage, args.keys]),
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
                opts=self._opts(),
            )
        monitor.DiagnosticSetting(
            self._child("audit"),
            resource_uri=workspace.id,
            name="audit",
            workspace_id=logs.id,
            logs=[monitor.DiagnosticsLogSettingsArgs(category_group="audit", enabled=True)],
            opts=self._opts(),
        )
        self.register_outputs({"workspace_id": self.workspace_id, "registry_id": self.registry_id})

    def datastore_uri(self, path: str) -> str:
        """Where a blob of the artifacts' container is, in Azure ML's own words."""
        return self._uri(DATASTORE, path)

    def captured_uri(self, path: str) -> str:
        """The same for the container of what endpoints keep."""
        return self._uri(CAPTURED, path)

    def _uri(self, datastore: str, path: str) -> str:
        return (
            f"azureml://subscriptions/{self.place.subscription_id}/resourcegroups/"
            f"{self.place.resource_group}/workspaces/{self.workspace_name}/datastores/"
            f"{datastore}/paths/{path}"
        )
