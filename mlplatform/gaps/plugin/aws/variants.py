"""Decisions about an endpoint's variants when its configuration changes. Pure: no call, no clock.

Sources: "Update endpoints that use auto scaling" in the SageMaker developer guide (an update that
changes the instance type of a registered variant fails until the variant is deregistered); API
reference of UpdateEndpoint (RetainAllVariantProperties and ExcludeRetainedVariantProperties hold
for all variants of the endpoint alike).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

_SERVERLESS_DIMENSION = "sagemaker:variant:DesiredProvisionedConcurrency"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What one variant of an endpoint configuration asks for; None on serverless variants."""

    instance_type: str | None
    instances: int | None

    def takes(self, dimension: str) -> bool:
        """Whether a scalable dimension fits this kind of variant."""
        return (dimension == _SERVERLESS_DIMENSION) == (self.instance_type is None)


Variants = Mapping[str, Variant]


def of_configuration(configuration: Mapping[str, Any]) -> dict[str, Variant]:
    """The variants in an answer of DescribeEndpointConfig, shadow variants among them."""
    return {
        entry["VariantName"]: Variant(
            instance_type=entry.get("InstanceType"), instances=entry.get("InitialInstanceCount")
        )
        for member in ("ProductionVariants", "ShadowProductionVariants")
        for entry in configuration.get(member) or []
    }


def of_endpoint(endpoint: Mapping[str, Any]) -> dict[str, int | None]:
    """Variant name: the count it should have now, from an answer of DescribeEndpoint."""
    return {
        entry["VariantName"]: entry.get("DesiredInstanceCount")
        for member in ("ProductionVariants", "ShadowProductionVariants")
        for entry in endpoint.get(member) or []
    }


def to_park(old: Variants | None, new: Variants, registered: Collection[str]) -> set[str]:
    """The registered variants that SageMaker would refuse to update.

    Args:
        old: the configuration that the endpoint serves; None when it was deleted, and then every
            registered variant must be assumed to change.
    """
    return {
        name
        for name in registered
        if old is None
        or name not in old
        or name not in new
        or old[name].instance_type != new[name].instance_type
    }


def shiftable(old: Variants, new: Variants) -> bool:
    """Whether traffic can go over step by step: the same variants, none of them serverless.

    Source: SageMaker guide, "Deployment guardrails" (real-time and asynchronous endpoints) and
    its "Exclusions" (the same variant names).
    """
    return old.keys() == new.keys() and all(
        variant.instance_type is not None for variant in (*old.values(), *new.values())
    )


def recounted(old: Variants | None, new: Variants, scaled: Collection[str]) -> dict[str, int]:
    """Variants whose count the program itself changed: name and count.

    A count that autoscaling owns (``scaled``: registered or parked) is never among them. Without
    the old configuration nobody can tell, and the live counts stay.
    """
    return {
        name: variant.instances
        for name, variant in new.items()
        if name not in scaled
        and old is not None
        and name in old
        and variant.instances is not None
        and old[name].instances not in (None, variant.instances)
    }
