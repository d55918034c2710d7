"""Autoscaling, rollouts and watching of SageMaker endpoints: what resources are to one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ml_policies.finding import Finding
from ml_policies.making import DROP, but, rule
from ml_policies.resource import Resource, absent
from ml_policies.rule import Check, Example, Setting, Settings, Severity, StackRule
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINTS = {"mlgap:aws:Endpoint": "endpointName", "aws:sagemaker/endpoint:Endpoint": "name"}
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
SCHEDULE = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"
DATA_QUALITY = "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition"
_VARIANT = re.compile(r"endpoint/(?P<endpoint>[^/]+)/variant/(?P<variant>[^/]+)")
_BURSTABLE = re.compile(r"ml\.t\d")


def _variants(config: Resource) -> Iterator[Mapping[str, Any]]:
    """Provisioned variants, the shadow ones left out."""
    for _, variant in config.find("productionVariants[*]"):
        if isinstance(variant, Mapping) and not variant.get("serverlessConfig"):
            yield variant


def _siblings(resources: Sequence[Resource], config: Resource) -> list[Resource]:
    """Scalable targets that belong with a configuration: those of the endpoints that use it; of
    endpoints that the stack does not show, those of its component, else all.
    """
    used = {
        str(one.get(ENDPOINTS[one.type])): one.get("endpointConfigName")
        for one in resources
        if one.type in ENDPOINTS and not is_unknown(one.get("endpointConfigName"))
    }
    own: list[Resource] = []
    others: list[Resource] = []
    for one in resources:
        if one.type == TARGET and str(one.get("serviceNamespace")) == "sagemaker":
            found = _VARIANT.fullmatch(str(one.get("resourceId")))
            if found is None or found["endpoint"] not in used:
                others.append(one)
            elif used[found["endpoint"]] == config.get("name"):
                own.append(one)
    near = [one for one in others if one.parent and one.parent == config.parent]
    return own + (near or others)


def _autoscaled(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    policies = [one.get("resourceId") for one in resources if one.type == POLICY]
    for config in (one for one in resources if one.type == CONFIG):
        targets = _siblings(resources, config)
        for variant in _variants(config):
            name = variant.get("variantName")
            if is_unknown(name) or any(is_unknown(one.get("resourceId")) for one in targets):
                yield Finding(problem="", path="resourceId", undecided=True, resource=config)
                continue
            mine = [
                one
                for one in targets
                if (found := _VARIANT.fullmatch(str(one.get("resourceId"))))
                and found["variant"] == name
            ]
            if not mine and not variant.get("managedInstanceScaling"):
                yield Finding(problem=f"variant {name} has no scalable target", resource=config)
            for target in mine:
                yield from _scaled(target, policies, settings)


def _scaled(target: Resource, policies: Sequence[Any], settings: Settings) -> Iterator[Finding]:
    most = target.get("maxCapacity")
    if not is_unknown(most) and float(most) > float(settings["max_instances"]):
        yield Finding(
            problem=f"allowed: at most {settings['max_instances']:g}",
            path="maxCapacity",
            got=most,
            resource=target,
        )
    resource_id = target.get("resourceId")
    if resource_id not in policies and not any(is_unknown(one) for one in policies):
        yield Finding(problem="no scaling policy moves it", resource=target)


def _bounds(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    for config in (one for one in resources if one.type == CONFIG):
        for target in _siblings(resources, config):
            found = _VARIANT.fullmatch(str(target.get("resourceId")))
            if found is None:
                continue
            for variant in _variants(config):
                if variant.get("variantName") == found["variant"]:
                    yield from _between(target, variant)


def _between(target: Resource, variant: Mapping[str, Any]) -> Iterator[Finding]:
    least, most = target.get("minCapacity"), target.get("maxCapacity")
    count = variant.get("initialInstanceCount", 1)
    if any(is_unknown(value) for value in (least, most, count)):
        yield Finding(problem="", path="minCapacity", undecided=True, resource=target)
        return
    if not float(least) <= float(most):
        yield Finding(
            problem=f"allowed: at most maxCapacity, which is {most:g}",
            path="minCapacity",
            got=least,
            resource=target,
        )
    elif not float(least) <= float(count) <= float(most):
        yield Finding(
            problem=f"the variant starts with {float(count):g} instances, which is outside "
            f"{float(least):g}..{float(most):g}",
            resource=target,
        )
    kind = str(variant.get("instanceType"))
    if _BURSTABLE.match(kind):
        yield Finding(problem=f"{kind} is burstable and cannot be autoscaled", resource=target)


def _canary(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    shifting = resource.get(
        "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration.type"
    )
    rolling = resource.get("deploymentConfig.rollingUpdatePolicy")
    if absent(rolling) and (absent(shifting) or shifting == "ALL_AT_ONCE"):
        return
    alarms = resource.get("deploymentConfig.autoRollbackConfiguration.alarms")
    if is_unknown(shifting) or is_unknown(alarms):
        yield Finding(problem="", path="deploymentConfig", undecided=True)
    elif absent(alarms):
        yield Finding(
            problem="needed: alarms that take the new version back",
            path="deploymentConfig.autoRollbackConfiguration.alarms",
        )


def _monitored(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    jobs = [one for one in resources if one.type == DATA_QUALITY]
    watched = [one.get("dataQualityJobInput.endpointInput.endpointName") for one in jobs]
    path = "monitoringScheduleConfig.monitoringJobDefinition.monitoringInputs.endpointInput"
    watched += [one.get(f"{path}.endpointName") for one in resources if one.type == SCHEDULE]
    for endpoint in (one for one in resources if one.type in ENDPOINTS):
        name = endpoint.get(ENDPOINTS[endpoint.type])
        if name in watched:
            continue
        if is_unknown(name) or any(is_unknown(one) for one in watched):
            yield Finding(problem="", path="endpointName", undecided=True, resource=endpoint)
        else:
            yield Finding(problem="no monitor watches its data", resource=endpoint)


def _captured(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    configs = {one.get("name"): one for one in resources if one.type == CONFIG}
    by_parent = {one.parent: one for one in configs.values() if one.parent}
    capturing = {}
    for endpoint in (one for one in resources if one.type in ENDPOINTS):
        config = configs.get(endpoint.get("endpointConfigName")) or by_parent.get(endpoint.parent)
        if config is not None:
            capturing[endpoint.get(ENDPOINTS[endpoint.type])] = config
    for job in (one for one in resources if one.type == DATA_QUALITY):
        name = job.get("dataQualityJobInput.endpointInput.endpointName")
        if absent(name):
            continue
        if is_unknown(name):
            path = "dataQualityJobInput.endpointInput.endpointName"
            yield Finding(problem="", path=path, undecided=True, resource=job)
        elif name in capturing and absent(capturing[name].get("dataCaptureConfig")):
            yield Finding(
                problem=f"it watches {name}, which captures nothing to look at", resource=job
            )


_SHIFT = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration.type"
_GUARDED = {
    "deploymentConfig": {
        "blueGreenUpdatePolicy": {
            "trafficRoutingConfiguration": {"type": "CANARY", "waitIntervalInSeconds": 600}
        },
        "autoRollbackConfiguration": {"alarms": [{"alarmName": "errors"}]},
    }
}
_ID = "endpoint/e/variant/v1"
_SERVED = {
    "name": "c",
    "dataCaptureConfig": {"enableCapture": True},
    "productionVariants": [
        {"variantName": "v1", "instanceType": "ml.m5.large", "initialInstanceCount": 2}
    ],
}
_SCALE = {
    "serviceNamespace": "sagemaker",
    "resourceId": _ID,
    "minCapacity": 2,
    "maxCapacity": 10,
}


def _stack(
    config: Mapping[str, Any] | None = None,
    target: Mapping[str, Any] | None = None,
    policy: bool = True,
) -> tuple[Example, ...]:
    return (
        Example(type=CONFIG, name="config", props=but(_SERVED, config or {})),
        *(
            (Example(type=TARGET, name="target", props=but(_SCALE, target)),)
            if target is not None
            else ()
        ),
        *((Example(type=POLICY, name="policy", props={"resourceId": _ID}),) if policy else ()),
    )


def _watched(job: str | None, config: Mapping[str, Any] | None = None) -> tuple[Example, ...]:
    return (
        Example(type=CONFIG, name="config", props=but(_SERVED, config or {})),
        Example(
            type="mlgap:aws:Endpoint",
            name="endpoint",
            props={"endpointName": "e", "endpointConfigName": "c"},
        ),
        *(
            (
                Example(
                    type=DATA_QUALITY,
                    name="job",
                    props={"dataQualityJobInput": {"endpointInput": {"endpointName": job}}},
                ),
            )
            if job is not None
            else ()
        ),
    )


RULES = (
    StackRule(
        id="aws-sm-endpoint-autoscaled",
        severity=Severity.MEDIUM,
        check=_autoscaled,
        summary="Each provisioned production variant scales by itself, within bounds.",
        rationale="A fixed number of instances is too many at night and too few at noon.",
        remediation="Use components/aws/endpoint.py, or add a Target and a Policy for the variant.",
        sources=("SageMaker developer guide, automatic scaling",),
        settings={
            "max_instances": Setting(
                default=20,
                schema={"type": "number", "minimum": 1},
                says="Most instances of one variant.",
            )
        },
        production_only=True,
        good=_stack(target={}),
        bad=_stack(policy=False),
        unknown=_stack(target={"resourceId": UNKNOWN}),
    ),
    StackRule(
        id="aws-sm-autoscaling-bounds",
        severity=Severity.HIGH,
        check=_bounds,
        summary="A variant starts within its scaling bounds, on a type that can be scaled.",
        rationale="AWS refuses the scalable target, or moves the count at once.",
        remediation="Set endpoint.scaling.min to at most the initial count, and a type that is not "
        "burstable.",
        sources=("Application Auto Scaling RegisterScalableTarget",),
        good=_stack(target={}),
        bad=_stack(target={"minCapacity": 4}),
        unknown=_stack(target={"minCapacity": UNKNOWN}),
    ),
    rule(
        "aws-sm-canary-alarms",
        Severity.HIGH,
        tuple(ENDPOINTS),
        Check(run=_canary),
        "A rollout in steps has alarms that take it back.",
        "A canary that nobody listens to only makes a bad rollout slower.",
        "Set endpoint.rollout.alarms: {error_percent: 5}.",
        good=_GUARDED,
        bad={"deploymentConfig.autoRollbackConfiguration": DROP},
        unknown=_SHIFT,
        sources=("SageMaker developer guide, deployment guardrails",),
    ),
    StackRule(
        id="aws-sm-endpoint-monitored",
        severity=Severity.LOW,
        check=_monitored,
        summary="Production endpoints are watched by a monitor.",
        rationale="A model goes wrong without an error.",
        remediation="Set monitoring.data_quality of the workload.",
        sources=("prowler sagemaker_monitoring_schedule_exists",),
        production_only=True,
        good=_watched("e"),
        bad=_watched(None),
        unknown=_watched(UNKNOWN),
    ),
    StackRule(
        id="aws-sm-monitor-has-capture",
        severity=Severity.HIGH,
        check=_captured,
        summary="A monitored endpoint captures its requests.",
        rationale="A monitor without captured data fails every hour and watches nothing.",
        remediation="Set endpoint.capture of the workload.",
        sources=("SageMaker developer guide, Model Monitor",),
        good=_watched("e"),
        bad=_watched("e", {"dataCaptureConfig": DROP}),
        unknown=_watched(UNKNOWN, {"dataCaptureConfig": DROP}),
    ),
)
