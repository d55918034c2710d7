"""SageMaker endpoints: create, describe, list, delete. Updates are in ``endpoint_updates``."""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.sagemaker import endpoint_configs, listing, live, models
from mlplatform.sandbox.clouds.aws.scaling import targets
from mlplatform.sandbox.clouds.aws.world import Place, World


def arn_of(place: Place, name: str) -> str:
    return f"arn:aws:sagemaker:{place[1]}:{place[0]}:endpoint/{name}"


def peek(world: World, place: Place, name: str, now: float) -> dict[str, Any] | None:
    """The endpoint's settled document, or ``None`` when it does not exist (any more)."""
    kept = world.table(place, live.KIND).get(name)
    return None if kept is None else live.settled(kept, now)


def find(world: World, ask: Ask, name: str) -> dict[str, Any]:
    """As ``peek``; ``Refusal`` in SageMaker's words when there is none."""
    found = peek(world, ask.place, name, ask.call.now)
    if found is None:
        raise invalid(f'Could not find endpoint "{arn_of(ask.place, name)}".')
    return found


def find_idle(world: World, ask: Ask, name: str) -> dict[str, Any]:
    """As ``find``; ``Refusal`` while something is under way."""
    found = find(world, ask, name)
    if "Transition" in found:
        raise invalid(f'Cannot update in-progress endpoint "{found["EndpointArn"]}".')
    return found


def steady_state(world: World, place: Place, config_name: str) -> dict[str, Any]:
    """What an endpoint becomes that deploys a configuration as it is declared."""
    config = endpoint_configs.find(world, place, config_name)
    state: dict[str, Any] = {"Status": "InService", "Config": config_name, "Extra": {}}
    for kind in endpoint_configs.VARIANT_LISTS:
        state[kind] = [
            live.variant_of(one, models.images(world, place, one["ModelName"]))
            if "ModelName" in one
            else live.variant_of(one, [])
            for one in config.get(kind, [])
        ]
    for member in ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig"):
        if member in config:
            state["Extra"][member] = config[member]
    capture = config.get("DataCaptureConfig")
    if capture is not None:
        enabled = capture.get("EnableCapture", False)
        state["Extra"]["DataCaptureConfig"] = {
            "EnableCapture": enabled,
            "CaptureStatus": "Started" if enabled else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    return state


def transition_s(world: World, ask: Ask) -> float:
    """How long a transitional state lasts, in seconds; the fault ``slow`` sets it."""
    return ask.fault.delay_s if ask.fault is not None and ask.suffers("slow") else world.delay_s


@handles("sagemaker", "CreateEndpoint")
def create(world: World, ask: Ask) -> dict[str, Any]:
    params, now = ask.params, ask.call.now
    name, arn = params["EndpointName"], arn_of(ask.place, params["EndpointName"])
    if peek(world, ask.place, name, now) is not None:
        raise invalid(f'Cannot create already existing endpoint "{arn}".')
    state = steady_state(world, ask.place, params["EndpointConfigName"])
    if "DeploymentConfig" in params:
        state["Extra"]["LastDeploymentConfig"] = params["DeploymentConfig"]
    if ask.suffers("fail_create"):
        reason = ask.fault.message if ask.fault is not None else ""
        state |= {
            "Status": "Failed",
            "FailureReason": reason
            or "The primary container for production variant did not pass the ping health check. "
            "Please check CloudWatch logs for this endpoint.",
        }
    document = {
        "EndpointName": name,
        "EndpointArn": arn,
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": params.get("Tags", []),
        "Steady": {key: value for key, value in state.items() if key != "FailureReason"},
    }
    phases = [("Creating", transition_s(world, ask))]
    world.table(ask.place, live.KIND).put(name, live.begun(document, "create", phases, state, now))
    return {"EndpointArn": arn}


@handles("sagemaker", "DescribeEndpoint")
def describe(world: World, ask: Ask) -> dict[str, Any]:
    return live.described(find(world, ask, ask.params["EndpointName"]), ask.call.now)


@handles("sagemaker", "ListEndpoints")
def list_(world: World, ask: Ask) -> dict[str, Any]:
    now, rows = ask.call.now, []
    for kept in world.table(ask.place, live.KIND).values():
        document = live.settled(kept, now)
        if document is not None:
            members = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime")
            row = {key: document[key] for key in members}
            rows.append({**row, "EndpointStatus": live.status(document, now)})
    return listing.page(rows, ask.params, noun="Endpoints", name="EndpointName")


@handles("sagemaker", "DeleteEndpoint")
def delete(world: World, ask: Ask) -> dict[str, Any]:
    name = ask.params["EndpointName"]
    document = find_idle(world, ask, name)
    for variant in document["Steady"]["ProductionVariants"]:
        targets.forget(world, ask.place, name, variant["Declared"]["VariantName"])
    phases = [("Deleting", transition_s(world, ask))]
    gone = live.begun(document, "delete", phases, None, ask.call.now)
    world.table(ask.place, live.KIND).put(name, gone)
    return {}
