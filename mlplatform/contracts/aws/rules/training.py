"""Rules for training jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import grammar, machines
from mlplatform.contracts.aws.rules.reading import given, inner, number, text
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

# EventBridge Scheduler guide, "Schedule types": six fields, one of the two days a question mark.
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_RATE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")
_AT = re.compile(r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)")


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


def tuning_job(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """As a training job; jobs at a time are no more than jobs in all, and something is searched."""
    config = inner(inputs, "hyperParameterTuningJobConfig") or inner(inputs, "config")
    at = (
        "hyperParameterTuningJobConfig"
        if inner(inputs, "hyperParameterTuningJobConfig")
        else "config"
    )
    limits = inner(config, "resourceLimits")
    most, parallel = (
        number(limits, "maxNumberOfTrainingJobs"),
        number(limits, "maxParallelTrainingJobs"),
    )
    if most is not None and parallel is not None and parallel > most:
        yield Problem(
            path=f"{at}.resourceLimits.maxParallelTrainingJobs",
            got=parallel,
            message=f"allowed: at most maxNumberOfTrainingJobs, which is {most:g}",
            source="rule: SageMaker ResourceLimits",
        )
    definition = inner(inputs, "trainingJobDefinition")
    for problem in (*training_job(definition), *spot(definition)):
        path = f"trainingJobDefinition.{problem.path}"
        yield Problem(path=path, got=problem.got, message=problem.message, source=problem.source)


def schedule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An expression that EventBridge Scheduler reads."""
    expression = text(inputs, "scheduleExpression")
    if expression is None or _RATE.fullmatch(expression) or _AT.fullmatch(expression):
        return
    found = _CRON.fullmatch(expression)
    if found is None or (found[3] == "?") == (found[5] == "?"):
        yield Problem(
            path="scheduleExpression",
            got=expression,
            message="allowed: cron(<minute> <hour> <day of month> <month> <day of week> <year>) "
            "with a ? for one of the days, rate(<number> <unit>) or at(<time>)",
            source="rule: EventBridge Scheduler guide, Schedule types",
        )
    window = inner(inputs, "flexibleTimeWindow")
    if text(window, "mode") == "FLEXIBLE" and not given(window, "maximumWindowInMinutes"):
        yield Problem(
            path="flexibleTimeWindow.maximumWindowInMinutes",
            got=None,
            message="missing; allowed: 1 to 1440, as mode FLEXIBLE needs it",
            source="rule: EventBridge Scheduler FlexibleTimeWindow",
        )


def spot(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Spot capacity is taken away: work is kept, and nothing is kept warm.

    For the platform's own jobs. The ordinary provider documents an example that does neither, so
    that what SageMaker makes of it is not known.
    """
    if inputs.get("enableManagedSpotTraining") is not True:
        return
    resources = inner(inputs, "resourceConfig")
    if "checkpointConfig" not in inputs or inputs["checkpointConfig"] in (None, {}):
        yield Problem(
            path="checkpointConfig",
            got=None,
            message="missing; allowed: s3Uri, so that an interrupted spot run goes on",
            source="rule: SageMaker guide, Managed spot training",
        )
    warm = number(resources, "keepAlivePeriodInSeconds")
    if warm:
        yield Problem(
            path="resourceConfig.keepAlivePeriodInSeconds",
            got=warm,
            message="allowed: nothing, as spot instances cannot be kept warm",
            source="rule: SageMaker guide, Managed warm pools",
        )
