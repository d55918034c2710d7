"""Application Auto Scaling of variants: what is registered, taking it off, putting it back.

A snapshot is plain JSON. It holds what the Put and Register calls take, and nothing that AWS makes
itself (ARNs, alarms, times), so that a restored variant is registered as it was before.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from mlplatform.gaps.plugin.aws.cloud import AwsCloud, AwsError

SERVICE = "application-autoscaling"
_NAMESPACE = "sagemaker"
_IDS_PER_CALL = 50
"""Most ResourceIds of one DescribeScalableTargets. Source: botocore application-autoscaling."""

_POLICY = (
    "PolicyName",
    "PolicyType",
    "StepScalingPolicyConfiguration",
    "TargetTrackingScalingPolicyConfiguration",
    "PredictiveScalingPolicyConfiguration",
)
_ACTION = (
    "ScheduledActionName",
    "Schedule",
    "Timezone",
    "StartTime",
    "EndTime",
    "ScalableTargetAction",
)
_SERVICE_LINKED = ":role/aws-service-role/"

Target = dict[str, Any]
"""One scalable target as DescribeScalableTargets tells it."""
Snapshot = list[dict[str, Any]]
"""All that is registered for one variant: one entry for each scalable dimension."""


def registered(cloud: AwsCloud, endpoint: str, variants: Iterable[str]) -> dict[str, list[Target]]:
    """Variant name: its scalable targets; variants without any are left out."""
    ids = {f"endpoint/{endpoint}/variant/{variant}": variant for variant in variants}
    found: dict[str, list[Target]] = {}
    names = sorted(ids)
    for start in range(0, len(names), _IDS_PER_CALL):
        for target in _pages(
            cloud,
            "describe_scalable_targets",
            "ScalableTargets",
            ResourceIds=names[start : start + _IDS_PER_CALL],
        ):
            found.setdefault(ids[target["ResourceId"]], []).append(target)
    return found


def targets(cloud: AwsCloud, resource_id: str) -> list[Target]:
    """The scalable targets of one resource."""
    return _pages(cloud, "describe_scalable_targets", "ScalableTargets", ResourceIds=[resource_id])


def snapshot(cloud: AwsCloud, targets: Iterable[Target]) -> Snapshot:
    """Everything that is registered for the variant of ``targets``."""
    return [_one(cloud, target) for target in targets]


def deregister(cloud: AwsCloud, targets: Iterable[Target]) -> None:
    """Take the targets off, and with them their policies and scheduled actions.

    That the policies go too: API reference of DeregisterScalableTarget.
    """
    for target in targets:
        try:
            cloud.call(SERVICE, "deregister_scalable_target", **_key(target))
        except AwsError as error:
            if error.code != "ObjectNotFoundException":
                raise


def restore(
    cloud: AwsCloud, endpoint: str, variant: str, taken: Snapshot, now: datetime.datetime
) -> None:
    """Register a variant as ``taken`` says. Every call sets, so that a second time does no harm.

    Args:
        now: scheduled actions that are over by then are left out; AWS refuses them.
    """
    for entry in taken:
        key = {
            "ServiceNamespace": _NAMESPACE,
            "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
            "ScalableDimension": entry["dimension"],
        }
        answer = cloud.call(SERVICE, "register_scalable_target", **key, **entry["target"])
        if entry.get("tags"):
            # Register takes tags for a new target only, and this one may be half restored.
            arn = answer["ScalableTargetARN"]
            cloud.call(SERVICE, "tag_resource", ResourceARN=arn, Tags=entry["tags"])
        for policy in entry["policies"]:
            cloud.call(SERVICE, "put_scaling_policy", **key, **policy)
        for action in entry["actions"]:
            if not _over(action, now):
                cloud.call(SERVICE, "put_scheduled_action", **key, **action)


def _one(cloud: AwsCloud, target: Target) -> dict[str, Any]:
    key = _key(target)
    by_variant = {name: key[name] for name in ("ResourceId", "ScalableDimension")}
    policies = _pages(cloud, "describe_scaling_policies", "ScalingPolicies", **by_variant)
    actions = _pages(cloud, "describe_scheduled_actions", "ScheduledActions", **by_variant)
    settings = _only(target, ("MinCapacity", "MaxCapacity", "SuspendedState", "RoleARN"))
    if _SERVICE_LINKED in settings.get("RoleARN", ""):
        del settings["RoleARN"]  # AWS uses its service-linked role by itself, and only it may
    return {
        "dimension": target["ScalableDimension"],
        "target": settings,
        "tags": _tags(cloud, target),
        "policies": [_only(policy, _POLICY) for policy in policies],
        "actions": [_only(action, _ACTION) for action in actions],
    }


def _tags(cloud: AwsCloud, target: Target) -> dict[str, str]:
    arn = target.get("ScalableTargetARN")
    if not arn:
        return {}
    answer = cloud.call(SERVICE, "list_tags_for_resource", ResourceARN=arn)
    tags: dict[str, str] = answer.get("Tags", {})
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def _over(action: Mapping[str, Any], now: datetime.datetime) -> bool:
    schedule = action.get("Schedule", "")
    ends = [action.get("EndTime")]
    if schedule.startswith("at(") and action.get("Timezone", "UTC") in ("UTC", "Etc/UTC"):
        ends.append(f"{schedule[3:-1]}+00:00")
    return any(end and datetime.datetime.fromisoformat(end) <= now for end in ends)


def _key(target: Target) -> dict[str, str]:
    return {
        "ServiceNamespace": _NAMESPACE,
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
    }


def _only(answer: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(answer[name]) for name in names if answer.get(name) is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return aware.astimezone(datetime.UTC).isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _pages(cloud: AwsCloud, method: str, member: str, **parameters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: dict[str, str] = {}
    while True:
        answer = cloud.call(SERVICE, method, ServiceNamespace=_NAMESPACE, **parameters, **page)
        found += answer.get(member, [])
        if not answer.get("NextToken"):
            return found
        page = {"NextToken": answer["NextToken"]}
