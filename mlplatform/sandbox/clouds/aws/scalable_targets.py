"""Scalable targets of endpoint variants (Application Auto Scaling, namespace ``sagemaker``).

Other namespaces are moto's. Source of the rules: botocore, ``RegisterScalableTarget``,
``DeregisterScalableTarget``; SageMaker guide, "Automatic scaling", prerequisites.
"""

from __future__ import annotations

import re
from typing import Any

from mlplatform.catalog import aws as catalog
from mlplatform.sandbox.clouds.aws import deregistration, endpoints, inference_components
from mlplatform.sandbox.clouds.aws.endpoint_life import Variant
from mlplatform.sandbox.clouds.aws.errors import ServiceError, invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import Call, Home, Json, TargetKey, page

SERVICE = "application-autoscaling"
NAMESPACE = "sagemaker"
INSTANCE_COUNT = endpoints.INSTANCE_COUNT
SERVERLESS = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"
_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_COMPONENT = re.compile(r"inference-component/([^/]+)")
_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


def ours(call: Call) -> bool:
    """Whether a call is about the namespace that this cloud keeps itself."""
    return bool(call.params.get("ServiceNamespace") == NAMESPACE)


def key_of(call: Call) -> TargetKey:
    return call.params["ResourceId"], call.params["ScalableDimension"]


def named(key: TargetKey) -> str:
    return f"service namespace: {NAMESPACE}, resource ID: {key[0]}, scalable dimension: {key[1]}"


def require(home: Home, key: TargetKey) -> Json:
    if key not in home.targets:
        raise ServiceError(
            "ObjectNotFoundException", f"No scalable target registered for {named(key)}"
        )
    return home.targets[key]


@handles(SERVICE, "RegisterScalableTarget")
def register(call: Call) -> Json | None:
    if not ours(call):
        return None
    key = key_of(call)
    variant = None
    if key[1] == COPIES:
        _require_component(call, key)
    else:
        variant = _variant(call, key)
    former = call.home.targets.get(key, {})
    low = call.params.get("MinCapacity", former.get("MinCapacity"))
    high = call.params.get("MaxCapacity", former.get("MaxCapacity"))
    if low is None or high is None:
        raise invalid("MinCapacity and MaxCapacity are required to register a scalable target")
    if low < 0:
        raise invalid("Minimum capacity cannot be less than 0")
    if low > high:
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    digits = f"{call.ids.getrandbits(144):036x}"
    arn = former.get("ScalableTargetARN") or call.home.arn(SERVICE, f"scalable-target/{digits}")
    suspended = {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
        **former.get("SuspendedState", {}),
        **call.params.get("SuspendedState", {}),
    }
    call.home.targets[key] = {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": key[0],
        "ScalableDimension": key[1],
        "MinCapacity": low,
        "MaxCapacity": high,
        "RoleARN": f"arn:aws:iam::{call.home.account}:role/{_ROLE}",
        "CreationTime": former.get("CreationTime", call.now),
        "SuspendedState": suspended,
        "ScalableTargetARN": arn,
    }
    if not former:
        call.home.tags[arn] = dict(call.params.get("Tags") or {})
    elif call.params.get("Tags"):
        raise invalid("Tags can only be given when a scalable target is registered first")
    if variant is None:
        _keep_copies_within(call, key, low, high)
    else:
        _keep_within(call, key, variant, low, high)
    return {"ScalableTargetARN": arn}


@handles(SERVICE, "DeregisterScalableTarget")
def deregister(call: Call) -> Json | None:
    if not ours(call):
        return None
    key = key_of(call)
    require(call.home, key)
    deregistration.remove(call.home, key)
    return {}


@handles(SERVICE, "DescribeScalableTargets")
def describe(call: Call) -> Json | None:
    if not ours(call):
        return None
    ids, dimension = call.params.get("ResourceIds"), call.params.get("ScalableDimension")
    if dimension and not ids:
        raise invalid("ResourceIds are required when ScalableDimension is given")
    found = [
        target
        for key, target in call.home.targets.items()
        if (not ids or key[0] in ids) and dimension in (None, key[1])
    ]
    return page(found, call.params, key="ScalableTargets", most=50)


@handles(SERVICE, "DescribeScalingActivities")
def describe_activities(call: Call) -> Json | None:
    return {"ScalingActivities": []} if ours(call) else None


@handles(SERVICE, "TagResource")
def tag(call: Call) -> Json | None:
    kept = call.home.tags.get(call.params["ResourceARN"])
    if kept is None:
        return None
    kept.update(call.params["Tags"])
    return {}


@handles(SERVICE, "UntagResource")
def untag(call: Call) -> Json | None:
    kept = call.home.tags.get(call.params["ResourceARN"])
    if kept is None:
        return None
    for key in call.params["TagKeys"]:
        kept.pop(key, None)
    return {}


@handles(SERVICE, "ListTagsForResource")
def list_tags(call: Call) -> Json | None:
    arn = call.params["ResourceARN"]
    kept = call.home.tags.get(arn)
    if kept is None:
        # moto answers for a target it does not know as for one without tags.
        raise ServiceError("ResourceNotFoundException", f"Resource {arn} not found")
    return {"Tags": kept}


def _variant(call: Call, key: TargetKey) -> Variant:
    """The variant that a target names; ValidationException when nothing of it can be scaled."""
    resource, dimension = key
    if dimension not in (INSTANCE_COUNT, SERVERLESS):
        raise invalid(f"Unsupported service namespace, resource type or dimension: {dimension}")
    found = _RESOURCE.fullmatch(resource)
    if found is None:
        raise invalid(f"Unsupported resource ID for service namespace {NAMESPACE}: {resource}")
    endpoint = endpoints.find(call.home, found.group(1))
    known: Any = endpoint.serves or (endpoint.move.to if endpoint.move else None)
    variants = {variant.name: variant for variant in known.variants} if known else {}
    if found.group(2) not in variants:
        raise invalid(f'Could not find variant "{found.group(2)}" of endpoint "{endpoint.arn}".')
    variant: Variant = variants[found.group(2)]
    machine = catalog.machine(variant.instance_type or "")
    if machine is not None and machine.burstable:
        raise invalid(
            f"Automatic scaling is not supported for burstable instance type {machine.name} of "
            f'variant "{variant.name}".'
        )
    if (dimension == INSTANCE_COUNT) != (variant.desired_count is not None):
        raise invalid(f'Variant "{variant.name}" has no {dimension.rpartition(":")[2]}.')
    return variant


def _require_component(call: Call, key: TargetKey) -> None:
    """The inference component that a target names must be there."""
    found = _COMPONENT.fullmatch(key[0])
    if found is None:
        raise invalid(f"Unsupported resource ID for service namespace {NAMESPACE}: {key[0]}")
    inference_components.find(call.home, found.group(1))


def _keep_copies_within(call: Call, key: TargetKey, low: int, high: int) -> None:
    name = key[0].rpartition("/")[2]
    count = inference_components.copies(call.home, name)
    within = min(max(count, low), high)
    if within != count:
        inference_components.set_copies(call, name, within)


def _keep_within(call: Call, key: TargetKey, variant: Variant, low: int, high: int) -> None:
    """Registering brings a live count into the bounds (botocore, RegisterScalableTarget)."""
    endpoint = endpoints.find(call.home, key[0].split("/")[1])
    count = variant.desired_count
    if key[1] != INSTANCE_COUNT or count is None or endpoint.status != "InService":
        return
    within = min(max(count, low), high)
    if within != count:
        endpoints.move_to(call, endpoint, {variant.name: {"DesiredInstanceCount": within}})
