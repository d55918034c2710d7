"""Endpoints: models deployed to them, their replicas, and the traffic split.

Sources: aiplatform discovery document (DeployModelRequest, UndeployModelRequest,
MutateDeployedModelRequest, Endpoint.trafficSplit, DeployedModel); python-aiplatform issues 1441 and
2807. What no document says is marked as believed in docs/ledger/gcp.md.
"""

from __future__ import annotations

import re
from typing import Any

from mlplatform.sandbox.clouds.gcp import fields, operations, policies
from mlplatform.sandbox.clouds.gcp.models import Models
from mlplatform.sandbox.clouds.gcp.pools import Pools
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.resources import check_dedicated
from mlplatform.sandbox.clouds.gcp.vertex import DOCUMENT, Asked, Vertex, schema_of
from mlplatform.sandbox.clouds.gcp.world import Document

_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|[1-9]\d{0,9}")
_MUTABLE = (
    "dedicatedResources.minReplicaCount",
    "dedicatedResources.maxReplicaCount",
    "dedicatedResources.requiredReplicaCount",
    "dedicatedResources.autoscalingMetricSpecs",
    "dedicatedResources.scaleToZeroSpec",
    "dedicatedResources.initialReplicaCount",
    "automaticResources.minReplicaCount",
    "automaticResources.maxReplicaCount",
    "disableContainerLogging",
    "enableContainerLogging",
)
_WATCHING = "modelDeploymentMonitoringJobs"
_DEPLOY_DELAYS = 2.0
"""A deployment takes longer than anything else."""


class Endpoints:
    """Hooks for `EndpointService`."""

    def __init__(self, vertex: Vertex, models: Models, pools: Pools) -> None:
        self._vertex = vertex
        self._models = models
        self._pools = pools
        self._world = vertex.world
        vertex.guards["endpoints"] = self._guard
        vertex.hooks |= {
            "DeployModel": self._deploy,
            "UndeployModel": self._undeploy,
            "MutateDeployedModel": self._mutate,
            "DeleteEndpoint": self._delete,
        }
        vertex.world.effects |= {
            "vertex.deploy": self._deployed,
            "vertex.undeploy": self._undeployed,
            "vertex.mutate": self._mutated,
        }

    def _guard(self, name: str, endpoint: Document) -> None:
        """What holds for an endpoint whenever it is written."""
        ident = name.rpartition("/")[2]
        if not _ID.fullmatch(ident) and len(ident) < 19:
            raise Refusal("INVALID_ARGUMENT", f"Invalid endpoint_id: {ident}")
        if endpoint.get("network") and endpoint.get("privateServiceConnectConfig"):
            message = "network and private_service_connect_config are mutually exclusive."
            raise Refusal("INVALID_ARGUMENT", message)
        before = self._world.objects.get(self._vertex.key(name))
        if before is not None and _private(before) != _private(endpoint):
            message = "Field enable_private_service_connect is immutable."
            raise Refusal("INVALID_ARGUMENT", message)
        self._check_log(endpoint.get("predictRequestResponseLoggingConfig", {}))
        if endpoint.get("trafficSplit"):
            deployed = {d["id"] for d in endpoint.get("deployedModels", ())}
            _check_split(endpoint["trafficSplit"], deployed)
        if endpoint.get("dedicatedEndpointEnabled"):
            location = name.split("/")[3]
            number = self._world.project_number(name.split("/")[1])
            dns = f"{ident}.{location}-{number}.prediction.vertexai.goog"
            endpoint["dedicatedEndpointDns"] = dns

    def _check_log(self, config: Document) -> None:
        """A dataset or table that requests go to must exist; a project alone gets a new one."""
        target = str(config.get("bigqueryDestination", {}).get("outputUri", ""))
        project, *rest = target.removeprefix("bq://").split(".")
        if not config.get("enabled") or not rest:
            return
        steps = zip(("datasets", "tables"), rest, strict=False)
        name = "/".join(["projects", project, *(part for step in steps for part in step)])
        if f"bigquery/{name}" not in self._world.objects:
            raise Refusal("INVALID_ARGUMENT", f"BigQuery destination {target} does not exist.")

    def _delete(self, asked: Asked) -> Document:
        endpoint = self._vertex.get(asked.name)
        if endpoint.get("deployedModels"):
            message = f'Endpoint "{asked.name}" still has deployed models; undeploy them first.'
            raise Refusal("FAILED_PRECONDITION", message)
        prefix = self._vertex.key(f"{asked.name.partition('/endpoints/')[0]}/{_WATCHING}/")
        for key, job in self._vertex.world.children(prefix):
            if job.get("endpoint") == asked.name:
                message = f"{key.partition('/')[2]} monitors {asked.name}; delete it first."
                raise Refusal("FAILED_PRECONDITION", message)
        return self._vertex.delete(asked)

    def _deploy(self, asked: Asked) -> Document:
        endpoint = self._vertex.get(asked.name)
        wanted = dict(asked.request.get("deployedModel", {}))
        fields.require(DOCUMENT, schema_of(f"{_PACKAGE}.DeployedModel"), wanted)
        model, version = self._models.find(str(wanted.get("model", "")))
        _check_resources(wanted)
        account = wanted.get("serviceAccount")
        if account:
            policies.account_usable(self._world, account)
        ident = str(wanted.get("id") or self._world.next_number())
        taken = {d["id"] for d in endpoint.get("deployedModels", ())} | self._pending(asked.name)
        if not re.fullmatch(r"\d{1,19}", ident) or (wanted.get("id") and len(ident) > 10):
            raise Refusal("INVALID_ARGUMENT", f"Invalid deployed model id: {ident}")
        if ident in taken:
            message = f"DeployedModel {ident} already exists in {asked.name}."
            raise Refusal("ALREADY_EXISTS", message)
        split = asked.request.get("trafficSplit")
        if split:
            _check_split(split, {*(d["id"] for d in endpoint.get("deployedModels", ())), "0"})
        shown = self._models.version(model, version)
        if wanted.get("sharedResources"):
            image = str(shown["containerSpec"]["imageUri"])
            self._pools.admit(str(wanted["sharedResources"]), endpoint, image)
        deployed = {
            "displayName": shown["displayName"],
            **wanted,
            "id": ident,
            "model": model,
            "modelVersionId": version,
            "createTime": self._world.now(),
        }
        given = {"endpoint": asked.name, "deployedModel": deployed, "trafficSplit": split}
        return self._vertex.start(asked, asked.name, "vertex.deploy", given, slow=_DEPLOY_DELAYS)

    def _deployed(self, given: Document) -> Document:
        endpoint = self._vertex.get(given["endpoint"])
        deployed = given["deployedModel"]
        resources = deployed.get("dedicatedResources", {})
        # One that scales to zero begins with its initial replicas.
        replicas = resources.get("minReplicaCount") or resources.get("initialReplicaCount", 1)
        deployed["status"] = {"availableReplicaCount": replicas}
        endpoint.setdefault("deployedModels", []).append(deployed)
        if given.get("trafficSplit"):
            endpoint["trafficSplit"] = {
                (deployed["id"] if key == "0" else key): share
                for key, share in given["trafficSplit"].items()
            }
        self._vertex.put(given["endpoint"], endpoint)
        return self._vertex.finished(given, {"deployedModel": deployed})

    def _undeploy(self, asked: Asked) -> Document:
        endpoint = self._vertex.get(asked.name)
        ident = str(asked.request.get("deployedModelId", ""))
        others = {d["id"] for d in endpoint.get("deployedModels", ()) if d["id"] != ident}
        if len(others) == len(endpoint.get("deployedModels", ())):
            message = f"DeployedModel {ident} is not found in {asked.name}."
            raise Refusal("NOT_FOUND", message)
        split = asked.request.get("trafficSplit")
        if split:
            _check_split(split, {*others, ident})
            if split.get(ident):
                message = f"DeployedModel {ident} would keep traffic; unassign it."
                raise Refusal("FAILED_PRECONDITION", message)
        elif others and endpoint.get("trafficSplit", {}).get(ident):
            message = (
                f"DeployedModel {ident} has traffic assigned; give a traffic_split that "
                "unassigns it."
            )
            raise Refusal("FAILED_PRECONDITION", message)
        given = {"endpoint": asked.name, "id": ident, "trafficSplit": split}
        return self._vertex.start(asked, asked.name, "vertex.undeploy", given)

    def _undeployed(self, given: Document) -> Document:
        endpoint = self._vertex.get(given["endpoint"])
        ident = given["id"]
        gone = [d for d in endpoint.get("deployedModels", ()) if d["id"] == ident]
        endpoint["deployedModels"] = [d for d in endpoint["deployedModels"] if d["id"] != ident]
        split = given.get("trafficSplit") or endpoint.get("trafficSplit", {})
        endpoint["trafficSplit"] = {k: v for k, v in split.items() if k != ident}
        if not endpoint["deployedModels"]:
            endpoint["trafficSplit"] = {}
        self._vertex.put(given["endpoint"], endpoint)
        for deployed in gone:
            self._models.linger(deployed["model"], given["endpoint"], ident)
        return self._vertex.finished(given, {})

    def _mutate(self, asked: Asked) -> Document:
        endpoint = self._vertex.get(asked.name)
        wanted = asked.request.get("deployedModel", {})
        current = _one(endpoint, str(wanted.get("id", "")), asked.name)
        mask = [p for p in str(asked.request.get("updateMask", "")).split(",") if p]
        if not mask:
            raise Refusal("INVALID_ARGUMENT", "update_mask is required.")
        for path in mask:
            if path not in _MUTABLE:
                raise Refusal("INVALID_ARGUMENT", f"Field {path} cannot be mutated.")
        changed = dict(current)
        for path in mask:
            fields.copy_path(changed, wanted, path.split("."))
        _check_resources(changed)
        given = {"endpoint": asked.name, "deployedModel": changed, "mask": mask}
        return self._vertex.start(asked, asked.name, "vertex.mutate", given)

    def _mutated(self, given: Document) -> Document:
        endpoint = self._vertex.get(given["endpoint"])
        changed = given["deployedModel"]
        current = _one(endpoint, changed["id"], given["endpoint"])
        for path in given["mask"]:
            fields.copy_path(current, changed, path.split("."))
        low, high = _bounds(current)
        live = current.get("status", {}).get("availableReplicaCount", low)
        current["status"] = {"availableReplicaCount": min(max(live, low), high)}
        self._vertex.put(given["endpoint"], endpoint)
        return self._vertex.finished(given, {"deployedModel": current})

    def _pending(self, name: str) -> set[str]:
        """Ids of models whose deployment is under way."""
        given = operations.given_to(self._world, "vertex.deploy")
        return {str(g["deployedModel"]["id"]) for g in given if g["endpoint"] == name}


_PACKAGE = "google.cloud.aiplatform.v1beta1"


def _private(endpoint: Document) -> bool:
    config = endpoint.get("privateServiceConnectConfig", {})
    return bool(config.get("enablePrivateServiceConnect"))


def _one(endpoint: Document, ident: str, name: str) -> Document:
    for deployed in endpoint.get("deployedModels", ()):
        if deployed["id"] == ident:
            found: Document = deployed
            return found
    raise Refusal("NOT_FOUND", f"DeployedModel {ident} is not found in {name}.")


def _check_split(split: dict[str, Any], known: set[str]) -> None:
    strangers = sorted(set(split) - known)
    if strangers:
        message = f"traffic_split names models that are not deployed: {', '.join(strangers)}"
        raise Refusal("INVALID_ARGUMENT", message)
    shares = [int(share) for share in split.values()]
    if sum(shares) != 100 or any(share < 0 for share in shares):
        message = f"traffic_split must add up to 100, it adds up to {sum(shares)}."
        raise Refusal("INVALID_ARGUMENT", message)


def _check_resources(deployed: Document) -> None:
    """One kind of resources; fills what the service would fill."""
    kinds = ("dedicatedResources", "automaticResources", "sharedResources")
    given = [kind for kind in kinds if deployed.get(kind)]
    if len(given) != 1:
        message = f"Exactly one of the prediction resources must be set, got {given}."
        raise Refusal("INVALID_ARGUMENT", message)
    if given[0] == "automaticResources":
        message = f"{given[0]} is not supported for custom-trained models."
        raise Refusal("INVALID_ARGUMENT", message)
    if given[0] == "dedicatedResources":
        check_dedicated(deployed["dedicatedResources"])


def _bounds(deployed: Document) -> tuple[int, int]:
    resources = deployed.get("dedicatedResources", {})
    low = int(resources.get("minReplicaCount", 1))
    return low, int(resources.get("maxReplicaCount", low))
