"""Hardware: what can still be had, what may be used, what it costs at most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from ml_policies.dates import today
from ml_policies.finding import Finding
from ml_policies.machines import Place, capacity, named
from ml_policies.resource import Resource, is_on
from ml_policies.rule import Check, Example, Rule, Setting, Settings, Severity, StackRule
from mlplatform.catalog import aws, azure, gcp
from mlplatform.catalog.machine import Machine
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

HOURS_PER_MONTH = 730
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
TRAINING = "aws:sagemaker/trainingJob:TrainingJob"
COMPUTE = "azure-native:machinelearningservices:Compute"
TPU = "gcp:tpu/v2Vm:V2Vm"
TARGET = "aws:appautoscaling/target:Target"


def _machine(place: Place) -> Machine | None:
    if place.cloud == "aws":
        return aws.machine(place.kind) if place.kind.startswith("ml.") else None
    return azure.machine(place.kind) if place.cloud == "azure" else gcp.machine(place.kind)


def _retired_accelerator(place: Place, on: dt.date) -> str | None:
    short = {long: name for name, long in gcp.ACCELERATORS.items()}.get(place.kind)
    if short in gcp.RETIRED and gcp.RETIRED[short][0] <= on:
        return gcp.RETIRED[short][1]
    return None


def _retired(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    for place in named(resource):
        if is_unknown(place.kind):
            yield Finding(problem="", path=place.path, undecided=True)
            continue
        machine = _machine(place)
        instead = _retired_accelerator(place, today())
        if machine is not None and machine.is_retired(today()):
            yield Finding(
                problem=f"retired since {machine.retired}; use {machine.replacement}",
                path=place.path,
                got=place.kind,
            )
        elif instead is not None:
            yield Finding(problem=f"retired; use {instead}", path=place.path, got=place.kind)


def _soon(resource: Resource, settings: Settings) -> Iterator[Finding]:
    for place in named(resource):
        if is_unknown(place.kind):
            yield Finding(problem="", path=place.path, undecided=True)
            continue
        announced = settings["announced"].get(place.kind)
        machine = _machine(place)
        known = machine.retired if machine is not None else None
        day = dt.date.fromisoformat(str(announced)) if announced else known
        left = (day - today()).days if day is not None else None
        if left is not None and 0 < left <= float(settings["days_before"]):
            yield Finding(
                problem=f"will be retired on {day}, in {left} days", path=place.path, got=place.kind
            )


def _allowed(resource: Resource, settings: Settings) -> Iterator[Finding]:
    allowed = settings["kinds"]
    if not allowed:
        return
    for place in named(resource):
        if is_unknown(place.kind):
            yield Finding(problem="", path=place.path, undecided=True)
        elif place.kind not in allowed:
            yield Finding(problem=f"allowed: {', '.join(allowed)}", path=place.path, got=place.kind)


def _spot(resource: Resource, settings: Settings) -> Iterator[Finding]:
    if resource.environment not in settings["environments"]:
        return
    token = resource.type
    if token == TRAINING:
        path, good = "enableManagedSpotTraining", is_on
    elif token == TPU:
        spot = is_on(resource.get("schedulingConfig.spot"))  # the name from v2 on
        path = f"schedulingConfig.{'spot' if spot else 'preemptible'}"
        good = is_on
    else:
        if resource.get("properties.computeType") != "AmlCompute":
            return
        path, good = "properties.properties.vmPriority", lambda value: value == "LowPriority"
    value = resource.get(path)
    if is_unknown(value):
        yield Finding(problem="", path=path, undecided=True)
    elif not good(value):
        yield Finding(problem="allowed: capacity that may be taken away", path=path, got=value)


def _budget(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    limit, prices = settings["max_monthly"], settings["hourly_prices"]
    if limit is None:
        return
    total, unpriced = 0.0, set()
    for one in capacity(resources):
        if one.most is None:
            yield Finding(problem="", path=one.path, undecided=True, resource=one.resource)
            return
        if one.kind in prices:
            total += one.most * float(prices[one.kind]) * HOURS_PER_MONTH
        else:
            unpriced.add(one.kind)
    if total > float(limit):
        yield Finding(
            problem=f"at full scale it costs {total:,.0f} a month; allowed: {float(limit):,.0f}"
        )
    if unpriced:
        yield Finding(problem=f"no price is known for {', '.join(sorted(unpriced))}")


def _quota(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    declared = {kind: float(value) for kind, value in settings["quotas"].items()}
    if not declared:
        return
    need: dict[str, float] = {}
    for one in capacity(resources):
        if one.kind in declared:
            if one.most is None:
                yield Finding(problem="", path=one.path, undecided=True, resource=one.resource)
                return
            need[one.kind] = need.get(one.kind, 0) + one.most
    for kind, most in sorted(need.items()):
        if most > declared[kind]:
            yield Finding(
                problem=f"at full scale it needs {most:g} x {kind}; the quota is {declared[kind]:g}"
            )


def _config(kind: Any) -> dict[str, Any]:
    return {
        "name": "c",
        "productionVariants": [
            {"variantName": "v1", "instanceType": kind, "initialInstanceCount": 2}
        ],
    }


def _scaled(most: Any, kind: str = "ml.g4dn.xlarge") -> tuple[Example, ...]:
    target = {
        "serviceNamespace": "sagemaker",
        "resourceId": "endpoint/e/variant/v1",
        "minCapacity": 1,
        "maxCapacity": most,
    }
    return (
        Example(type=CONFIG, name="config", props=_config(kind)),
        Example(type=TARGET, name="target", props=target),
    )


RULES = (
    Rule(
        id="x-sku-retired",
        severity=Severity.HIGH,
        check=Check(run=_retired),
        summary="Hardware can still be had.",
        rationale="The cloud refuses it at apply, or at the next replacement of a node.",
        remediation="Take the replacement that is named, or allow a substitute in the spec: "
        "accelerator: {want: V100, or: T4}.",
        sources=("mlplatform/catalog, dated tables with their documents",),
        good=Example(type=CONFIG, props=_config("ml.g4dn.xlarge")),
        bad=(
            Example(type=CONFIG, props=_config("ml.p3.2xlarge")),
            Example(
                type=COMPUTE,
                props={
                    "properties": {
                        "computeType": "AmlCompute",
                        "properties": {"vmSize": "Standard_NC6s_v3"},
                    }
                },
            ),
            Example(
                type="mlgap:gcp:EndpointDeployments",
                props={
                    "deployments": {
                        "v1": {
                            "machineType": "n1-standard-4",
                            "acceleratorType": "NVIDIA_TESLA_K80",
                        }
                    }
                },
            ),
        ),
        unknown=Example(type=CONFIG, props=_config(UNKNOWN)),
    ),
    Rule(
        id="x-sku-announced",
        severity=Severity.MEDIUM,
        check=Check(run=_soon),
        summary="Hardware will not be retired soon.",
        rationale="Moving a GPU workload takes a quarter; its quota takes weeks.",
        remediation="Plan the move now; the replacement is in mlplatform/catalog.",
        sources=("vendors' retirement notices, in the pack's configuration",),
        settings={
            "announced": Setting(
                default={},
                schema={"type": "object", "additionalProperties": {"type": "string"}},
                says="Instance type to the day of its retirement, where the catalogue has none.",
            ),
            "days_before": Setting(
                default=180,
                schema={"type": "number", "minimum": 1},
                says="How many days before it is said.",
            ),
        },
        example_settings={
            "announced": {"ml.g4dn.xlarge": "2026-12-31"},
            "days_before": 36500,
        },
        good=Example(type=CONFIG, props=_config("ml.m5.large")),
        bad=(Example(type=CONFIG, props=_config("ml.g4dn.xlarge")),),
        unknown=Example(type=CONFIG, props=_config(UNKNOWN)),
    ),
    Rule(
        id="x-sku-allow",
        severity=Severity.MEDIUM,
        check=Check(run=_allowed),
        summary="Hardware is on the list of this environment.",
        rationale="A slip of the finger in an instance type costs a car a month.",
        remediation="Choose an allowed type, or allow it in the pack's configuration.",
        sources=("FinOps",),
        settings={
            "kinds": Setting(
                default=[],
                schema={"type": "array", "items": {"type": "string"}},
                says="Instance, machine and accelerator types; every one when empty.",
            )
        },
        example_settings={"kinds": ["ml.m5.large"]},
        good=Example(type=CONFIG, props=_config("ml.m5.large")),
        bad=(Example(type=CONFIG, props=_config("ml.p5.48xlarge")),),
        unknown=Example(type=CONFIG, props=_config(UNKNOWN)),
    ),
    Rule(
        id="x-spot-dev",
        severity=Severity.LOW,
        types=(TRAINING, COMPUTE, TPU),
        check=Check(run=_spot),
        summary="Training in development uses capacity that may be taken away.",
        rationale="Experiments can wait; the price difference cannot.",
        remediation="Set training.spot: true.",
        sources=("FinOps",),
        settings={
            "environments": Setting(
                default=["dev", "test", "sandbox"],
                schema={"type": "array", "items": {"type": "string"}},
                says="Where it holds.",
            )
        },
        good=Example(props={"enableManagedSpotTraining": True}, stack="dev"),
        bad=(
            Example(props={"enableManagedSpotTraining": False}, stack="dev"),
            Example(type=TPU, props={"acceleratorType": "v5litepod-8"}, stack="dev"),
        ),
        unknown=Example(props={"enableManagedSpotTraining": UNKNOWN}, stack="dev"),
    ),
    StackRule(
        id="x-budget",
        severity=Severity.HIGH,
        check=_budget,
        summary="The stack at full scale costs no more than it may.",
        rationale="Autoscaling spends what its bounds allow, at night too.",
        remediation="Lower endpoint.scaling.max, or raise max_monthly in the pack's configuration.",
        sources=("pulumi/pulumi#13004",),
        settings={
            "max_monthly": Setting(
                default=None,
                schema={"type": ["number", "null"], "minimum": 0},
                says="Most for serving instances in a month, in the currency of the prices.",
            ),
            "hourly_prices": Setting(
                default={},
                schema={"type": "object", "additionalProperties": {"type": "number"}},
                says="Price of one instance for an hour, by its type: your own, with discounts.",
            ),
        },
        example_settings={"max_monthly": 5000, "hourly_prices": {"ml.g4dn.xlarge": 0.736}},
        good=_scaled(4),
        bad=_scaled(40),
        unknown=_scaled(UNKNOWN),
    ),
    StackRule(
        id="x-quota",
        severity=Severity.HIGH,
        check=_quota,
        summary="The stack at full scale stays within its quotas.",
        rationale="Autoscaling that meets a quota stops silently, when it is needed most.",
        remediation="Ask for the quota, or lower endpoint.scaling.max.",
        sources=("vendors' quota pages",),
        settings={
            "quotas": Setting(
                default={},
                schema={"type": "object", "additionalProperties": {"type": "number"}},
                says="How many instances of a type the account may have.",
            )
        },
        example_settings={"quotas": {"ml.g4dn.xlarge": 10}},
        good=_scaled(10),
        bad=_scaled(11),
        unknown=_scaled(UNKNOWN),
    ),
)
