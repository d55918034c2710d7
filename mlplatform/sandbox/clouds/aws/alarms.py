"""The two CloudWatch alarms that target tracking keeps for each policy.

Source: Application Auto Scaling guide, "How target tracking scaling works": it creates and
manages the alarms, and deletes them with the policy.
"""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws.state import Call, Home, Json

_PREDEFINED = {
    "SageMakerVariantInvocationsPerInstance": ("InvocationsPerInstance", "Sum", 60),
    "SageMakerVariantProvisionedConcurrencyUtilization": (
        "ServerlessProvisionedConcurrencyUtilization",
        "Maximum",
        60,
    ),
    "SageMakerInferenceComponentInvocationsPerCopy": ("InvocationsPerCopy", "Sum", 60),
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": (
        "ConcurrentRequestsPerCopy",
        "Maximum",
        10,
    ),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": (
        "ConcurrentRequestsPerModel",
        "Maximum",
        10,
    ),
}
"""Metric, statistic and period in seconds behind a predefined metric (SageMaker guide)."""


def create(call: Call, policy: Json) -> list[Json]:
    """Make the alarms of a target-tracking policy; returns them as the service lists them."""
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    custom = tracking.get("CustomizedMetricSpecification", {})
    if custom.get("Metrics"):
        metric, statistic, period = "metric math", "Average", 60
    elif custom:
        metric, statistic, period = custom["MetricName"], custom.get("Statistic", "Average"), 60
    else:
        name = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
        metric, statistic, period = _PREDEFINED[name]
    parts = policy["ResourceId"].split("/")
    own = (
        [("EndpointName", parts[1]), ("VariantName", parts[3])]
        if parts[0] == "endpoint"
        else [("InferenceComponentName", parts[1])]
    )
    dimensions = custom.get("Dimensions") or [{"Name": n, "Value": v} for n, v in own]
    made = []
    for side, comparison, periods, share in (
        ("AlarmHigh", "GreaterThanThreshold", 3, 1.0),
        ("AlarmLow", "LessThanThreshold", 15, 0.9),
    ):
        name = f"TargetTracking-{policy['ResourceId']}-{side}-{call.uuid()}"
        _backend(call.home).put_metric_alarm(
            name=name,
            namespace=custom.get("Namespace", "AWS/SageMaker"),
            metric_name=metric,
            comparison_operator=comparison,
            evaluation_periods=periods,
            period=period,
            threshold=tracking["TargetValue"] * share,
            statistic=statistic,
            description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy "
            f"{policy['PolicyARN']}.",
            dimensions=dimensions,
            alarm_actions=[policy["PolicyARN"]],
        )
        made.append({"AlarmName": name, "AlarmARN": call.home.arn("cloudwatch", f"alarm:{name}")})
    return made


def delete(home: Home, alarms: list[Json]) -> None:
    if alarms:
        _backend(home).delete_alarms([alarm["AlarmName"] for alarm in alarms])


def sounding(home: Home, names: set[str]) -> list[str]:
    """Those of the alarms that are in state ALARM."""
    found = _backend(home).alarms
    return sorted(n for n in names if n in found and found[n].state_value == "ALARM")


def _backend(home: Home) -> Any:
    from moto.cloudwatch.models import cloudwatch_backends

    return cloudwatch_backends[home.account][home.region]
