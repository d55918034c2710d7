"""What an endpoint will serve after an update: configuration against live values; pure.

Source: botocore, ``UpdateEndpoint``: with ``RetainAllVariantProperties`` the live instance counts,
weights and data capture stay for variants that the new configuration names too;
``ExcludeRetainedVariantProperties`` lists those that come from the configuration all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from mlplatform.sandbox.clouds.aws.endpoint_life import Deployment, Variant

_REPEATED = ("RoutingConfig", "ManagedInstanceScaling", "AcceleratorPartitionLayouts")
_REPEATED_BY_ENDPOINT = (
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "MetricsConfig",
    "CrossRegionTrafficConfig",
)


def declared(config: Mapping[str, Any], images: Mapping[str, str]) -> Deployment:
    """What a configuration declares. ``images`` are the containers of models by model name."""

    def variant(given: Mapping[str, Any]) -> Variant:
        weight = float(given.get("InitialVariantWeight", 1.0))
        count = given.get("InitialInstanceCount")
        settings = {key: given[key] for key in _REPEATED if key in given}
        if serverless := given.get("ServerlessConfig"):
            settings["ServerlessConfig"] = serverless
        return Variant(
            name=given["VariantName"],
            model=given.get("ModelName"),
            instance_type=given.get("InstanceType"),
            weight=0.0,
            desired_weight=weight,
            count=None if count is None else 0,
            desired_count=count,
            image=images.get(given.get("ModelName", "")),
            settings=settings,
        )

    return Deployment(
        config_name=config["EndpointConfigName"],
        variants=tuple(map(variant, config["ProductionVariants"])),
        shadows=tuple(map(variant, config.get("ShadowProductionVariants", ()))),
        data_capture=config.get("DataCaptureConfig"),
        settings={key: config[key] for key in _REPEATED_BY_ENDPOINT if key in config},
    )


def updated(
    live: Deployment, wanted: Deployment, *, retain: bool, excluded: Collection[str]
) -> Deployment:
    """``wanted`` with the live values that stay."""
    former = {variant.name: variant for variant in (*live.variants, *live.shadows)}

    def kept(variant: Variant) -> Variant:
        now = former.get(variant.name)
        if now is None:
            return variant
        variant = replace(variant, weight=now.weight, count=now.count)
        if retain and "DesiredWeight" not in excluded:
            variant = replace(variant, desired_weight=now.desired_weight)
        counted = variant.desired_count is not None and now.desired_count is not None
        if retain and counted and "DesiredInstanceCount" not in excluded:
            variant = replace(variant, desired_count=now.desired_count)
        return variant

    keeps_capture = retain and "DataCaptureConfig" not in excluded
    return replace(
        wanted,
        variants=tuple(map(kept, wanted.variants)),
        shadows=tuple(map(kept, wanted.shadows)),
        data_capture=live.data_capture if keeps_capture else wanted.data_capture,
    )


def moved(live: Deployment, wanted: Mapping[str, Mapping[str, Any]]) -> Deployment:
    """``live`` with other desired weights and counts, by variant name."""

    def changed(variant: Variant) -> Variant:
        asked = wanted.get(variant.name, {})
        settings = variant.settings
        if update := asked.get("ServerlessUpdateConfig"):
            serverless = {**settings.get("ServerlessConfig", {}), **update}
            settings = {**settings, "ServerlessConfig": serverless}
        return replace(
            variant,
            desired_weight=float(asked.get("DesiredWeight", variant.desired_weight)),
            desired_count=asked.get("DesiredInstanceCount", variant.desired_count),
            settings=settings,
        )

    return replace(live, variants=tuple(map(changed, live.variants)))


def bound_to_leave(live: Deployment, wanted: Deployment, registered: Collection[str]) -> list[str]:
    """Variants registered for automatic scaling that would vanish or change their machine.

    Source: SageMaker guide, "Update endpoints that use automatic scaling": such an update fails.
    """
    after = {variant.name: variant.instance_type for variant in wanted.variants}
    return [
        variant.name
        for variant in live.variants
        if variant.name in registered and after.get(variant.name, "") != variant.instance_type
    ]
