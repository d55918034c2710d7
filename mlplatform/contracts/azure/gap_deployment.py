"""The contract of `mlgap:azure:OnlineDeployment`: a stable variant, and bounds of its count.

The deployment's own name adds a suffix made of what cannot change in place; `minInstances` and
`maxInstances` stand for the count, which moves between them by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.gap_native import native
from mlplatform.contracts.azure.rules.values import at, whole
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

TOKEN = "mlgap:azure:OnlineDeployment"
_NATIVE = "azure-native:machinelearningservices:OnlineDeployment"
_SOURCE = "rule: docs/adr/0009, who owns what on an Azure endpoint"
_NAME_MOST = 32
_SUFFIX_CHARACTERS = 6
VARIANT_MOST = _NAME_MOST - _SUFFIX_CHARACTERS - 1
"""Longest variant name: the deployment's name adds a dash and the suffix."""


def check(given: Mapping[str, Any]) -> list[Problem]:
    """Bounds, the variant, and what the ordinary deployment is told."""
    found = list(_counts(given))
    variant = at(given, "variant")
    if isinstance(variant, str) and len(variant) > VARIANT_MOST:
        message = f"allowed: at most {VARIANT_MOST} characters, as the deployment adds a suffix"
        found.append(Problem(path="variant", got=variant, message=message, source=_SOURCE))
    renamed = {"deploymentName": "variant", "sku.capacity": "minInstances"}
    return found + native(_NATIVE, native_deployment(given), renamed)


def deployment_name(variant: str, properties: Mapping[str, Any]) -> str:
    """The deployment's name: another instance type is another deployment.

    UNKNOWN while the variant or the instance type is not known.
    """
    machine = properties.get("instanceType")
    if is_unknown(variant) or is_unknown(machine):
        return UNKNOWN
    digest = hashlib.sha256(str(machine).lower().encode()).hexdigest()
    return f"{variant}-{digest[:_SUFFIX_CHARACTERS]}"


def native_deployment(given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of the ordinary type that say the same; the count is the minimum."""
    own = ("variant", "minInstances", "maxInstances", "deploymentName")
    name = given.get("deploymentName")
    if name is None and isinstance(given.get("properties"), Mapping):
        name = deployment_name(str(given.get("variant")), given["properties"])
    return {
        **{k: v for k, v in given.items() if k not in own},
        "deploymentName": name,
        "sku": {"name": "Default", "capacity": given.get("minInstances")},
    }


def _counts(given: Mapping[str, Any]) -> Iterator[Problem]:
    low, high = whole(at(given, "minInstances")), whole(at(given, "maxInstances"))
    for name in ("minInstances", "maxInstances"):
        value = at(given, name)
        if value is not None and (whole(value) or 0) < 1:
            message = "allowed: 1 instance or more"
            yield Problem(path=name, got=value, message=message, source=_SOURCE)
    if low is not None and high is not None and low > high:
        message = f"allowed: minInstances ({low}) or more"
        yield Problem(path="maxInstances", got=high, message=message, source=_SOURCE)
