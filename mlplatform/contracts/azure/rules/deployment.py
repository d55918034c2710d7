"""Online deployments and computes: machines, counts, probes, request settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.machines import size_problem
from mlplatform.contracts.azure.rules.values import at, duration, whole
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_REQUESTS = "rule: learn.microsoft.com, Managed online deployment YAML schema: request_settings"
_PROBES = "rule: learn.microsoft.com, Managed online deployment YAML schema: probe settings"
_MACHINE = "rule: azure-ai-ml, docstring of OnlineDeploymentProperties.instance_type"
_SCALE = "rule: azure-ai-ml, docstring of OnlineDeploymentProperties.scale_settings"
_COUNT = "rule: learn.microsoft.com, Managed online deployment YAML schema: instance_count"
_CLUSTER = "rule: azure-ai-ml, ScaleSettings of AmlCompute"

REQUEST_TIMEOUT_MOST_S = 180


def online(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A managed or Kubernetes online deployment."""
    properties = inputs.get("properties")
    if not isinstance(properties, Mapping):
        return
    managed = str(at(properties, "endpointComputeType") or "").lower() == "managed"
    if managed and properties.get("instanceType") in (None, ""):
        message = "say it: left out it is Standard_F4s_v2, which Azure retires on 2028-11-15"
        yield Problem(path="properties.instanceType", got=None, message=message, source=_MACHINE)
    if managed:
        yield from size_problem(at(properties, "instanceType"), "properties.instanceType")
        kind = at(properties, "scaleSettings", "scaleType")
        if kind is not None and str(kind).lower() != "default":
            yield Problem(
                path="properties.scaleSettings.scaleType",
                got=kind,
                message="allowed for a managed deployment: Default; its autoscaling is an "
                "Azure Monitor autoscale setting",
                source=_SCALE,
            )
    count = whole(at(inputs, "sku", "capacity"))
    if count is not None and count < (1 if managed else 0):
        message = "allowed: 1 instance or more"
        yield Problem(path="sku.capacity", got=count, message=message, source=_COUNT)
    yield from serving(properties, "properties")


def serving(properties: Mapping[str, Any], at_path: str) -> Iterator[Problem]:
    """Request settings and probes."""
    for problem in _serving(properties):
        yield Problem(
            path=f"{at_path}.{problem.path}",
            got=problem.got,
            message=problem.message,
            source=problem.source,
        )


def _serving(properties: Mapping[str, Any]) -> Iterator[Problem]:
    most = REQUEST_TIMEOUT_MOST_S
    yield from duration(properties, "requestSettings.requestTimeout", _REQUESTS, least=0, most=most)
    yield from duration(properties, "requestSettings.maxQueueWait", _REQUESTS)
    concurrent = whole(at(properties, "requestSettings", "maxConcurrentRequestsPerInstance"))
    if concurrent is not None and concurrent < 1:
        yield Problem(
            path="requestSettings.maxConcurrentRequestsPerInstance",
            got=concurrent,
            message="allowed: 1 or more",
            source=_REQUESTS,
        )
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        for name in ("initialDelay", "period", "timeout"):
            yield from duration(properties, f"{probe}.{name}", _PROBES)
        for name in ("failureThreshold", "successThreshold"):
            value = whole(at(properties, probe, name))
            if value is not None and value < 1:
                message = "allowed: 1 or more"
                yield Problem(path=f"{probe}.{name}", got=value, message=message, source=_PROBES)
    names = properties.get("environmentVariables")
    for name in names if isinstance(names, Mapping) else ():
        if not is_unknown(name) and not re.fullmatch(r"[^=\0]+", name):
            yield Problem(
                path="environmentVariables",
                got=name,
                message="allowed: a name without =",
                source=_REQUESTS,
            )


def compute(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A cluster or an instance: the machine, and 0 <= minimum <= maximum nodes."""
    inner = at(inputs, "properties", "properties")
    if not isinstance(inner, Mapping):
        return
    yield from size_problem(at(inner, "vmSize"), "properties.properties.vmSize")
    low = whole(at(inner, "scaleSettings", "minNodeCount")) or 0
    high = whole(at(inner, "scaleSettings", "maxNodeCount"))
    path = "properties.properties.scaleSettings"
    if high is not None and not 0 <= low <= high:
        message = f"allowed: 0 to the maximum, {high}"
        yield Problem(path=f"{path}.minNodeCount", got=low, message=message, source=_CLUSTER)
    idle = "scaleSettings.nodeIdleTimeBeforeScaleDown"
    for problem in duration(inner, idle, _CLUSTER):
        yield Problem(
            path=f"properties.properties.{problem.path}",
            got=problem.got,
            message=problem.message,
            source=problem.source,
        )
