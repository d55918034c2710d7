"""Deployed models: from inputs to Vertex AI's messages and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from mlplatform.gaps.plugin.gcp import marks

FIXED = ("acceleratorCount", "acceleratorType", "machineType", "model", "pool", "serviceAccount")
"""What cannot change in place (MutateDeployedModelRequest): another one is deployed instead."""

_MASKS = {
    "minReplicas": "dedicated_resources.min_replica_count",
    "maxReplicas": "dedicated_resources.max_replica_count",
    "targets": "dedicated_resources.autoscaling_metric_specs",
    "scaleToZero": "dedicated_resources.scale_to_zero_spec",
}


def fixed(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a deployment that makes it this deployed model and no other."""
    return {key: deployment.get(key) for key in FIXED if deployment.get(key)}


def ids(urn: str, name: str, deployment: Mapping[str, Any]) -> list[str]:
    """The ids that the deployment may have, the usual one first."""
    part = fixed(deployment)
    return [marks.deployed_id(urn, name, part, attempt) for attempt in range(marks.TRIES)]


def message(library: Any, name: str, ident: str, deployment: Mapping[str, Any]) -> Any:
    """The deployed model as Vertex AI takes it.

    library: `aiplatform_v1`, or `aiplatform_v1beta1` for one that scales to zero.
    """
    if deployment.get("pool"):
        return library.DeployedModel(
            id=ident,
            display_name=name,
            model=deployment["model"],
            shared_resources=deployment["pool"],
        )
    machine = library.MachineSpec(machine_type=deployment["machineType"])
    if deployment.get("acceleratorType"):
        machine.accelerator_type = deployment["acceleratorType"]
        machine.accelerator_count = int(deployment["acceleratorCount"])
    resources = library.DedicatedResources(
        machine_spec=machine,
        min_replica_count=int(deployment["minReplicas"]),
        max_replica_count=int(deployment["maxReplicas"]),
        autoscaling_metric_specs=[
            library.AutoscalingMetricSpec(metric_name=metric, target=int(target))
            for metric, target in sorted((deployment.get("targets") or {}).items())
        ],
    )
    zero = deployment.get("scaleToZero")
    if zero:
        resources.scale_to_zero_spec = library.DedicatedResources.ScaleToZeroSpec(
            idle_scaledown_period=timedelta(seconds=int(zero["idleS"])),
            min_scaleup_period=timedelta(seconds=int(zero["minUpS"])),
        )
    return library.DeployedModel(
        id=ident,
        display_name=name,
        model=deployment["model"],
        service_account=deployment.get("serviceAccount", ""),
        dedicated_resources=resources,
    )


def taking_over(
    deployed_models: Iterable[Any], name: str, deployment: Mapping[str, Any]
) -> dict[str, Any]:
    """The deployment, with the replicas that the one of its name has now, up to its own bound."""
    if deployment.get("pool"):
        return dict(deployment)  # the pool's replicas, which others use too
    live = [
        model.status.available_replica_count
        for model in deployed_models
        if model.display_name == name
    ]
    least = min(max([int(deployment["minReplicas"]), *live]), int(deployment["maxReplicas"]))
    first = {**deployment, "minReplicas": least}
    if least:
        first.pop("scaleToZero", None)  # goes with a lower bound of none
    return first


def seen(deployed: Any, split: Mapping[str, int], declared: Mapping[str, Any]) -> dict[str, Any]:
    """A deployment as the endpoint shows it, in the words of the inputs."""
    model, traffic = _model(deployed, str(declared.get("model", ""))), split.get(deployed.id, 0)
    if deployed.shared_resources:
        pool = _spelt(deployed.shared_resources, str(declared.get("pool", "")))
        return {"model": model, "pool": pool, "traffic": int(traffic)}
    resources = deployed.dedicated_resources
    machine = resources.machine_spec
    shown: dict[str, Any] = {
        "model": model,
        "machineType": machine.machine_type,
        "minReplicas": resources.min_replica_count,
        "maxReplicas": resources.max_replica_count,
        "traffic": int(traffic),
    }
    if machine.accelerator_count:
        shown["acceleratorType"] = machine.accelerator_type.name
        shown["acceleratorCount"] = machine.accelerator_count
    targets = {spec.metric_name: spec.target for spec in resources.autoscaling_metric_specs}
    if targets or "targets" in declared:
        shown["targets"] = targets
    zero = getattr(resources, "scale_to_zero_spec", None)
    if zero:
        shown["scaleToZero"] = {
            "idleS": int(zero.idle_scaledown_period.total_seconds()),
            "minUpS": int(zero.min_scaleup_period.total_seconds()),
        }
    if deployed.service_account:
        shown["serviceAccount"] = deployed.service_account
    return shown


def mutations(deployed: Any, deployment: Mapping[str, Any]) -> list[str]:
    """The mask of what must change in place: replica bounds and targets."""
    if deployment.get("pool"):
        return []  # the pool's
    now = seen(deployed, {}, deployment)
    wanted = {**deployment, "targets": deployment.get("targets") or {}}
    now.setdefault("targets", {})
    return [mask for key, mask in _MASKS.items() if now.get(key) != wanted.get(key)]


def _model(deployed: Any, declared: str) -> str:
    """The model with its version, which Vertex AI tells apart from the name."""
    found = deployed.model.partition("@")[0]
    if deployed.model_version_id:
        found = f"{found}@{deployed.model_version_id}"
    return _spelt(found, declared)


def _spelt(found: str, declared: str) -> str:
    """The declared spelling where it means the same: Vertex AI answers with the project's number
    where the project's id was given.
    """
    same = declared.split("/")[2:] == found.split("/")[2:]
    return declared if same else found
