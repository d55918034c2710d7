"""Tags of scalable targets: TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import Refusal
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.scaling.scalable import TARGET
from mlplatform.sandbox.clouds.aws.world import World

MOST_TAGS = 50
"""Tags per resource (botocore, TagResource)."""


@handles("application-autoscaling", "TagResource")
def tag(world: World, ask: Ask) -> dict[str, Any]:
    key, document = _owner(world, ask)
    document["Tags"] |= ask.params["Tags"]
    if len(document["Tags"]) > MOST_TAGS:
        raise Refusal("TooManyTagsException", f"A resource can have at most {MOST_TAGS} tags.")
    world.table(ask.place, TARGET).put(key, document)
    return {}


@handles("application-autoscaling", "UntagResource")
def untag(world: World, ask: Ask) -> dict[str, Any]:
    key, document = _owner(world, ask)
    for name in ask.params["TagKeys"]:
        document["Tags"].pop(name, None)
    world.table(ask.place, TARGET).put(key, document)
    return {}


@handles("application-autoscaling", "ListTagsForResource")
def list_(world: World, ask: Ask) -> dict[str, Any]:
    return {"Tags": _owner(world, ask)[1]["Tags"]}


def _owner(world: World, ask: Ask) -> tuple[str, dict[str, Any]]:
    arn = ask.params["ResourceARN"]
    for key, document in world.table(ask.place, TARGET).items():
        if document["ScalableTargetARN"] == arn:
            return key, document
    raise Refusal("ResourceNotFoundException", f"The resource doesn't exist: {arn}")
