"""SageMaker endpoint configurations: immutable, so create, describe, delete."""

from __future__ import annotations

from mlplatform.sandbox.clouds.aws import models, tags
from mlplatform.sandbox.clouds.aws.endpoint_life import Endpoint
from mlplatform.sandbox.clouds.aws.errors import invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import Call, Home, Json, listed

MOST_VARIANTS = 10


def arn(home: Home, name: str) -> str:
    return home.arn("sagemaker", f"endpoint-config/{name.lower()}")


def find(home: Home, name: str) -> Json:
    if name not in home.endpoint_configs:
        raise invalid(f'Could not find endpoint configuration "{arn(home, name)}".')
    return home.endpoint_configs[name]


@handles("sagemaker", "CreateEndpointConfig")
def create(call: Call) -> Json:
    name = call.params["EndpointConfigName"]
    own = arn(call.home, name)
    if name in call.home.endpoint_configs:
        raise invalid(f'Cannot create already existing endpoint configuration "{own}".')
    shadows = call.params.get("ShadowProductionVariants") or []
    variants = [*call.params["ProductionVariants"], *shadows]
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise invalid(f"Variant names must be unique within an endpoint configuration: {names}")
    if len(names) > MOST_VARIANTS:
        raise invalid(f"An endpoint configuration takes at most {MOST_VARIANTS} variants.")
    for variant in variants:
        _check_variant(call, variant)
    call.home.endpoint_configs[name] = {
        **{key: value for key, value in call.params.items() if key != "Tags"},
        "ProductionVariants": [_completed(v) for v in call.params["ProductionVariants"]],
        **({"ShadowProductionVariants": [_completed(v) for v in shadows]} if shadows else {}),
        "EndpointConfigArn": own,
        "CreationTime": call.now,
        "EnableNetworkIsolation": call.params.get("EnableNetworkIsolation", False),
    }
    tags.begin(call, own)
    return {"EndpointConfigArn": own}


@handles("sagemaker", "DescribeEndpointConfig")
def describe(call: Call) -> Json:
    return find(call.home, call.params["EndpointConfigName"])


@handles("sagemaker", "DeleteEndpointConfig")
def delete(call: Call) -> Json:
    """Refused while an endpoint serves it or moves to it.

    AWS documents that it must not be done ("you may lose visibility into the instance type"), and
    the service lets it happen; the endpoint's next update then fails. A sandbox that let it
    happen would hide a wrong order of deletions, so this one refuses, in words of its own.
    """
    name = call.params["EndpointConfigName"]
    find(call.home, name)
    users = [e.arn for e in call.home.endpoints.values() if name in _used(e)]
    if users:
        raise invalid(
            f'Cannot delete endpoint configuration "{arn(call.home, name)}" in use by endpoint '
            f'"{users[0]}".'
        )
    del call.home.endpoint_configs[name]
    call.home.tags.pop(arn(call.home, name), None)
    return {}


@handles("sagemaker", "ListEndpointConfigs")
def list_all(call: Call) -> Json:
    members = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
    items = ({key: c[key] for key in members} for c in call.home.endpoint_configs.values())
    return listed(
        items,
        call.params,
        name="EndpointConfigName",
        created="CreationTime",
        key="EndpointConfigs",
    )


def _used(endpoint: Endpoint) -> set[str]:
    if endpoint.status == "Deleting":
        return set()
    target = endpoint.move.to if endpoint.move else None
    return {deployment.config_name for deployment in (endpoint.serves, target) if deployment}


def _check_variant(call: Call, variant: Json) -> None:
    name, machine = variant["VariantName"], variant.get("InstanceType")
    pools = variant.get("InstancePools")
    serverless = variant.get("ServerlessConfig")
    if "ModelName" in variant:
        models.find(call.home, variant["ModelName"])
    elif "ExecutionRoleArn" not in call.params:
        raise invalid(f"Variant {name}: a variant without ModelName needs ExecutionRoleArn.")
    if serverless and (machine or pools or "InitialInstanceCount" in variant):
        raise invalid(f"Variant {name}: ServerlessConfig takes no instance type and no count.")
    if not serverless and not machine and not pools:
        raise invalid(f"Variant {name}: either InstanceType or ServerlessConfig is required.")
    if machine and "ModelName" in variant and "InitialInstanceCount" not in variant:
        raise invalid(f"Variant {name}: InitialInstanceCount is required with InstanceType.")


def _completed(variant: Json) -> Json:
    """A variant as the service shows it: with the weight it takes when none is given."""
    return {"InitialVariantWeight": 1.0, **variant}
