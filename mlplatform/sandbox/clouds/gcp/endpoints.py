"""Endpoints: models deployed to them, their replicas, and the traffic split.

Sources: aiplatform discovery document (DeployModelRequest, UndeployModelRequest,
MutateDeployedModelRequest, Endpoint.trafficSplit, DeployedModel); python-aiplatform issues 1441 and
2807. What no document says is marked as believed in docs/ledger/gcp.md.
"""

from __future__ import annotations

import re
from typing import Any

from mlplatform.contracts.gcp.rules import machines
from mlplatform.sandbox.clouds.gcp import fields, operations, policies
from mlplatform.sandbox.clouds.gcp.models import Models
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.vertex import DOCUMENT, Asked, Vertex, schema_of
from mlplatform.sandbox.clouds.gcp.world import Document

_ID = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|[1-9]\d{0,9}")
_METRICS = {
    "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle",
    "aiplatform.googleapis.com/prediction/online/cpu/utilization",
    "aiplatform.googleapis.com/prediction/online/request_count",
    "pubsub.googleapis.com/subscription/num_undelivered_messages",
    "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
    "prometheus.googleapis.com/vertex_vllm_gpu_cache_usage_perc",
    "prometheus.googleapis.com/vertex_vllm_num_requests_waiting",
}
_DUTY_CYCLE = "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle"
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
_DEPLOY_DELAYS = 2.0
"""A deployment takes longer than anything else."""


class Endpoints:
    """Hooks for `EndpointService`."""

    def __init__(self, vertex: Vertex, models: Models) -> None:
        self._vertex = vertex
        self._models = models
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
    """Machine, accelerator, replicas and targets; fills what the service would fill."""
    kinds = ("dedicatedResources", "automaticResources", "sharedResources")
    given = [kind for kind in kinds if deployed.get(kind)]
    if len(given) != 1:
        message = f"Exactly one of the prediction resources must be set, got {given}."
        raise Refusal("INVALID_ARGUMENT", message)
    if given[0] != "dedicatedResources":
        message = f"{given[0]} is not supported for custom-trained models."
        raise Refusal("INVALID_ARGUMENT", message)
    resources = deployed["dedicatedResources"]
    spec = resources.setdefault("machineSpec", {})
    machine = spec.setdefault("machineType", machines.DEFAULT_MACHINE)
    wrong = machines.wrong_machine(machine)
    if wrong is not None:
        raise Refusal("INVALID_ARGUMENT", f'Machine type "{machine}" is not supported.')
    accelerator = spec.get("acceleratorType", "")
    if accelerator == "ACCELERATOR_TYPE_UNSPECIFIED":
        accelerator = ""
    count = int(spec.get("acceleratorCount", 0))
    unfit = machines.wrong_accelerator(machine, accelerator, count)
    if unfit is not None:
        message = f'{count} x "{accelerator}" on "{machine}" is not supported: {unfit[1]}.'
        raise Refusal("INVALID_ARGUMENT", message)
    low = int(resources.get("minReplicaCount", 0))
    _check_zero(resources.get("scaleToZeroSpec"), low)
    high = int(resources.setdefault("maxReplicaCount", low))
    if high < low:
        message = f"max_replica_count {high} is below min_replica_count {low}."
        raise Refusal("INVALID_ARGUMENT", message)
    _check_targets(resources.get("autoscalingMetricSpecs", []), count)


def _check_zero(spec: Document | None, low: int) -> None:
    """No replica at all only with a specification of when, and that only with none."""
    if spec is None:
        if low < 1:
            raise Refusal("INVALID_ARGUMENT", "min_replica_count must be at least 1.")
        return
    if low:
        message = "scale_to_zero_spec needs a min_replica_count of 0."
        raise Refusal("INVALID_ARGUMENT", message)
    for name, text in spec.items():
        if not 300 <= float(str(text).rstrip("s")) <= 28800:
            raise Refusal("INVALID_ARGUMENT", f"{name} must be 300s to 28800s, got {text}.")


def _check_targets(specs: list[Document], accelerators: int) -> None:
    names = [str(spec.get("metricName", "")) for spec in specs]
    for name, spec in zip(names, specs, strict=True):
        if name not in _METRICS:
            raise Refusal("INVALID_ARGUMENT", f'Unsupported autoscaling metric: "{name}".')
        if name == _DUTY_CYCLE and not accelerators:
            raise Refusal("INVALID_ARGUMENT", f'"{name}" needs a machine with accelerators.')
        target = int(spec.setdefault("target", 60))
        percent = name.endswith(("duty_cycle", "utilization"))
        if target < 1 or (percent and target > 100):
            raise Refusal("INVALID_ARGUMENT", f"Invalid autoscaling target {target}.")
    if len(set(names)) < len(names):
        raise Refusal("INVALID_ARGUMENT", "At most one entry is allowed per metric.")


def _bounds(deployed: Document) -> tuple[int, int]:
    resources = deployed.get("dedicatedResources", {})
    low = int(resources.get("minReplicaCount", 1))
    return low, int(resources.get("maxReplicaCount", low))
