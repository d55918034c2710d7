"""Scalable targets: RegisterScalableTarget, DescribeScalableTargets, DeregisterScalableTarget."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from mlplatform.catalog import aws as catalog
from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.sagemaker import live
from mlplatform.sandbox.clouds.aws.scaling import scalable
from mlplatform.sandbox.clouds.aws.scaling.scalable import ACTION, POLICY, TARGET, Identity
from mlplatform.sandbox.clouds.aws.world import Place, World

COUNT = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"

_VARIANT = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_ROLES = {
    "sagemaker": "SageMakerEndpoint",
    "ecs": "ECSService",
    "dynamodb": "DynamoDBTable",
    "lambda": "LambdaConcurrency",
    "rds": "RDSCluster",
    "ec2": "EC2SpotFleetRequest",
}
"""Service-linked roles (Application Auto Scaling guide, "Service-linked roles")."""
_NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def is_registered(world: World, place: Place, endpoint: str, variant: str) -> bool:
    """Whether the variant of a SageMaker endpoint is a scalable target in any dimension."""
    table = world.table(place, TARGET)
    return any(table.get(scalable.key(one)) for one in _identities(endpoint, variant))


def forget(world: World, place: Place, endpoint: str, variant: str) -> None:
    """Deregister a variant in every dimension: its endpoint is being deleted."""
    for one in _identities(endpoint, variant):
        _drop(world, place, one)


def find(world: World, place: Place, of: Identity) -> dict[str, Any]:
    """The target's document; ``Refusal`` in the service's words when there is none."""
    found = world.table(place, TARGET).get(scalable.key(of))
    if found is None:
        raise scalable.unregistered(of)
    return found


@handles("application-autoscaling", "RegisterScalableTarget")
def register(world: World, ask: Ask) -> dict[str, Any]:
    params, of = ask.params, scalable.identity(ask.params)
    table = world.table(ask.place, TARGET)
    known = table.get(scalable.key(of))
    if of[0] == "sagemaker":
        _must_be_scalable(world, ask, of)
    if known is None and not {"MinCapacity", "MaxCapacity"} <= set(params):
        raise invalid("MinCapacity and MaxCapacity are required to register a new scalable target.")
    document = known or _new(ask, of)
    for member in ("MinCapacity", "MaxCapacity", "RoleARN"):
        if member in params and not (member == "RoleARN" and of[0] == "sagemaker"):
            document[member] = params[member]
    document["SuspendedState"] |= params.get("SuspendedState", {})
    document["Tags"] |= params.get("Tags", {})
    if document["MinCapacity"] > document["MaxCapacity"]:
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    table.put(scalable.key(of), document)
    return {"ScalableTargetARN": document["ScalableTargetARN"]}


@handles("application-autoscaling", "DescribeScalableTargets")
def describe(world: World, ask: Ask) -> dict[str, Any]:
    rows = world.table(ask.place, TARGET).values()
    return scalable.page(rows, ask.params, noun="ScalableTargets", names="ResourceIds")


@handles("application-autoscaling", "DeregisterScalableTarget")
def deregister(world: World, ask: Ask) -> dict[str, Any]:
    of = scalable.identity(ask.params)
    if world.table(ask.place, TARGET).get(scalable.key(of)) is None:
        raise scalable.missing("scalable target", of)
    _drop(world, ask.place, of)
    return {}


def _identities(endpoint: str, variant: str) -> list[Identity]:
    resource_id = f"endpoint/{endpoint}/variant/{variant}"
    return [("sagemaker", resource_id, dimension) for dimension in (COUNT, CONCURRENCY)]


def _drop(world: World, place: Place, of: Identity) -> None:
    """A target goes together with its policies and scheduled actions, these first."""
    for kind in (POLICY, ACTION):
        table = world.table(place, kind)
        for name, document in list(table.items()):
            if scalable.identity(document) == of:
                table.drop(name)
    world.table(place, TARGET).drop(scalable.key(of))


def _new(ask: Ask, of: Identity) -> dict[str, Any]:
    namespace, resource_id, dimension = of
    account, region = ask.place
    role = (
        f"aws-service-role/{namespace}.application-autoscaling.amazonaws.com/"
        f"AWSServiceRoleForApplicationAutoScaling_{_ROLES.get(namespace, namespace.title())}"
    )
    return {
        "ServiceNamespace": namespace,
        "ResourceId": resource_id,
        "ScalableDimension": dimension,
        "RoleARN": f"arn:aws:iam::{account}:role/{role}",
        "CreationTime": ask.call.now,
        "SuspendedState": dict(_NOT_SUSPENDED),
        "ScalableTargetARN": (
            f"arn:aws:application-autoscaling:{region}:{account}:"
            f"scalable-target/{uuid.uuid4().hex[:22]}"
        ),
        "Tags": {},
    }


def _must_be_scalable(world: World, ask: Ask, of: Identity) -> None:
    """``Refusal`` unless the resource is a variant of an existing endpoint that can be scaled."""
    _, resource_id, dimension = of
    if not dimension.startswith("sagemaker:variant:"):
        return
    found = _VARIANT.fullmatch(resource_id)
    if found is None:
        raise invalid(f"Unsupported service namespace, resource type or dimension: {resource_id}")
    endpoint, name = found.groups()
    kept = world.table(ask.place, live.KIND).get(endpoint)
    document = None if kept is None else live.settled(kept, ask.call.now)
    variants = [] if document is None else document["Steady"]["ProductionVariants"]
    variant = next((one for one in variants if one["Declared"]["VariantName"] == name), None)
    if variant is None:
        raise invalid(f"SageMaker endpoint variant doesn't exist: {resource_id}")
    _refuse_unfit(variant["Declared"], dimension, resource_id)


def _refuse_unfit(declared: Mapping[str, Any], dimension: str, resource_id: str) -> None:
    wanted = "InstanceType" if dimension == COUNT else "ServerlessConfig"
    if wanted not in declared:
        raise invalid(f"{resource_id} has no {wanted}: it cannot be scaled by {dimension}.")
    machine = catalog.machine(declared.get("InstanceType", ""))
    if machine is not None and machine.burstable:
        raise invalid(
            f"Automatic scaling is not supported for burstable instance type {machine.name}."
        )
