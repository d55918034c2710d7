"""Azure Machine Learning: workspaces, endpoints, deployments, traffic, assets."""

from __future__ import annotations

import uuid

from mlplatform.sandbox.clouds.azure.address import Address
from mlplatform.sandbox.clouds.azure.answer import ArmError, bad_request, conflict
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write, sub
from mlplatform.sandbox.clouds.azure.kinds.monitor import apply_to
from mlplatform.sandbox.clouds.azure.world import TENANT, Json, World

INSTANCES_PER_DEPLOYMENT = 50
"""learn.microsoft.com, Manage and increase quotas: instances for each deployment."""

_DEPLOYMENTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
_DEPENDENTS = {
    "storageAccount": True,
    "keyVault": True,
    "applicationInsights": False,
    "containerRegistry": False,
}
_RETIRED = ("standard_nc6s_v3", "standard_nc12s_v3", "standard_nc24s_v3")
"""Sizes of which the last machines were switched off on 2025-09-30."""


class Slow(Kind):
    """Creating, changing and deleting take a while."""

    slow = True
    slow_delete = True


class Asset(Kind):
    """A named thing in a workspace."""


class Workspace(Slow):
    """Needs its dependents; brings a default datastore with it."""

    created = 202
    updated = 202
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
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
        if not write.new.get("identity"):
            raise bad_request("A workspace needs a managed identity.", target="identity")

    def fill(self, world: World, write: Write) -> None:
        del world
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
            "discoveryUrl": f"https://{location}.api.azureml.ms/discovery",
            "mlFlowTrackingUri": f"azureml://{location}.api.azureml.ms/mlflow/v1.0{id_}",
            "tenantId": TENANT,
        }

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
        del world
        for name in ("vmSize", "vmPriority", "osType", "subnet"):
            old = sub(write.old_properties, "properties", name)
            new = sub(write.properties, "properties", name)
            if write.old and new is not None and old is not None and old != new:
                raise bad_request(f"The property {name} cannot be changed.", target=name)


class OnlineEndpoint(Slow):
    """A PUT carries the whole endpoint: traffic that is not in it is gone."""

    regional = True
    patchable = ("tags", "identity")
    patch_type = "MinimalTrackedResourceWithIdentity"

    def before_write(self, world: World, write: Write) -> None:
        given, old = write.properties, write.old_properties
        if not given.get("authMode"):
            raise bad_request("authMode is required.", code="ValidationError", target="authMode")
        if old and str(given["authMode"]).lower() != str(old["authMode"]).lower():
            raise bad_request("The property authMode cannot be changed.", target="authMode")
        self._check_identities(world, write)
        self._check_traffic(world, write, given.get("traffic") or {})

    def _check_identities(self, world: World, write: Write) -> None:
        for id_ in sub(write.new, "identity", "userAssignedIdentities") or {}:
            if not world.exists(id_):
                raise ArmError(
                    400,
                    "FailedIdentityOperation",
                    f"Identity operation failed: the resource '{id_}' was not found.",
                )

    def _check_traffic(self, world: World, write: Write, traffic: Json) -> None:
        if sum(traffic.values()) not in (0, 100) or any(v < 0 for v in traffic.values()):
            raise bad_request("Sum of traffic must be 0 or 100.", target="traffic")
        for name in {**traffic, **(write.properties.get("mirrorTraffic") or {})}:
            if not world.exists(f"{write.address.id}/deployments/{name}"):
                raise bad_request(
                    f"Traffic names the deployment '{name}', which does not exist.",
                    target="traffic",
                )

    def fill(self, world: World, write: Write) -> None:
        del world
        host = f"https://{write.address.name}.{write.new['location']}.inference.ml.azure.com"
        write.new.setdefault("kind", "Managed")
        given = dict(write.properties)
        given.pop("keys", None)  # write-only
        write.new["properties"] = {
            "publicNetworkAccess": "Enabled",
            "traffic": {},
            "mirrorTraffic": {},
            "properties": {},
            **{name: value for name, value in given.items() if value is not None},
            "scoringUri": f"{host}/score",
            "swaggerUri": f"{host}/swagger.json",
        }


class OnlineDeployment(Slow):
    """Instance type fixed, count within the quota, nothing deleted that carries traffic."""

    regional = True
    patchable = ("tags", "sku")
    patch_type = "MinimalTrackedResourceWithSku"

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
        endpoint = world.get(write.address.parent) or {}
        if write.new.get("location") != endpoint.get("location"):
            raise bad_request(
                f"A deployment lies in the location of its endpoint, '{endpoint.get('location')}'.",
                target="location",
            )
        if not given.get("endpointComputeType"):
            raise bad_request("endpointComputeType is required.", code="ValidationError")
        self._check_machine(write)
        count = sub(write.new, "sku", "capacity")
        if count is not None and not 1 <= int(count) <= INSTANCES_PER_DEPLOYMENT:
            raise bad_request(
                f"Not enough quota: {count} instances requested, at most "
                f"{INSTANCES_PER_DEPLOYMENT} for each deployment.",
                code="OutOfQuota",
                target="sku.capacity",
            )
        for name, linked in (
            ("model", str(given.get("model") or "")),
            ("environmentId", str(given.get("environmentId") or "")),
            ("codeId", str(sub(given, "codeConfiguration", "codeId") or "")),
            *(
                (f"dataCollector.collections.{name}.dataId", str(sub(one, "dataId") or ""))
                for name, one in (sub(given, "dataCollector", "collections") or {}).items()
            ),
        ):
            if linked.startswith("/subscriptions/") and not world.exists(linked):
                raise bad_request(f"{name} '{linked}' does not exist.", target=name)

    def _check_machine(self, write: Write) -> None:
        new = str(write.properties.get("instanceType") or "")
        old = str(write.old_properties.get("instanceType") or "")
        if write.old and new and new.lower() != old.lower():
            raise bad_request(
                "The instance type of a deployment cannot be changed.", target="instanceType"
            )
        if new.lower() in _RETIRED:
            raise bad_request(
                f"The VM size '{new}' is not supported.",
                code="InvalidVmSize",
                target="instanceType",
            )

    def fill(self, world: World, write: Write) -> None:
        del world
        sku = write.new.get("sku") or {}
        write.new["sku"] = {"name": "Default", **sku, "capacity": int(sku.get("capacity") or 1)}
        write.new["properties"] = {
            "instanceType": "Standard_F4s_v2",
            "appInsightsEnabled": False,
            "egressPublicNetworkAccess": "Enabled",
            "scaleSettings": {"scaleType": "Default"},
            "environmentVariables": {},
            "properties": {},
            **{name: value for name, value in write.properties.items() if value is not None},
        }

    def after_success(self, world: World, resource: Json) -> None:
        apply_to(world, str(resource["id"]))

    def before_delete(self, world: World, resource: Json) -> None:
        endpoint = world.get(str(resource["id"]).rsplit("/deployments/", 1)[0]) or {}
        share = (sub(endpoint, "properties", "traffic") or {}).get(resource["name"], 0)
        if share and sub(endpoint, "properties", "provisioningState") != "Deleting":
            raise bad_request(
                f"Cannot delete the deployment '{resource['name']}': it takes {share} percent of "
                "the traffic. Set its traffic to 0 first.",
                code="UserError",
            )


class BatchEndpoint(Slow):
    """A batch endpoint with its default deployment."""

    regional = True

    def before_write(self, world: World, write: Write) -> None:
        name = sub(write.properties, "defaults", "deploymentName")
        if name and not world.exists(f"{write.address.id}/deployments/{name}"):
            raise bad_request(f"The default deployment '{name}' does not exist.")

    def fill(self, world: World, write: Write) -> None:
        del world
        host = f"https://{write.address.name}.{write.new['location']}.inference.ml.azure.com"
        write.new["properties"] = {"defaults": {}, **write.properties, "scoringUri": f"{host}/jobs"}


class BatchDeployment(Slow):
    """A deployment of a batch endpoint."""

    regional = True


class Version(Kind):
    """An immutable version; its container is made with it."""

    def before_write(self, world: World, write: Write) -> None:
        del world
        for name in ("modelUri", "codeUri", "dataUri", "image", "condaFile", "componentSpec"):
            old, new = write.old_properties.get(name), write.properties.get(name)
            if write.old and old is not None and old != new:
                raise bad_request(
                    f"The property {name} of a version cannot be changed.", target=name
                )

    def before_delete(self, world: World, resource: Json) -> None:
        users = [
            str(deployment["name"])
            for deployment in world.of_type(_DEPLOYMENTS)
            for used in (
                sub(deployment, "properties", "model"),
                sub(deployment, "properties", "environmentId"),
                sub(deployment, "properties", "codeConfiguration", "codeId"),
            )
            if str(used).lower() == str(resource["id"]).lower()
        ]
        if users:
            raise conflict(f"'{resource['id']}' is in use by the deployment '{users[0]}'.")

    def fill(self, world: World, write: Write) -> None:
        del world
        given = write.properties
        if "/models/" in write.address.key:
            given = {"flavors": {}, "isArchived": False, **given}
        write.new["properties"] = {"description": None, "tags": {}, "properties": {}, **given}

    def missing_parent(self, world: World, address: Address) -> Json | None:
        workspace = address.parent.rsplit("/", 2)[0]
        if not world.exists(workspace):
            return None
        return {
            "id": address.parent,
            "name": address.parent.rsplit("/", 1)[-1],
            "type": address.type.rsplit("/", 1)[0],
            "properties": {"provisioningState": "Succeeded", "latestVersion": address.name},
        }


def _container(account: str, name: str) -> Json:
    return {
        "id": f"{account}/blobServices/default/containers/{name}",
        "name": name,
        "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
        "properties": {"publicAccess": "None"},
    }
