"""Pools of machines that deployed models share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules import deployments
from mlplatform.contracts.gcp.rules.grammar import KMS_KEY, SERVICE_ACCOUNT_EMAIL, Grammar
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

POOL_ID = Grammar(
    pattern=r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    words="up to 63 lower-case letters, digits and dashes, first a letter, last no dash",
    source="aiplatform CreateDeploymentResourcePoolRequest.deploymentResourcePoolId",
)
_AT = "dedicatedResources"


def pool(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One pool; its machine and targets are judged as those of a deployed model are."""
    yield from POOL_ID.check("deploymentResourcePoolId", inputs.get("deploymentResourcePoolId"))
    yield from SERVICE_ACCOUNT_EMAIL.check("serviceAccount", inputs.get("serviceAccount"))
    key = inputs.get("encryptionSpec")
    if isinstance(key, Mapping):
        yield from KMS_KEY.check("encryptionSpec.kmsKeyName", key.get("kmsKeyName"))
    resources = inputs.get(_AT)
    if not isinstance(resources, Mapping) or is_unknown(resources):
        return
    spec = resources.get("machineSpec")
    if isinstance(spec, Mapping):
        yield from deployments.machine(spec, f"{_AT}.machineSpec")
    low, high = resources.get("minReplicaCount"), resources.get("maxReplicaCount")
    if isinstance(low, int) and low < 1:
        source = "aiplatform DedicatedResources.minReplicaCount"
        path = f"{_AT}.minReplicaCount"
        yield Problem(path=path, got=low, message="allowed: 1 or more", source=source)
    if isinstance(low, int) and isinstance(high, int) and high < low:
        message = f"allowed: at least minReplicaCount, {low}"
        source = "aiplatform DedicatedResources.maxReplicaCount"
        yield Problem(path=f"{_AT}.maxReplicaCount", got=high, message=message, source=source)
    accelerator = spec.get("acceleratorType") if isinstance(spec, Mapping) else None
    for index, one in enumerate(resources.get("autoscalingMetricSpecs") or ()):
        if isinstance(one, Mapping):
            at = f"{_AT}.autoscalingMetricSpecs[{index}]"
            yield from deployments.target(
                one.get("metricName"), one.get("target"), accelerator=accelerator, at=at
            )
