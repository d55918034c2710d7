"""Scheduled actions: Put, Describe and Delete. They are kept, not carried out."""

from __future__ import annotations

import re
from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.scaling import scalable, targets
from mlplatform.sandbox.clouds.aws.scaling.scalable import ACTION, Identity
from mlplatform.sandbox.clouds.aws.world import World

_SCHEDULE = re.compile(
    r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
    r"|rate\([1-9]\d* (minute|hour|day)s?\)"
    r"|cron\(\S+( \S+){5}\)"
)
"""botocore, PutScheduledAction, ``Schedule``: at, rate or cron with six fields."""


@handles("application-autoscaling", "PutScheduledAction")
def put(world: World, ask: Ask) -> dict[str, Any]:
    params, of = ask.params, scalable.identity(ask.params)
    targets.find(world, ask.place, of)
    name = params["ScheduledActionName"]
    table, key = world.table(ask.place, ACTION), scalable.key(of, name)
    document = table.get(key) or _new(ask, of, name)
    members = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")
    document |= {member: params[member] for member in members if member in params}
    if not {"Schedule", "ScalableTargetAction"} <= set(document):
        raise invalid("A new scheduled action needs Schedule and ScalableTargetAction.")
    if not _SCHEDULE.fullmatch(document["Schedule"]):
        raise invalid(f"Invalid schedule expression: {document['Schedule']}")
    bounds = document["ScalableTargetAction"]
    if bounds.get("MinCapacity", 0) > bounds.get("MaxCapacity", float("inf")):
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    if not bounds:
        raise invalid("ScalableTargetAction needs MinCapacity, MaxCapacity or both.")
    table.put(key, document)
    return {}


@handles("application-autoscaling", "DescribeScheduledActions")
def describe(world: World, ask: Ask) -> dict[str, Any]:
    rows = world.table(ask.place, ACTION).values()
    return scalable.page(rows, ask.params, noun="ScheduledActions", names="ScheduledActionNames")


@handles("application-autoscaling", "DeleteScheduledAction")
def delete(world: World, ask: Ask) -> dict[str, Any]:
    of, name = scalable.identity(ask.params), ask.params["ScheduledActionName"]
    table = world.table(ask.place, ACTION)
    if table.get(scalable.key(of, name)) is None:
        raise scalable.missing("scheduled action", of, name)
    table.drop(scalable.key(of, name))
    return {}


def _new(ask: Ask, of: Identity, name: str) -> dict[str, Any]:
    namespace, resource_id, dimension = of
    return {
        "ScheduledActionName": name,
        "ScheduledActionARN": scalable.autoscaling_arn(ask, "scheduledAction", of, name),
        "ServiceNamespace": namespace,
        "ResourceId": resource_id,
        "ScalableDimension": dimension,
        "CreationTime": ask.call.now,
    }
