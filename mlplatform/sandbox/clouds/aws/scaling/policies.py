"""Scaling policies: PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy."""

from __future__ import annotations

import uuid
from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.scaling import scalable, targets
from mlplatform.sandbox.clouds.aws.scaling.scalable import POLICY, Identity
from mlplatform.sandbox.clouds.aws.world import World

_CONFIGURATIONS = {
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}


@handles("application-autoscaling", "PutScalingPolicy")
def put(world: World, ask: Ask) -> dict[str, Any]:
    params, of = ask.params, scalable.identity(ask.params)
    targets.find(world, ask.place, of)
    table, key = world.table(ask.place, POLICY), scalable.key(of, params["PolicyName"])
    known = table.get(key)
    usual = known["PolicyType"] if known else "StepScaling"
    kind = params.get("PolicyType", usual)
    if known is not None and kind != known["PolicyType"]:
        raise invalid(f"The type of policy {params['PolicyName']} cannot be changed to {kind}.")
    given = [member for member in _CONFIGURATIONS.values() if member in params]
    if given not in ([_CONFIGURATIONS[kind]], [] if known else None):
        raise invalid(f"A policy of type {kind} needs {_CONFIGURATIONS[kind]} and no other.")
    _refuse_two_metrics(params)
    document = known or _new(ask, of, kind)
    for member in given:
        document[member] = params[member]
    table.put(key, document)
    return {"PolicyARN": document["PolicyARN"], "Alarms": document["Alarms"]}


@handles("application-autoscaling", "DescribeScalingPolicies")
def describe(world: World, ask: Ask) -> dict[str, Any]:
    rows = world.table(ask.place, POLICY).values()
    return scalable.page(rows, ask.params, noun="ScalingPolicies", names="PolicyNames")


@handles("application-autoscaling", "DeleteScalingPolicy")
def delete(world: World, ask: Ask) -> dict[str, Any]:
    of, name = scalable.identity(ask.params), ask.params["PolicyName"]
    table = world.table(ask.place, POLICY)
    if table.get(scalable.key(of, name)) is None:
        raise scalable.missing("scaling policy", of, name)
    table.drop(scalable.key(of, name))
    return {}


def _refuse_two_metrics(params: dict[str, Any]) -> None:
    tracking = params.get("TargetTrackingScalingPolicyConfiguration")
    metrics = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
    if tracking is not None and sum(member in tracking for member in metrics) != 1:
        raise invalid(f"Exactly one of {' and '.join(metrics)} must be given.")


def _new(ask: Ask, of: Identity, kind: str) -> dict[str, Any]:
    namespace, resource_id, dimension = of
    name = ask.params["PolicyName"]
    return {
        "PolicyARN": scalable.autoscaling_arn(ask, "scalingPolicy", of, name),
        "PolicyName": name,
        "ServiceNamespace": namespace,
        "ResourceId": resource_id,
        "ScalableDimension": dimension,
        "PolicyType": kind,
        "Alarms": _alarms(ask, resource_id) if kind == "TargetTrackingScaling" else [],
        "CreationTime": ask.call.now,
    }


def _alarms(ask: Ask, resource_id: str) -> list[dict[str, str]]:
    """The two alarms that target tracking keeps; their names tell what they belong to."""
    account, region = ask.place
    names = [f"TargetTracking-{resource_id}-Alarm{end}-{uuid.uuid4()}" for end in ("High", "Low")]
    return [
        {"AlarmName": name, "AlarmARN": f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"}
        for name in names
    ]
