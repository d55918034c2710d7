"""Where a resource names hardware, and how much of it a stack may come to hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ml_policies.resource import Resource, absent
from ml_policies.types import unversioned
from mlplatform.contracts.unknown import is_unknown

_PLACES = {
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (
        "productionVariants[*].instanceType",
        "shadowProductionVariants[*].instanceType",
    ),
    "aws:sagemaker/trainingJob:TrainingJob": ("resourceConfig.instanceType",),
    "aws:sagemaker/notebookInstance:NotebookInstance": ("instanceType",),
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": (
        "jobResources.clusterConfig.instanceType",
    ),
    "gcp:workbench/instance:Instance": ("gceSetup.machineType",),
    "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool": (
        "dedicatedResources.machineSpec.machineType",
        "dedicatedResources.machineSpec.acceleratorType",
    ),
    "azure-native:machinelearningservices:Compute": ("properties.properties.vmSize",),
    "azure-native:machinelearningservices:OnlineDeployment": (
        "onlineDeploymentProperties.instanceType",
    ),
    "mlgap:azure:OnlineDeployment": ("properties.instanceType",),
}
DEPLOYMENTS = "mlgap:gcp:EndpointDeployments"
AZURE_DEPLOYMENT = "mlgap:azure:OnlineDeployment"
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TARGET = "aws:appautoscaling/target:Target"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One name of hardware."""

    cloud: str
    path: str
    kind: str
    """The type's name, or the marker of a value that is not known."""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How many of one kind a resource may come to hold; None when it is not known yet."""

    resource: Resource
    path: str
    kind: str
    most: float | None


def named(resource: Resource) -> Iterator[Place]:
    """Every place that names hardware."""
    token = unversioned(resource.type)
    cloud = "azure" if "azure" in token.split(":")[0:2] or "azure-native" in token else ""
    cloud = cloud or ("gcp" if "gcp" in token.split(":")[0:2] else "aws")
    for path in _PLACES.get(token, ()):
        for place, value in resource.find(path):
            if not absent(value):
                yield Place(cloud=cloud, path=place, kind=str(value))
    if token == DEPLOYMENTS:
        for name in _names(resource):
            for key in ("machineType", "acceleratorType"):
                path = f"deployments.{name}.{key}"
                value = resource.get(path)
                if not absent(value):
                    yield Place(cloud="gcp", path=path, kind=str(value))


def capacity(resources: Sequence[Resource]) -> Iterator[Capacity]:
    """What serving may come to hold: bounds of autoscaling times hardware, over the stack."""
    for resource in resources:
        token = unversioned(resource.type)
        if token == TARGET:
            yield from _scaled(resource, resources)
        elif token == DEPLOYMENTS:
            for name in _names(resource):
                at = f"deployments.{name}"
                kind = resource.get(f"{at}.acceleratorType")
                if absent(kind):
                    kind = resource.get(f"{at}.machineType")
                count = resource.get(f"{at}.acceleratorCount")
                each = 1.0 if absent(count) else _number(count)
                most = _number(resource.get(f"{at}.maxReplicas"))
                yield Capacity(
                    resource=resource,
                    path=f"{at}.maxReplicas",
                    kind=str(kind),
                    most=None if most is None or each is None else most * each,
                )
        elif token == AZURE_DEPLOYMENT:
            yield Capacity(
                resource=resource,
                path="maxInstances",
                kind=str(resource.get("properties.instanceType")),
                most=_number(resource.get("maxInstances")),
            )


def _scaled(target: Resource, resources: Sequence[Resource]) -> Iterator[Capacity]:
    variant = str(target.get("resourceId")).rsplit("/", 1)[-1]
    configs = [one for one in resources if one.type == CONFIG]
    near = [one for one in configs if one.parent and one.parent == target.parent] or configs
    for config in near:
        for place, value in config.find("productionVariants[*].variantName"):
            if value == variant:
                kind = config.get(place.replace("variantName", "instanceType"))
                yield Capacity(
                    resource=target,
                    path="maxCapacity",
                    kind=str(kind),
                    most=_number(target.get("maxCapacity")),
                )
                return


def _names(resource: Resource) -> list[str]:
    deployments = resource.get("deployments")
    return list(deployments) if isinstance(deployments, dict) else []


def _number(value: Any) -> float | None:
    if is_unknown(value) or absent(value):
        return None
    return float(value)
