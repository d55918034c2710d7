"""Computes beside clusters: machines of people, and attached Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, duration
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_IDLE = "rule: azure-ai-ml, ComputeInstance.idle_time_before_shutdown_minutes"
_SHARING = "rule: azure-ai-ml, docstring of ComputeInstanceProperties.application_sharing_policy"
_NAME = "rule: learn.microsoft.com, Create a compute instance: name"
_NAMES = "rule: learn.microsoft.com, Naming rules and restrictions for Azure resources"
_TYPES = "rule: azure-ai-ml, docstring of KubernetesProperties.default_instance_type"
_CLUSTER = "rule: azure-ai-ml, KubernetesCompute.resource_id"

IDLE_LEAST_S = 15 * 60
IDLE_MOST_S = 3 * 24 * 3600


def instance(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A compute instance: its name, when it stops, who may open it."""
    if _kind(inputs) != "computeinstance":
        return
    name = at(inputs, "computeName")
    if isinstance(name, str) and not re.fullmatch(
        r"[a-zA-Z](?!.*-[^a-zA-Z]*$)[a-zA-Z0-9-]{2,23}", name
    ):
        yield Problem(
            path="computeName",
            got=name,
            message="allowed: 3 to 24 letters, digits and -, first a letter, and a letter after "
            "the last -",
            source=_NAME,
        )
    inner = at(inputs, "properties", "properties")
    if not isinstance(inner, Mapping):
        return
    for problem in duration(
        inner, "idleTimeBeforeShutdown", _IDLE, least=IDLE_LEAST_S, most=IDLE_MOST_S
    ):
        yield Problem(
            path=f"properties.properties.{problem.path}",
            got=problem.got,
            message=problem.message,
            source=problem.source,
        )
    if inner.get("applicationSharingPolicy") is None:
        yield Problem(
            path="properties.properties.applicationSharingPolicy",
            got=None,
            message="say Personal or Shared: left out, everybody in the workspace opens it",
            source=_SHARING,
        )


def names(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Clusters have up to 32 characters, what is attached has up to 16; instances: `instance`."""
    name, kind = at(inputs, "computeName"), _kind(inputs)
    if not isinstance(name, str) or "/" in name or kind in ("", "computeinstance"):
        return
    least, most = (3, 32) if kind == "amlcompute" else (2, 16)
    if re.fullmatch(rf"[a-zA-Z0-9-]{{{least},{most}}}", name) is None:
        message = f"allowed: {least} to {most} letters, digits and -"
        yield Problem(path="computeName", got=name, message=message, source=_NAMES)


def kubernetes(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An attached cluster: which one, and a default that is among its types."""
    if _kind(inputs) != "kubernetes":
        return
    properties = inputs["properties"]
    # Read as they are: not known yet is not the same as absent here.
    if properties.get("resourceId") is None:
        yield Problem(
            path="properties.resourceId",
            got=None,
            message="needed: the cluster that is attached",
            source=_CLUSTER,
        )
    inner = properties.get("properties")
    if not isinstance(inner, Mapping):
        return
    default, types = at(inner, "defaultInstanceType"), inner.get("instanceTypes")
    if (
        isinstance(default, str)
        and not is_unknown(types)
        and default not in (types if isinstance(types, Mapping) else {})
    ):
        yield Problem(
            path="properties.properties.defaultInstanceType",
            got=default,
            message="allowed: one of instanceTypes",
            source=_TYPES,
        )


def _kind(inputs: Mapping[str, Any]) -> str:
    return str(at(inputs, "properties", "computeType") or "").lower()
