"""Azure Machine Learning: endpoints, deployments, traffic."""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.azure.answer import ArmError, bad_request
from mlplatform.sandbox.clouds.azure.kinds import machines
from mlplatform.sandbox.clouds.azure.kinds.base import Slow, Write, sub
from mlplatform.sandbox.clouds.azure.kinds.monitor import apply_to
from mlplatform.sandbox.clouds.azure.world import Json, World

INSTANCES_PER_DEPLOYMENT = 50
"""learn.microsoft.com, Manage and increase quotas: instances for each deployment."""

_SUBSCRIPTIONS = "Microsoft.MachineLearningServices/workspaces/marketplaceSubscriptions"
_OWN_REGISTRY = "azureml://registries/azureml/"
"""Models of Microsoft's own registry need no subscription."""


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
        self._check_identity_kept(write)
        self._check_traffic(world, write, given.get("traffic") or {})

    def _check_identities(self, world: World, write: Write) -> None:
        for id_ in sub(write.new, "identity", "userAssignedIdentities") or {}:
            if not world.exists(id_):
                raise ArmError(
                    400,
                    "FailedIdentityOperation",
                    f"Identity operation failed: the resource '{id_}' was not found.",
                )

    def _check_identity_kept(self, write: Write) -> None:
        """Access Azure resources from an online endpoint with a managed identity: limitations."""
        old, new = (_identities(one) for one in (write.old or {}, write.new))
        if write.old is not None and old and new and old != new:
            raise bad_request("The identity of an endpoint cannot be changed.", target="identity")

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


def _identities(endpoint: Json) -> tuple[str, frozenset[str]] | None:
    """Type and ids, in whatever writing; None without an identity."""
    given = endpoint.get("identity")
    if not isinstance(given, dict):
        return None
    users = given.get("userAssignedIdentities") or {}
    kind = ",".join(sorted(re.sub(r"\s", "", str(given.get("type"))).lower().split(",")))
    return kind, frozenset(id_.lower() for id_ in users)


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
        machines.refuse_gone(new, "instanceType")

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
    """A deployment of a batch endpoint: what it names exists, and its model stays."""

    regional = True

    def before_write(self, world: World, write: Write) -> None:
        given = write.properties
        for name, linked in (
            ("compute", str(given.get("compute") or "")),
            ("environmentId", str(given.get("environmentId") or "")),
            ("model.assetId", str(sub(given, "model", "assetId") or "")),
            ("codeConfiguration.codeId", str(sub(given, "codeConfiguration", "codeId") or "")),
        ):
            if linked.startswith("/subscriptions/") and not world.exists(linked):
                raise bad_request(f"{name} '{linked}' does not exist.", target=name)
        if not given.get("compute"):
            raise bad_request("compute is required.", code="ValidationError", target="compute")

    def before_delete(self, world: World, resource: Json) -> None:
        endpoint = world.get(str(resource["id"]).rpartition("/deployments/")[0]) or {}
        name = sub(endpoint, "properties", "defaults", "deploymentName")
        leaving = sub(endpoint, "properties", "provisioningState") == "Deleting"
        if name == resource["name"] and not leaving:
            raise bad_request(
                f"Deployment '{name}' is the default of its endpoint; choose another first."
            )


class MarketplaceSubscription(Slow):
    """The terms of a partner's model, taken for a workspace."""

    def before_write(self, world: World, write: Write) -> None:
        del world
        old, new = write.old_properties.get("modelId"), write.properties.get("modelId")
        if old and old != new:
            raise bad_request("The model of a subscription cannot be changed.", target="modelId")

    def fill(self, world: World, write: Write) -> None:
        del world
        _, _, rest = str(write.properties.get("modelId")).partition("/registries/")
        publisher, _, offer = rest.partition("/models/")
        write.new["properties"] = {
            **write.properties,
            "marketplacePlan": {"publisherId": publisher, "offerId": offer, "planId": "payg"},
            "marketplaceSubscriptionStatus": "Subscribed",
        }


class ServerlessEndpoint(Slow):
    """A catalogue model; one of a partner needs the workspace's subscription to it."""

    regional = True

    def before_write(self, world: World, write: Write) -> None:
        model = str(sub(write.properties, "modelSettings", "modelId") or "")
        old = sub(write.old_properties, "modelSettings", "modelId")
        if old and old != model:
            raise bad_request("The model of an endpoint cannot be changed.", target="modelSettings")
        base = model.partition("/versions/")[0].lower()
        workspace = write.address.parent
        subscribed = {
            str(one["properties"]["modelId"]).lower()
            for one in world.of_type(_SUBSCRIPTIONS, workspace)
        }
        if not base.startswith(_OWN_REGISTRY) and base not in subscribed:
            raise bad_request(
                f"The workspace has no marketplace subscription to '{model}'.",
                code="MarketplaceSubscriptionRequired",
                target="modelSettings",
            )

    def fill(self, world: World, write: Write) -> None:
        del world
        host = f"https://{write.address.name}.{write.new['location']}.models.ai.azure.com"
        write.new["properties"] = {
            **write.properties,
            "inferenceEndpoint": {"uri": host, "headers": {}},
            "endpointState": "Online",
        }
