"""What autoscaling of a SageMaker endpoint holds, and when; pure.

Sources: SageMaker guide, "Endpoint instance metrics" (CPUUtilization and GPUUtilization add up the
cores or GPUs of an instance, so that four cores go to 400 %), "Endpoint invocation metrics",
"Autoscale an asynchronous endpoint", "Automatically scale Provisioned Concurrency".
"""

from __future__ import annotations

from collections.abc import Callable

from mlplatform.catalog.machine import Machine
from mlplatform.spec import schedules
from mlplatform.spec.models.aws_serving import AwsEndpointModel, AwsStepsModel, AwsTargetModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.plan import AwsMetric, AwsScaling, AwsSchedule, AwsSteps, AwsTracking
from mlplatform.spec.scope import Scope

OF_VARIANT = {"EndpointName": "{endpoint}", "VariantName": "{variant}"}
OF_ENDPOINT = {"EndpointName": "{endpoint}"}
INSTANCES = "/aws/sagemaker/Endpoints"
INVOCATIONS = "AWS/SageMaker"
US_PER_MS = 1000
NEEDED = "a target for SageMaker, such as target.invocations_per_instance_per_minute"
_MODES = {
    "backlog_per_instance": ("asynchronous",),
    "provisioned_concurrency_percent": ("serverless",),
    "invocations_per_instance_per_minute": ("real_time", "asynchronous"),
    "cpu_percent": ("real_time", "asynchronous"),
    "gpu_percent": ("real_time", "asynchronous"),
    "custom": ("real_time", "asynchronous"),
}


def scaling(
    scope: Scope, asked: EndpointModel, own: AwsEndpointModel, machine: Machine | None
) -> AwsScaling | None:
    """Autoscaling of every variant; None where the bounds leave nothing to it."""
    at = f"{scope.endpoint}.aws"
    targets = _targets(scope, asked.mode, own.target, machine) if own.target else ()
    steps = _steps(scope, asked.mode, own.steps, machine) if own.steps else None
    bounds = [
        asked.scaling,
        *(v.scaling for v in asked.variants.values() if v.scaling and v.shadow_percent is None),
    ]
    moves = any(bound.min < bound.max for bound in bounds)
    serverless = asked.mode == "serverless"
    if moves and not (targets or steps or asked.scaling.schedules or serverless):
        scope.findings.missing(f"{at}.target", NEEDED)
    if not (targets or steps or asked.scaling.schedules):
        return None
    if serverless and asked.scaling.min < 1:
        scope.findings.problem(
            f"{scope.endpoint}.scaling.min",
            asked.scaling.min,
            "allowed where kept-warm concurrency is scaled: 1 or more",
        )
    return AwsScaling(
        targets=targets,
        steps=steps,
        schedules=_schedules(asked),
        scale_in_cooldown_s=asked.scaling.scale_in_cooldown_s,
        scale_out_cooldown_s=asked.scaling.scale_out_cooldown_s,
        from_zero=AwsMetric(
            namespace=INVOCATIONS, name="HasBacklogWithoutCapacity", dimensions=OF_ENDPOINT
        )
        if asked.mode == "asynchronous" and any(bound.min == 0 for bound in bounds)
        else None,
    )


def _targets(
    scope: Scope, mode: str, target: AwsTargetModel, machine: Machine | None
) -> tuple[AwsTracking, ...]:
    at = f"{scope.endpoint}.aws.target"
    given = {name: getattr(target, name) for name in _MODES if getattr(target, name) is not None}
    if not given:
        scope.findings.missing(at, f"one of {', '.join(_MODES)}")
    for name, value in given.items():
        if mode not in _MODES[name]:
            scope.findings.problem(
                f"{at}.{name}", value, f"allowed with mode {' or '.join(_MODES[name])}"
            )
    found: list[AwsTracking] = []
    predefined = {
        "invocations_per_instance_per_minute": (
            "invocations",
            "SageMakerVariantInvocationsPerInstance",
            1.0,
        ),
        "provisioned_concurrency_percent": (
            "concurrency",
            "SageMakerVariantProvisionedConcurrencyUtilization",
            # The metric is a share of 1 (SageMaker guide, the sections named above).
            0.01,
        ),
    }
    for key, (name, metric, unit) in predefined.items():
        if key in given:
            found.append(AwsTracking(name=name, value=given[key] * unit, metric=metric))
    for key, name in (("cpu_percent", "cpu"), ("gpu_percent", "gpu")):
        if key in given:
            use = _use(scope, f"{at}.{key}", key, machine)
            if use is not None:
                metric_, parts = use
                found.append(AwsTracking(name=name, value=given[key] * parts, metric=metric_))
    if target.backlog_per_instance is not None:
        backlog = AwsMetric(
            namespace=INVOCATIONS, name="ApproximateBacklogSizePerInstance", dimensions=OF_ENDPOINT
        )
        found.append(AwsTracking(name="backlog", value=target.backlog_per_instance, metric=backlog))
    if target.custom is not None:
        own = target.custom
        metric_ = AwsMetric(
            namespace=own.namespace,
            name=own.metric,
            dimensions=own.dimensions,
            statistic=own.statistic,
        )
        found.append(AwsTracking(name="custom", value=own.value, metric=metric_))
    return tuple(found)


def _use(scope: Scope, at: str, key: str, machine: Machine | None) -> tuple[AwsMetric, int] | None:
    """The metric of a machine's cores or GPUs, and how many of them it adds up."""
    if machine is None:
        return None
    parts = machine.cores if key == "cpu_percent" else machine.accelerator_count
    if not parts:
        allowed = "a type with GPUs" if key == "gpu_percent" else "a type whose cores are known"
        scope.findings.problem(at, machine.name, f"allowed: {allowed}, or another target")
        return None
    name = "CPUUtilization" if key == "cpu_percent" else "GPUUtilization"
    return AwsMetric(namespace=INSTANCES, name=name, dimensions=OF_VARIANT), parts


def _steps(
    scope: Scope, mode: str, steps: AwsStepsModel, machine: Machine | None
) -> AwsSteps | None:
    at = f"{scope.endpoint}.aws.steps"
    if mode == "serverless":
        scope.findings.problem(at, mode, "allowed with mode real_time or asynchronous")
        return None
    if steps.metric == "latency_ms":
        metric = AwsMetric(namespace=INVOCATIONS, name="ModelLatency", dimensions=OF_VARIANT)
        unit = US_PER_MS
    else:
        use = _use(scope, f"{at}.metric", steps.metric, machine)
        if use is None:
            return None
        metric, unit = use
    out = [step.at for step in steps.out]
    into = [step.at for step in steps.in_]
    _ordered(scope, f"{at}.out", out, "ascending", sorted)
    _ordered(scope, f"{at}.in", into, "descending", lambda v: sorted(v, reverse=True))
    if into and max(into) >= min(out):
        scope.findings.problem(f"{at}.in", max(into), f"allowed: below {min(out):g}, where out is")
    name = {"cpu_percent": "cpu", "gpu_percent": "gpu"}.get(steps.metric, "latency")
    return AwsSteps(
        name=f"{name}-steps",
        metric=metric,
        out=tuple((step.at * unit, step.add) for step in steps.out),
        into=tuple((step.at * unit, step.remove) for step in steps.in_),
    )


def _ordered(
    scope: Scope,
    at: str,
    values: list[float],
    words: str,
    order: Callable[[set[float]], list[float]],
) -> None:
    if values != order(set(values)):
        scope.findings.problem(at, values, f"allowed: {words} values, each once")


def _schedules(asked: EndpointModel) -> tuple[AwsSchedule, ...]:
    found = []
    for name, scheduled in asked.scaling.schedules.items():
        try:
            expression = schedules.parse(scheduled.cron).eventbridge
        except ValueError:
            continue  # said for every cloud already
        found.append(
            AwsSchedule(name=name, expression=expression, min=scheduled.min, max=scheduled.max)
        )
    return tuple(found)
