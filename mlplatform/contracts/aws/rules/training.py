"""Rules for training jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import grammar, machines
from mlplatform.contracts.aws.rules.reading import given, inner, number, text
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown


def training_job(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Machines exist, spot jobs may wait at least as long as they run, images come from ECR."""
    resources = inner(inputs, "resourceConfig")
    instance_type, key = text(resources, "instanceType"), resources.get("volumeKmsKeyId")
    if instance_type is not None:
        yield from machines.retired("resourceConfig.instanceType", instance_type)
        if key:
            shown = "(not known yet)" if is_unknown(key) else key
            yield from machines.no_volume_key(
                "resourceConfig.volumeKmsKeyId", shown, instance_type, "SageMaker ResourceConfig"
            )
    stopping = inner(inputs, "stoppingCondition")
    runtime, wait = (
        number(stopping, "maxRuntimeInSeconds"),
        number(stopping, "maxWaitTimeInSeconds"),
    )
    if inputs.get("enableManagedSpotTraining") is True and not given(
        stopping, "maxWaitTimeInSeconds"
    ):
        yield Problem(
            path="stoppingCondition.maxWaitTimeInSeconds",
            got=None,
            message="missing; allowed: at least maxRuntimeInSeconds, as spot training needs it",
            source="rule: SageMaker StoppingCondition, MaxWaitTimeInSeconds",
        )
    if runtime is not None and wait is not None and wait < runtime:
        yield Problem(
            path="stoppingCondition.maxWaitTimeInSeconds",
            got=wait,
            message=f"allowed: at least maxRuntimeInSeconds, which is {runtime:g}",
            source="rule: SageMaker StoppingCondition, MaxWaitTimeInSeconds",
        )
    algorithm = inner(inputs, "algorithmSpecification")
    image = text(algorithm, "trainingImage")
    mode = inner(algorithm, "trainingImageConfig").get("trainingRepositoryAccessMode")
    message = grammar.image_uri(image) if image and mode in (None, "", "Platform") else None
    if message:
        yield Problem(
            path="algorithmSpecification.trainingImage",
            got=image,
            message=message,
            source="rule: ECR image address",
        )
