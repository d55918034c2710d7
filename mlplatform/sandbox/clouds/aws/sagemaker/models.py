"""SageMaker models: CreateModel, DescribeModel, ListModels, DeleteModel."""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.sagemaker import artifacts, listing, roles
from mlplatform.sandbox.clouds.aws.world import Place, World

KIND = "model"


def find(world: World, place: Place, name: str) -> dict[str, Any]:
    """The model's document; ``Refusal`` in SageMaker's words when there is none."""
    found = world.table(place, KIND).get(name)
    if found is None:
        raise invalid(f'Could not find model "{_arn(place, name)}".')
    return found


def images(world: World, place: Place, name: str) -> list[str]:
    """The model's container images, first the primary one."""
    document = find(world, place, name)
    containers = [document.get("PrimaryContainer"), *document.get("Containers", [])]
    return [one["Image"] for one in containers if one and "Image" in one]


@handles("sagemaker", "CreateModel")
def create(world: World, ask: Ask) -> dict[str, Any]:
    params = ask.params
    name, table = params["ModelName"], world.table(ask.place, KIND)
    arn = _arn(ask.place, name)
    if table.get(name) is not None:
        raise invalid(f'Cannot create already existing model "{arn}".')
    containers = params.get("Containers", [])
    primary = params.get("PrimaryContainer")
    if bool(primary) == bool(containers):
        raise invalid("Exactly one of PrimaryContainer and Containers must be given.")
    role = params.get("ExecutionRoleArn")
    if role is None:
        raise invalid("ExecutionRoleArn is required to create a model with containers.")
    roles.must_be_assumable(world, ask, role)
    for container in (primary, *containers):
        if container:
            artifacts.must_exist(world, ask, container, role)
    kept = {key: value for key, value in params.items() if key != "Tags"}
    kept.setdefault("EnableNetworkIsolation", False)
    for container in (kept.get("PrimaryContainer"), *kept.get("Containers", [])):
        if container:
            container.setdefault("Mode", "SingleModel")
    tags = params.get("Tags", [])
    table.put(name, {**kept, "ModelArn": arn, "CreationTime": ask.call.now, "Tags": tags})
    return {"ModelArn": arn}


@handles("sagemaker", "DescribeModel")
def describe(world: World, ask: Ask) -> dict[str, Any]:
    document = find(world, ask.place, ask.params["ModelName"])
    return {key: value for key, value in document.items() if key != "Tags"}


@handles("sagemaker", "ListModels")
def list_(world: World, ask: Ask) -> dict[str, Any]:
    members = ("ModelName", "ModelArn", "CreationTime")
    rows = [{key: one[key] for key in members} for one in world.table(ask.place, KIND).values()]
    return listing.page(rows, ask.params, noun="Models", name="ModelName")


@handles("sagemaker", "DeleteModel")
def delete(world: World, ask: Ask) -> dict[str, Any]:
    name = ask.params["ModelName"]
    find(world, ask.place, name)
    world.table(ask.place, KIND).drop(name)
    return {}


def _arn(place: Place, name: str) -> str:
    return f"arn:aws:sagemaker:{place[1]}:{place[0]}:model/{name}"
