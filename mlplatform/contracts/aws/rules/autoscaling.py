"""Rules for Application Auto Scaling: what is scaled, between which bounds, by which policy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules.reading import given, inner, known, number, text
from mlplatform.contracts.problem import Problem

_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
_RESOURCES = {
    "sagemaker:variant:": (
        re.compile(rf"endpoint/{_NAME}/variant/{_NAME}"),
        "endpoint/<endpoint name>/variant/<variant name>",
    ),
    "sagemaker:inference-component:": (
        re.compile(rf"inference-component/{_NAME}"),
        "inference-component/<name>",
    ),
}
_SCHEDULE = re.compile(
    r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?\)|rate\(\d+ (minute|hour|day)s?\)"
    r"|cron\(\S+ \S+ \S+ \S+ \S+ \S+\)"
)
_CONFIGURATIONS = {
    "TargetTrackingScaling": "targetTrackingScalingPolicyConfiguration",
    "StepScaling": "stepScalingPolicyConfiguration",
    "PredictiveScaling": "predictiveScalingPolicyConfiguration",
}


def scalable(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Namespace, dimension and resource id name one thing (API reference, ResourceId)."""
    namespace, dimension = text(inputs, "serviceNamespace"), text(inputs, "scalableDimension")
    if namespace and dimension and not dimension.startswith(f"{namespace}:"):
        yield Problem(
            path="scalableDimension",
            got=dimension,
            message=f"allowed: a dimension of {namespace}, {namespace}:...",
            source="rule: Application Auto Scaling, ScalableDimension",
        )
    resource = text(inputs, "resourceId")
    for prefix, (pattern, form) in _RESOURCES.items():
        if not (resource and dimension and dimension.startswith(prefix)):
            continue
        if not pattern.fullmatch(resource):
            yield Problem(
                path="resourceId",
                got=resource,
                message=f"allowed: {form}",
                source="rule: Application Auto Scaling, ResourceId",
            )


def target(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The lower bound is not above the upper one."""
    yield from _bounds("", inputs)


def scheduled_action(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The schedule is at(...), rate(...) or cron(...) with six fields; the bounds are in order."""
    schedule = text(inputs, "schedule")
    if schedule is not None and not _SCHEDULE.fullmatch(schedule):
        yield Problem(
            path="schedule",
            got=schedule,
            message="allowed: at(yyyy-mm-ddThh:mm:ss), rate(<n> minutes|hours|days) or "
            "cron(<six fields>)",
            source="rule: Application Auto Scaling PutScheduledAction, Schedule",
        )
    yield from _bounds("scalableTargetAction.", inner(inputs, "scalableTargetAction"))


def policy(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The policy has the configuration of its type, and one metric."""
    kind = text(inputs, "policyType") or (None if given(inputs, "policyType") else "StepScaling")
    wanted = _CONFIGURATIONS.get(kind or "")
    if wanted is not None and not given(inputs, wanted):
        present = [name for name in _CONFIGURATIONS.values() if given(inputs, name)]
        yield Problem(
            path="policyType",
            got=inputs.get("policyType"),
            message=f"allowed: with policyType {kind} the property {wanted}"
            + (f", not {present[0]}" if present else ""),
            source="rule: Application Auto Scaling PutScalingPolicy",
        )
    at = _CONFIGURATIONS["TargetTrackingScaling"]
    tracking = inner(inputs, at)
    metrics = ("predefinedMetricSpecification", "customizedMetricSpecification")
    if tracking and known(tracking, *metrics) and sum(given(tracking, m) for m in metrics) != 1:
        yield Problem(
            path=at,
            got="both metrics" if given(tracking, metrics[0]) else None,
            message=f"allowed: exactly one of {metrics[0]}, {metrics[1]}",
            source="rule: Application Auto Scaling, TargetTrackingScalingPolicyConfiguration",
        )
    metric = text(inner(tracking, metrics[0]), "predefinedMetricType")
    namespace = text(inputs, "serviceNamespace")
    if metric and metric.startswith("SageMaker") and namespace not in (None, "sagemaker"):
        yield Problem(
            path=f"{at}.{metrics[0]}.predefinedMetricType",
            got=metric,
            message=f"allowed: a metric of {namespace}",
            source="rule: Application Auto Scaling, PredefinedMetricType",
        )


def _bounds(at: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    low, high = number(inputs, "minCapacity"), number(inputs, "maxCapacity")
    if low is not None and high is not None and low > high:
        yield Problem(
            path=f"{at}minCapacity",
            got=low,
            message=f"allowed: at most maxCapacity, which is {high:g}",
            source="rule: Application Auto Scaling RegisterScalableTarget, MinCapacity",
        )
