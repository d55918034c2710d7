"""A model as an inference component: copies that share the endpoint's instances; pure.

Sources: SageMaker guide, "Inference components", "Scale an endpoint to zero instances"; botocore
InferenceComponentComputeResourceRequirements.
"""

from __future__ import annotations

from mlplatform.catalog.machine import Machine
from mlplatform.spec.aws.scaling import INVOCATIONS
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.models.aws_serving import AwsEndpointModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.plan import AwsCopies, AwsMetric, AwsScaling, AwsTracking
from mlplatform.spec.scope import Scope

OF_COMPONENT = {"InferenceComponentName": "{component}"}


def copies(
    scope: Scope,
    settings: AwsModel,
    asked: EndpointModel,
    own: AwsEndpointModel,
    machine: Machine | None,
) -> AwsCopies | None:
    """The copies and their autoscaling; None where the model is the endpoint's own."""
    given = own.copies
    if given is None:
        return None
    at, findings = f"{scope.endpoint}.aws.copies", scope.findings
    refused = {
        "mode": asked.mode if asked.mode != "real_time" else None,
        "rollout": asked.rollout and asked.rollout.strategy,
        "scaling.schedules": sorted(asked.scaling.schedules) or None,
        "variants": sorted(asked.variants) if len(asked.variants) > 1 else None,
        "aws.target": True if own.target is not None else None,
        "aws.steps": True if own.steps is not None else None,
        "aws.multi_model": own.multi_model or None,
    }
    for key, value in refused.items():
        if value is not None:
            findings.problem(f"{scope.endpoint}.{key}", value, "not possible with aws.copies")
    if given.min > given.max:
        findings.problem(f"{at}.min", given.min, f"allowed: at most max, which is {given.max}")
    if machine is not None:
        _fits(scope, f"{at}.accelerators", given.accelerators, machine.accelerator_count, machine)
        if machine.cores is not None:
            _fits(scope, f"{at}.cpu_cores", given.cpu_cores, machine.cores, machine)
        if machine.accelerator_count and given.accelerators is None:
            findings.missing(f"{at}.accelerators", f"how many of a {machine.name} each copy takes")
    if settings.network is not None:
        scope.gap(
            at,
            asked="containers in the environment's network",
            given="containers in SageMaker's own network",
            reason="pulumi-aws has no VpcConfig on endpoint configurations",
        )
    return AwsCopies(
        min=given.min,
        max=given.max,
        memory_mib=given.memory_mib,
        cpu_cores=given.cpu_cores,
        accelerators=given.accelerators,
        scaling=AwsScaling(
            targets=(
                AwsTracking(
                    name="invocations",
                    value=given.invocations_per_copy_per_minute,
                    metric="SageMakerInferenceComponentInvocationsPerCopy",
                ),
            ),
            steps=None,
            schedules=(),
            scale_in_cooldown_s=asked.scaling.scale_in_cooldown_s,
            scale_out_cooldown_s=asked.scaling.scale_out_cooldown_s,
            from_zero=AwsMetric(
                namespace=INVOCATIONS,
                name="NoCapacityInvocationFailures",
                dimensions=OF_COMPONENT,
                statistic="Maximum",
            )
            if given.min == 0
            else None,
        ),
    )


def _fits(scope: Scope, at: str, asked: float | None, most: int, machine: Machine) -> None:
    if asked is not None and asked > most:
        scope.findings.problem(at, asked, f"allowed: at most {most}, as {machine.name} has")
