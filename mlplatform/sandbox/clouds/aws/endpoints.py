"""SageMaker endpoints: create, update, move weights and counts, describe, delete.

What an endpoint is at a moment is decided in ``endpoint_life``, what an update serves in
``variants``; here stand the calls, with the refusals of the service in its words where they are
known from reports of users.
"""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws import (
    alarms,
    deregistration,
    endpoint_configs,
    endpoint_view,
    models,
    tags,
    variants,
)
from mlplatform.sandbox.clouds.aws.endpoint_life import (
    IN_PROGRESS,
    Deployment,
    Endpoint,
    Move,
    started,
)
from mlplatform.sandbox.clouds.aws.errors import invalid
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import Call, Home, Json, listed

INSTANCE_COUNT = "sagemaker:variant:DesiredInstanceCount"
_FAILED = (
    "The primary container for production variant {variant} did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)


def arn(home: Home, name: str) -> str:
    return home.arn("sagemaker", f"endpoint/{name.lower()}")


def resource_id(endpoint: str, variant: str) -> str:
    """The name of a variant in Application Auto Scaling."""
    return f"endpoint/{endpoint}/variant/{variant}"


def find(home: Home, name: str) -> Endpoint:
    if name not in home.endpoints:
        raise invalid(f'Could not find endpoint "{arn(home, name)}".')
    return home.endpoints[name]


@handles("sagemaker", "CreateEndpoint")
def create(call: Call) -> Json:
    name = call.params["EndpointName"]
    own = arn(call.home, name)
    if name in call.home.endpoints:
        raise invalid(f'Cannot create already existing endpoint "{own}".')
    config = endpoint_configs.find(call.home, call.params["EndpointConfigName"])
    deployment = _declared(call, config)
    endpoint = Endpoint(
        name=name,
        arn=own,
        created=call.now,
        modified=call.now,
        status="Creating",
        first_config=deployment.config_name,
        deployment_config=call.params.get("DeploymentConfig"),
    )
    fails = call.outcome == "fail_create"
    _start(call, endpoint, "create", deployment, failure=_reason(deployment) if fails else None)
    tags.begin(call, own)
    return {"EndpointArn": own}


@handles("sagemaker", "UpdateEndpoint")
def update(call: Call) -> Json:
    endpoint = _idle(call)
    live = endpoint.serves
    assert live is not None
    name = call.params["EndpointConfigName"]
    config = endpoint_configs.find(call.home, name)
    if name == live.config_name:
        raise invalid(
            "Cannot update endpoint with the currently in use endpoint configuration "
            f'"{endpoint_configs.arn(call.home, name)}".'
        )
    wanted = _declared(call, config)
    if live.settings.get("AsyncInferenceConfig") and "AsyncInferenceConfig" not in config:
        raise invalid(
            f"The AsyncInferenceConfig parameter cannot be removed from this endpoint "
            f"{endpoint.name}."
        )
    bound = variants.bound_to_leave(live, wanted, _registered(call.home, endpoint))
    if bound:
        raise invalid(
            f'The variant(s) "[{", ".join(bound)}]" must be deregistered as scalable target with '
            "AutoScaling before they can be removed or have their instance type updated."
        )
    excluded = {
        item["VariantPropertyType"]
        for item in call.params.get("ExcludeRetainedVariantProperties") or []
    }
    retain = call.params.get("RetainAllVariantProperties", False)
    deployment = variants.updated(live, wanted, retain=retain, excluded=excluded)
    reused = endpoint.deployment_config if call.params.get("RetainDeploymentConfig") else None
    rollout = call.params.get("DeploymentConfig") or reused
    fails = _reason(wanted) if call.outcome == "rollback" else None
    _start(
        call,
        endpoint,
        "update",
        deployment,
        failure=fails or _taken_back(call, rollout),
        deployment_config=rollout,
    )
    return {"EndpointArn": endpoint.arn}


@handles("sagemaker", "UpdateEndpointWeightsAndCapacities")
def move_weights_and_counts(call: Call) -> Json:
    endpoint = _idle(call)
    live = endpoint.serves
    assert live is not None
    wanted = {item["VariantName"]: item for item in call.params["DesiredWeightsAndCapacities"]}
    known = {variant.name for variant in live.variants}
    for name in wanted.keys() - known:
        raise invalid(
            f'The variant name(s) "{name}" is/are not present within endpoint '
            f'configuration "{live.config_name}".'
        )
    failure = _reason(live) if call.outcome == "rollback" else None
    move_to(call, endpoint, wanted, failure=failure)
    return {"EndpointArn": endpoint.arn}


def move_to(
    call: Call, endpoint: Endpoint, wanted: dict[str, Json], *, failure: str | None = None
) -> None:
    """Begin to move variants of an idle endpoint to other weights and counts."""
    assert endpoint.serves is not None
    deployment = variants.moved(endpoint.serves, wanted)
    _start(call, endpoint, "capacity", deployment, failure=failure)


@handles("sagemaker", "DeleteEndpoint")
def delete(call: Call) -> Json:
    endpoint = find(call.home, call.params["EndpointName"])
    if endpoint.status in IN_PROGRESS:
        raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
    watching = [
        schedule["MonitoringScheduleName"]
        for schedule in call.home.monitoring_schedules.values()
        if schedule.get("EndpointName") == endpoint.name
    ]
    if watching:
        # As users report it; the words are ours.
        raise invalid(
            f'Cannot delete endpoint "{endpoint.arn}" with attached monitoring schedules: '
            f"{watching}. Delete them first."
        )
    hosted = [
        name
        for name, one in call.home.inference_components.items()
        if one["EndpointName"] == endpoint.name
    ]
    if hosted:
        # Source: SageMaker guide, "Delete inference components" (before their endpoint).
        raise invalid(
            f'Cannot delete endpoint "{endpoint.arn}" that hosts inference components: '
            f"{', '.join(sorted(hosted))}."
        )
    deregistration.remove_of_endpoint(call.home, endpoint.name)
    _start(call, endpoint, "delete", None)
    return {}


@handles("sagemaker", "DescribeEndpoint")
def describe(call: Call) -> Json:
    return endpoint_view.shown(find(call.home, call.params["EndpointName"]))


@handles("sagemaker", "ListEndpoints")
def list_all(call: Call) -> Json:
    wanted = call.params.get("StatusEquals")
    items = (
        {
            "EndpointName": endpoint.name,
            "EndpointArn": endpoint.arn,
            "CreationTime": endpoint.created,
            "LastModifiedTime": endpoint.modified,
            "EndpointStatus": endpoint.status,
        }
        for endpoint in call.home.endpoints.values()
        if wanted in (None, endpoint.status)
    )
    return listed(items, call.params, name="EndpointName", created="CreationTime", key="Endpoints")


def _idle(call: Call) -> Endpoint:
    """The endpoint of the call, which must be able to take a change."""
    endpoint = find(call.home, call.params["EndpointName"])
    if endpoint.status in IN_PROGRESS:
        raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
    if endpoint.serves is None:
        raise invalid(
            f'Cannot update endpoint "{endpoint.arn}" with Failed status; DeleteEndpoint is the '
            "only operation that can be performed on a failed endpoint."
        )
    return endpoint


def _start(
    call: Call,
    endpoint: Endpoint,
    kind: Any,
    to: Deployment | None,
    *,
    failure: str | None = None,
    deployment_config: Json | None = None,
) -> None:
    move = Move(
        kind=kind,
        start=call.now,
        takes_s=call.delay_s,
        to=to,
        failure=failure,
        deployment_config=deployment_config,
    )
    call.home.endpoints[endpoint.name] = started(endpoint, move)
    call.home.settle(call.now)


def _declared(call: Call, config: Json) -> Deployment:
    for variant in (*config["ProductionVariants"], *config.get("ShadowProductionVariants", ())):
        if "ModelName" in variant:
            models.find(call.home, variant["ModelName"])
    return variants.declared(config, models.images(call.home))


def _reason(deployment: Deployment) -> str:
    return _FAILED.format(variant=deployment.variants[0].name)


def _taken_back(call: Call, rollout: Json | None) -> str | None:
    """Why the rollout's alarms end it; None while none sounds.

    Source: SageMaker guide, "Auto-Rollback Configuration and Monitoring"; the words are our own.
    """
    wanted = ((rollout or {}).get("AutoRollbackConfiguration") or {}).get("Alarms") or []
    sounding = alarms.sounding(call.home, {one["AlarmName"] for one in wanted})
    if not sounding:
        return None
    return f"The deployment was rolled back: alarm {', '.join(sounding)} is in state ALARM."


def _registered(home: Home, endpoint: Endpoint) -> set[str]:
    serves = endpoint.serves
    assert serves is not None
    return {
        variant.name
        for variant in serves.variants
        if (resource_id(endpoint.name, variant.name), INSTANCE_COUNT) in home.targets
    }
