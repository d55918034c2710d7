"""Tags of models, configurations and endpoints. moto keeps the tags of everything else."""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.sagemaker import (
    endpoint_configs,
    endpoints,
    listing,
    live,
    models,
)
from mlplatform.sandbox.clouds.aws.world import Table, World

MOST_TAGS = 50
"""Tags per resource (AWS general reference, tag naming limits)."""
DEFAULT_PAGE = 50


@handles("sagemaker", "AddTags")
def add(world: World, ask: Ask) -> dict[str, Any] | None:
    owner = _owner(world, ask)
    if owner is None:
        return None
    table, name, document = owner
    merged = {tag["Key"]: tag["Value"] for tag in [*document["Tags"], *ask.params["Tags"]]}
    if len(merged) > MOST_TAGS:
        raise invalid(f"A resource can have at most {MOST_TAGS} tags; it would have {len(merged)}.")
    tags = [{"Key": key, "Value": value} for key, value in merged.items()]
    table.put(name, {**document, "Tags": tags})
    return {"Tags": tags}


@handles("sagemaker", "ListTags")
def list_(world: World, ask: Ask) -> dict[str, Any] | None:
    owner = _owner(world, ask)
    if owner is None:
        return None
    return listing.cut(owner[2]["Tags"], ask.params, noun="Tags", usual=DEFAULT_PAGE)


@handles("sagemaker", "DeleteTags")
def delete(world: World, ask: Ask) -> dict[str, Any] | None:
    owner = _owner(world, ask)
    if owner is None:
        return None
    table, name, document = owner
    tags = [tag for tag in document["Tags"] if tag["Key"] not in ask.params["TagKeys"]]
    table.put(name, {**document, "Tags": tags})
    return {}


def _owner(world: World, ask: Ask) -> tuple[Table, str, dict[str, Any]] | None:
    """Table, name and document behind the ARN; ``None`` when the noun is moto's."""
    arn = ask.params["ResourceArn"]
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind not in (models.KIND, endpoint_configs.KIND, live.KIND):
        return None
    _, _, _, region, account, _ = arn.split(":", 5)
    place = (account, region)
    table = world.table(place, kind)
    document = table.get(name)
    if kind == live.KIND and document is not None:
        document = endpoints.peek(world, place, name, ask.call.now)
    if document is None:
        raise invalid(f'Could not find resource "{arn}".')
    return table, name, document
