"""UpdateEndpoint and UpdateEndpointWeightsAndCapacities."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask, handles
from mlplatform.sandbox.clouds.aws.sagemaker import endpoints, live
from mlplatform.sandbox.clouds.aws.scaling import targets
from mlplatform.sandbox.clouds.aws.world import World

ROLLED_BACK = (
    "Endpoint update failed its health checks and was rolled back to the former configuration."
)


@handles("sagemaker", "UpdateEndpoint")
def update(world: World, ask: Ask) -> dict[str, Any]:
    params, name = ask.params, ask.params["EndpointName"]
    document = _updatable(world, ask, name)
    running = document["Steady"]
    target = endpoints.steady_state(world, ask.place, params["EndpointConfigName"])
    _refuse_scaled_variants(world, ask, running, target)
    for kind in ("ProductionVariants", "ShadowProductionVariants"):
        target[kind] = live.retained(
            running[kind],
            target[kind],
            retain=params.get("RetainAllVariantProperties", False),
            excluded=[
                one["VariantPropertyType"]
                for one in params.get("ExcludeRetainedVariantProperties", [])
            ],
        )
    deployment = params.get("DeploymentConfig")
    if deployment is None and params.get("RetainDeploymentConfig"):
        deployment = running["Extra"].get("LastDeploymentConfig")
    if deployment is not None:
        target["Extra"]["LastDeploymentConfig"] = deployment
    length_s = endpoints.transition_s(world, ask)
    phases = [("Updating", length_s)]
    if ask.suffers("rollback"):
        reason = ask.fault.message if ask.fault is not None else ""
        goal = {**running, "FailureReason": reason or ROLLED_BACK}
        phases.append(("RollingBack", length_s))
        begun = live.begun(document, "rollback", phases, goal, ask.call.now)
    else:
        begun = live.begun(document, "update", phases, target, ask.call.now)
    begun["Transition"]["Target"] = target
    world.table(ask.place, live.KIND).put(name, begun)
    return {"EndpointArn": document["EndpointArn"]}


@handles("sagemaker", "UpdateEndpointWeightsAndCapacities")
def update_weights_and_capacities(world: World, ask: Ask) -> dict[str, Any]:
    name = ask.params["EndpointName"]
    document = _updatable(world, ask, name)
    goal = copy.deepcopy(document["Steady"])
    goal.pop("FailureReason", None)
    by_name = {one["Declared"]["VariantName"]: one for one in goal["ProductionVariants"]}
    for wanted in ask.params["DesiredWeightsAndCapacities"]:
        variant = by_name.get(wanted["VariantName"])
        if variant is None:
            arn = document["EndpointArn"]
            raise invalid(f'Could not find variant "{wanted["VariantName"]}" of endpoint "{arn}".')
        _set(variant, wanted)
    phases = [("Updating", endpoints.transition_s(world, ask))]
    begun = live.begun(document, "weights", phases, goal, ask.call.now)
    world.table(ask.place, live.KIND).put(name, begun)
    return {"EndpointArn": document["EndpointArn"]}


def _updatable(world: World, ask: Ask, name: str) -> dict[str, Any]:
    document = endpoints.find_idle(world, ask, name)
    status = document["Steady"]["Status"]
    if status != "InService":
        raise invalid(
            f'Cannot update endpoint "{document["EndpointArn"]}" with status {status}. '
            "DeleteEndpoint is the only operation that can be performed on it."
        )
    return document


def _refuse_scaled_variants(
    world: World, ask: Ask, running: Mapping[str, Any], target: Mapping[str, Any]
) -> None:
    changed = live.removed_or_retyped(running["ProductionVariants"], target["ProductionVariants"])
    name = ask.params["EndpointName"]
    scaled = [one for one in changed if targets.is_registered(world, ask.place, name, one)]
    if scaled:
        raise invalid(
            f'The variant(s) "[{", ".join(scaled)}]" must be deregistered as scalable target with '
            "AutoScaling before they can be removed or have their instance type updated."
        )


def _set(variant: dict[str, Any], wanted: Mapping[str, Any]) -> None:
    if "DesiredWeight" in wanted:
        variant["Weight"] = wanted["DesiredWeight"]
    if "DesiredInstanceCount" in wanted:
        if variant["Count"] is None:
            raise invalid("DesiredInstanceCount cannot be set for a serverless variant.")
        variant["Count"] = wanted["DesiredInstanceCount"]
    if "ServerlessUpdateConfig" in wanted:
        if variant["Serverless"] is None:
            raise invalid("ServerlessUpdateConfig can be set for a serverless variant only.")
        variant["Serverless"] = {**variant["Serverless"], **wanted["ServerlessUpdateConfig"]}
