"""SageMaker endpoint configurations: immutable; an endpoint uses one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.catalog import aws as catalog
from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.sagemaker import listing, live, models, roles
from mlplatform.sandbox.clouds.aws.world import Place, World

KIND = "endpoint-config"
VARIANT_LISTS = ("ProductionVariants", "ShadowProductionVariants")


def find(world: World, place: Place, name: str) -> dict[str, Any]:
    """The configuration's document; ``Refusal`` in SageMaker's words when there is none."""
    found = world.table(place, KIND).get(name)
    if found is None:
        raise invalid(f'Could not find endpoint configuration "{_arn(place, name)}".')
    return found


def variants(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Production and shadow variants."""
    return [variant for kind in VARIANT_LISTS for variant in config.get(kind, [])]


@handles("sagemaker", "CreateEndpointConfig")
def create(world: World, ask: Ask) -> dict[str, Any]:
    params = ask.params
    name, table = params["EndpointConfigName"], world.table(ask.place, KIND)
    arn = _arn(ask.place, name)
    if table.get(name) is not None:
        raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
    if "ExecutionRoleArn" in params:
        roles.must_be_assumable(world, ask, params["ExecutionRoleArn"])
    for variant in variants(params):
        if "ModelName" in variant:
            models.find(world, ask.place, variant["ModelName"])
    _refuse_contradictions(params)
    kept = {key: value for key, value in params.items() if key != "Tags"}
    kept.setdefault("EnableNetworkIsolation", False)
    for variant in variants(kept):
        variant.setdefault("InitialVariantWeight", 1.0)
    tags = params.get("Tags", [])
    table.put(name, {**kept, "EndpointConfigArn": arn, "CreationTime": ask.call.now, "Tags": tags})
    return {"EndpointConfigArn": arn}


@handles("sagemaker", "DescribeEndpointConfig")
def describe(world: World, ask: Ask) -> dict[str, Any]:
    document = find(world, ask.place, ask.params["EndpointConfigName"])
    return {key: value for key, value in document.items() if key != "Tags"}


@handles("sagemaker", "ListEndpointConfigs")
def list_(world: World, ask: Ask) -> dict[str, Any]:
    members = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
    rows = [{key: one[key] for key in members} for one in world.table(ask.place, KIND).values()]
    return listing.page(rows, ask.params, noun="EndpointConfigs", name="EndpointConfigName")


@handles("sagemaker", "DeleteEndpointConfig")
def delete(world: World, ask: Ask) -> dict[str, Any]:
    name = ask.params["EndpointConfigName"]
    document = find(world, ask.place, name)
    for kept in world.table(ask.place, live.KIND).values():
        endpoint = live.settled(kept, ask.call.now)
        if endpoint is not None and name in live.configs_in_use(endpoint):
            raise invalid(
                f'Cannot delete endpoint configuration "{document["EndpointConfigArn"]}": '
                f'it is in use by endpoint "{endpoint["EndpointArn"]}".'
            )
    world.table(ask.place, KIND).drop(name)
    return {}


def _refuse_contradictions(params: Mapping[str, Any]) -> None:
    """What the model does not say: unique names, one way of hosting, no key beside local NVMe."""
    names = [variant["VariantName"] for variant in variants(params)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise invalid(f"Variant names must be unique. Used more than once: {', '.join(twice)}.")
    for variant in variants(params):
        hosts = [key for key in ("InstanceType", "ServerlessConfig") if key in variant]
        if len(hosts) == 2:
            raise invalid(
                f"Variant {variant['VariantName']}: InstanceType and ServerlessConfig "
                "exclude each other."
            )
        machine = catalog.machine(variant.get("InstanceType", ""))
        if "KmsKeyId" in params and machine is not None and machine.local_nvme:
            raise invalid(
                f"KmsKeyId is not supported for instance type {machine.name}: its local "
                "storage is encrypted by a module on the instance."
            )


def _arn(place: Place, name: str) -> str:
    return f"arn:aws:sagemaker:{place[1]}:{place[0]}:endpoint-config/{name}"
