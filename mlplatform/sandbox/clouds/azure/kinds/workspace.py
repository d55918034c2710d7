"""Azure Machine Learning: workspaces with their managed network, computes."""

from __future__ import annotations

import uuid

from mlplatform.sandbox.clouds.azure.answer import bad_request
from mlplatform.sandbox.clouds.azure.kinds import authorization, deleted, machines
from mlplatform.sandbox.clouds.azure.kinds.base import Slow, Write, sub
from mlplatform.sandbox.clouds.azure.world import TENANT, Json, World

_DEPENDENTS = {
    "storageAccount": True,
    "keyVault": True,
    "applicationInsights": False,
    "containerRegistry": False,
}
USE_KEY = "Microsoft.KeyVault/vaults/keys/wrap/action"
_WITH_HOSTS = "allowonlyapprovedoutbound"
_FIXED_OF_CLUSTERS = ("vmSize", "vmPriority", "osType", "subnet")
_FIXED = {
    "computeinstance": (
        "vmSize",
        "subnet",
        "idleTimeBeforeShutdown",
        "schedules",
        "personalComputeInstanceSettings",
        "applicationSharingPolicy",
        "sshSettings",
    ),
    "kubernetes": ("namespace", "instanceTypes", "defaultInstanceType"),
}
"""azure-ai-ml updates AmlCompute only (ComputeOperations.begin_update)."""


class Workspace(Slow):
    """Needs its dependents; brings a default datastore with it. Deleted, it holds its name."""

    created = 202
    updated = 202
    regional = True
    purged_by = "forceToPurge"

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
        if write.old is None and deleted.held(world, write.address.id):
            raise bad_request(
                "Soft-deleted workspace exists. Please purge or recover it. "
                "https://aka.ms/wsoftdelete"
            )
        for name, required in _DEPENDENTS.items():
            linked = given.get(name)
            if linked and not world.exists(str(linked)):
                raise bad_request(f"{name} '{linked}' does not exist.", target=name)
            if required and not linked:
                raise bad_request(f"{name} is required.", code="ValidationError", target=name)
            old = write.old_properties.get(name)
            if required and old and str(linked).lower() != str(old).lower():
                raise bad_request(f"{name} cannot be updated.", target=name)
        account = world.get(str(given.get("storageAccount"))) or {}
        if sub(account, "properties", "isHnsEnabled"):
            raise bad_request("The default storage must not have a hierarchical namespace.")
        self._check_isolation(write)
        self._check_encryption(world, write)
        if not write.new.get("identity"):
            raise bad_request("A workspace needs a managed identity.", target="identity")

    def _check_isolation(self, write: Write) -> None:
        """A managed network cannot be taken back (Workspace managed virtual network isolation)."""
        old = str(sub(write.old_properties, "managedNetwork", "isolationMode") or "Disabled")
        new = str(sub(write.properties, "managedNetwork", "isolationMode") or "Disabled")
        if old.lower() != "disabled" and new.lower() == "disabled":
            raise bad_request(
                "The managed network of a workspace cannot be disabled once it is enabled.",
                target="managedNetwork",
            )

    def _check_encryption(self, world: World, write: Write) -> None:
        """The key must exist, and an identity of the workspace must be allowed to use it."""
        given = write.properties.get("encryption") or {}
        before = write.old_properties.get("encryption") or {}
        if write.old and given.get("status") != before.get("status"):
            raise bad_request(
                "Encryption with a customer-managed key cannot be changed after creation.",
                target="encryption",
            )
        if str(given.get("status", "")).lower() != "enabled":
            return
        vault = str(sub(given, "keyVaultProperties", "keyVaultArmId") or "")
        uri = str(sub(given, "keyVaultProperties", "keyIdentifier") or "")
        identity = str(sub(given, "identity", "userAssignedIdentity") or "")
        key = f"{vault}/keys/{uri.rstrip('/').split('/')[-2] if uri.count('/') > 4 else ''}"
        assigned = {
            one.lower() for one in sub(write.new, "identity", "userAssignedIdentities") or {}
        }
        may = (
            world.exists(key)
            and identity.lower() in assigned
            and authorization.may(world, world.principal_of(identity), USE_KEY, key, data=True)
        )
        if not may:
            raise bad_request(
                f"The key '{uri}' is missing, or the identity '{identity}' of the workspace may "
                "not use it.",
                code="KeyVaultKeyAccessDenied",
                target="encryption",
            )

    def fill(self, world: World, write: Write) -> None:
        old = write.old_properties
        id_ = write.address.id
        location = write.new.get("location")
        write.new.setdefault("kind", "Default")
        write.new["properties"] = {
            "friendlyName": write.address.name,
            "hbiWorkspace": False,
            "publicNetworkAccess": "Enabled",
            "v1LegacyMode": False,
            **write.properties,
            "workspaceId": old.get("workspaceId", str(uuid.uuid4())),
            "discoveryUrl": f"{world.arm_endpoint}/discovery",
            "mlFlowTrackingUri": f"azureml://{location}.api.azureml.ms/mlflow/v1.0{id_}",
            "tenantId": TENANT,
        }

    def after_delete(self, world: World, resource: Json) -> None:
        # With user-assigned identities alone there is no soft delete.
        if "systemassigned" in str(sub(resource, "identity", "type")).lower():
            deleted.keep(world, resource, deleted.WORKSPACE_DAYS)

    def after_success(self, world: World, resource: Json) -> None:
        id_ = str(resource["id"])
        store = f"{id_}/datastores/workspaceblobstore"
        if world.exists(store):
            return
        account = str(resource["properties"]["storageAccount"])
        container = "azureml-blobstore-" + resource["properties"]["workspaceId"]
        world.put(_container(account, container))
        world.put(
            {
                "id": store,
                "name": "workspaceblobstore",
                "type": "Microsoft.MachineLearningServices/workspaces/datastores",
                "properties": {
                    "datastoreType": "AzureBlob",
                    "accountName": account.rsplit("/", 1)[-1],
                    "containerName": container,
                    "credentials": {"credentialsType": "AccountKey"},
                    "endpoint": "core.windows.net",
                    "protocol": "https",
                    "isDefault": True,
                },
            }
        )


class Compute(Slow):
    """Only scale settings and identity change in place."""

    regional = True

    def before_write(self, world: World, write: Write) -> None:
        kind = str(write.properties.get("computeType")).lower()
        cluster = str(write.properties.get("resourceId") or "")
        machines.refuse_gone(str(sub(write.properties, "properties", "vmSize") or ""), "vmSize")
        if kind == "kubernetes" and not world.exists(cluster):
            raise bad_request(f"The cluster '{cluster}' does not exist.", target="resourceId")
        for name in _FIXED.get(kind, _FIXED_OF_CLUSTERS):
            old = sub(write.old_properties, "properties", name)
            new = sub(write.properties, "properties", name)
            if write.old and new is not None and old is not None and old != new:
                raise bad_request(f"The property {name} cannot be changed.", target=name)

    def fill(self, world: World, write: Write) -> None:
        """An instance runs and is one person's; an attached compute is marked as such."""
        del world
        given = write.properties
        kind = str(given.get("computeType")).lower()
        given["isAttachedCompute"] = kind == "kubernetes"
        if kind == "computeinstance":
            inner = given.setdefault("properties", {})
            inner.setdefault("applicationSharingPolicy", "Shared")
            inner["state"] = sub(write.old_properties, "properties", "state") or "Running"


class OutboundRule(Slow):
    """One rule of a workspace's managed network; hosts are for the mode with approved outbound."""

    created = 202
    updated = 202

    def before_write(self, world: World, write: Write) -> None:
        workspace = world.get(write.address.parent) or {}
        mode = str(sub(workspace, "properties", "managedNetwork", "isolationMode") or "Disabled")
        if mode.lower() == "disabled":
            raise bad_request(
                "The workspace has no managed network, so it takes no outbound rules.",
                code="ValidationError",
            )
        given = write.properties
        if str(given.get("type")).lower() == "fqdn" and mode.lower() != _WITH_HOSTS:
            raise bad_request(
                f"FQDN outbound rules are not supported with isolation mode {mode}.",
                code="ValidationError",
                target="type",
            )
        linked = sub(given, "destination", "serviceResourceId")
        if linked and not world.exists(str(linked)):
            raise bad_request(f"The resource '{linked}' does not exist.", target="destination")

    def fill(self, world: World, write: Write) -> None:
        del world
        write.new["properties"] = {
            "category": "UserDefined",
            **write.properties,
            "status": "Active",
        }


def _container(account: str, name: str) -> Json:
    return {
        "id": f"{account}/blobServices/default/containers/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
        "properties": {"publicAccess": "None"},
    }
