"""Scaling policies and scheduled actions of endpoint variants (Application Auto Scaling).

Source of the rules: botocore, ``PutScalingPolicy``, ``PutScheduledAction``; Application Auto
Scaling guide, "Target tracking scaling policies" and "Schedule scaling".
"""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.aws import alarms, scalable_targets
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.scalable_targets import NAMESPACE, SERVICE, key_of, named, ours
from mlplatform.sandbox.clouds.aws.state import Call, Json, PolicyKey, page

_CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
}
_METRICS = {
    scalable_targets.INSTANCE_COUNT: (
        "SageMakerVariantInvocationsPerInstance",
        "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    ),
    scalable_targets.COPIES: (
        "SageMakerInferenceComponentInvocationsPerCopy",
        "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
    ),
    scalable_targets.SERVERLESS: ("SageMakerVariantProvisionedConcurrencyUtilization",),
}
_FIELD = r"[\w*?/,#LW-]+"
_SCHEDULE = re.compile(
    r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
    r"|rate\([1-9]\d* (minutes?|hours?|days?)\)"
    rf"|cron\({_FIELD} {_FIELD} {_FIELD} {_FIELD} {_FIELD} {_FIELD}\)"
)


@handles(SERVICE, "PutScalingPolicy")
def put_policy(call: Call) -> Json | None:
    if not ours(call):
        return None
    target = key_of(call)
    scalable_targets.require(call.home, target)
    key = (*target, call.params["PolicyName"])
    former = call.home.policies.get(key, {})
    kind = call.params.get("PolicyType") or former.get("PolicyType")
    if kind is None:
        raise invalid("PolicyType is required to create a scaling policy")
    if former and former["PolicyType"] != kind:
        raise invalid(f"The type of scaling policy {key[2]} cannot be changed")
    member = _CONFIGURATIONS[kind]
    given = [name for name in _CONFIGURATIONS.values() if call.params.get(name)]
    if given != [member]:
        raise invalid(f"A policy of type {kind} takes {member} and no other configuration")
    if kind == "TargetTrackingScaling":
        _check_tracking(call, key, call.params[member])
    if kind == "PredictiveScaling":
        raise invalid(f"Predictive scaling is not supported for service namespace {NAMESPACE}")
    arn = former.get("PolicyARN") or _arn(call, "scalingPolicy", target[0], "policyName", key[2])
    alarms.delete(call.home, former.get("Alarms", []))
    policy: Json = {
        "PolicyARN": arn,
        "PolicyName": key[2],
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target[0],
        "ScalableDimension": target[1],
        "PolicyType": kind,
        member: call.params[member],
        "CreationTime": former.get("CreationTime", call.now),
        "Alarms": [],
    }
    if kind == "TargetTrackingScaling":
        policy["Alarms"] = alarms.create(call, policy)
    call.home.policies[key] = policy
    return {"PolicyARN": arn, "Alarms": policy["Alarms"]}


@handles(SERVICE, "DeleteScalingPolicy")
def delete_policy(call: Call) -> Json | None:
    if not ours(call):
        return None
    key = (*key_of(call), call.params["PolicyName"])
    if key not in call.home.policies:
        raise ServiceError(
            "ObjectNotFoundException",
            f"No scaling policy found for {named(key[:2])}, policy name: {key[2]}",
        )
    alarms.delete(call.home, call.home.policies.pop(key)["Alarms"])
    return {}


@handles(SERVICE, "DescribeScalingPolicies")
def describe_policies(call: Call) -> Json | None:
    if not ours(call):
        return None
    found = _selected(call, call.home.policies, "PolicyNames")
    return page(found, call.params, key="ScalingPolicies", most=50)


@handles(SERVICE, "PutScheduledAction")
def put_scheduled_action(call: Call) -> Json | None:
    if not ours(call):
        return None
    target = key_of(call)
    scalable_targets.require(call.home, target)
    key = (*target, call.params["ScheduledActionName"])
    former = call.home.scheduled_actions.get(key, {})
    given: Json = {
        name: call.params[name]
        for name in ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")
        if name in call.params
    }
    action: Json = {
        "ScheduledActionARN": _arn(
            call, "scheduledAction", target[0], "scheduledActionName", key[2]
        ),
        "ScheduledActionName": key[2],
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target[0],
        "ScalableDimension": target[1],
        "CreationTime": call.now,
        **former,
        **given,
    }
    if "Schedule" not in action or "ScalableTargetAction" not in action:
        raise invalid("Schedule and ScalableTargetAction are required for a scheduled action")
    if not _SCHEDULE.fullmatch(action["Schedule"]):
        raise invalid(f"Schedule expression {action['Schedule']} is not valid")
    bounds = action["ScalableTargetAction"]
    low, high = bounds.get("MinCapacity"), bounds.get("MaxCapacity")
    if low is None and high is None:
        raise invalid("ScalableTargetAction needs MinCapacity or MaxCapacity")
    if low is not None and high is not None and low > high:
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    call.home.scheduled_actions[key] = action
    return {}


@handles(SERVICE, "DeleteScheduledAction")
def delete_scheduled_action(call: Call) -> Json | None:
    if not ours(call):
        return None
    key = (*key_of(call), call.params["ScheduledActionName"])
    if key not in call.home.scheduled_actions:
        raise ServiceError(
            "ObjectNotFoundException",
            f"No scheduled action found for {named(key[:2])}, scheduled action name: {key[2]}",
        )
    del call.home.scheduled_actions[key]
    return {}


@handles(SERVICE, "DescribeScheduledActions")
def describe_scheduled_actions(call: Call) -> Json | None:
    if not ours(call):
        return None
    found = _selected(call, call.home.scheduled_actions, "ScheduledActionNames")
    return page(found, call.params, key="ScheduledActions", most=50)


def _check_tracking(call: Call, key: PolicyKey, wanted: Json) -> None:
    predefined = wanted.get("PredefinedMetricSpecification")
    custom = wanted.get("CustomizedMetricSpecification")
    if bool(predefined) == bool(custom):
        raise invalid(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification is "
            "required"
        )
    if not predefined:
        return
    metric = predefined["PredefinedMetricType"]
    allowed = _METRICS[key[1]]
    if metric not in allowed:
        raise invalid(f"Metric {metric} is not one of {', '.join(allowed)} for {key[1]}")
    if wanted["TargetValue"] <= 0:
        raise invalid(f"TargetValue {wanted['TargetValue']} must be greater than 0 for {metric}")
    for other, policy in call.home.policies.items():
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        same = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
        if other[:2] == key[:2] and other != key and same == metric:
            raise invalid(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed."
            )


def _selected(call: Call, found: dict[PolicyKey, Json], names: str) -> list[Json]:
    wanted = call.params.get(names)
    resource, dimension = call.params.get("ResourceId"), call.params.get("ScalableDimension")
    if dimension and not resource:
        raise invalid("ResourceId is required when ScalableDimension is given")
    return [
        item
        for key, item in found.items()
        if resource in (None, key[0])
        and dimension in (None, key[1])
        and (not wanted or key[2] in wanted or item.get("PolicyARN") in wanted)
    ]


def _arn(call: Call, kind: str, resource: str, label: str, name: str) -> str:
    return call.home.arn(
        "autoscaling", f"{kind}:{call.uuid()}:resource/{NAMESPACE}/{resource}:{label}/{name}"
    )
