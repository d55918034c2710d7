"""Rules for log groups, alarms and model monitoring."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import machines
from mlplatform.contracts.aws.rules.reading import given, inner, known, number, text
from mlplatform.contracts.problem import Problem

# CloudWatch Logs API, PutRetentionPolicy, retentionInDays; 0 is the provider's "never expires".
_RETENTION_DAYS = frozenset(
    {0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557}
    | {2922, 3288, 3653}
)
_SHORT_PERIODS_S = (10, 20, 30)
# SageMaker API, ScheduleConfig: hourly, daily, or every N hours from an hour on; NOW runs once.
_SCHEDULE = re.compile(
    r"NOW|cron\(0 (\*|[0-9]|1[0-9]|2[0-3])(/([1-9]|1[0-9]|2[0-4]))? \? \* \* \*\)"
)


def log_group(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Logs are kept for one of the periods that the service offers."""
    days = number(inputs, "retentionInDays")
    if days is not None and days not in _RETENTION_DAYS:
        choices = [str(d) for d in sorted(_RETENTION_DAYS)]
        near = min(_RETENTION_DAYS - {0}, key=lambda d: abs(d - days))
        yield Problem(
            path="retentionInDays",
            got=days,
            message=f"allowed: {', '.join(choices)}; nearest: {near}",
            source="rule: CloudWatch Logs PutRetentionPolicy",
        )


def metric_alarm(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One metric or a list of queries, one statistic, a period that CloudWatch keeps."""
    if known(inputs, "metricName", "metricQueries", "evaluationCriteria"):
        ways = [
            n for n in ("metricName", "metricQueries", "evaluationCriteria") if given(inputs, n)
        ]
        if len(ways) != 1:
            yield Problem(
                path="metricName",
                got=" and ".join(ways) or None,
                message="allowed: exactly one of metricName, metricQueries, evaluationCriteria",
                source="rule: CloudWatch PutMetricAlarm",
            )
    if given(inputs, "statistic") and given(inputs, "extendedStatistic"):
        yield Problem(
            path="extendedStatistic",
            got="both",
            message="allowed: one of statistic, extendedStatistic",
            source="rule: CloudWatch PutMetricAlarm",
        )
    period = number(inputs, "period")
    if period is not None and period not in _SHORT_PERIODS_S and (period <= 0 or period % 60):
        yield Problem(
            path="period",
            got=period,
            message="allowed: 10, 20, 30 or a multiple of 60 seconds",
            source="rule: CloudWatch PutMetricAlarm, Period",
        )


def schedule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A monitoring schedule runs hourly, daily or every N hours, and has one job definition."""
    config = inner(inputs, "monitoringScheduleConfig")
    expression = text(inner(config, "scheduleConfig"), "scheduleExpression")
    if expression is not None and not _SCHEDULE.fullmatch(expression):
        yield Problem(
            path="monitoringScheduleConfig.scheduleConfig.scheduleExpression",
            got=expression,
            message="allowed: NOW, cron(0 * ? * * *), cron(0 <hour> ? * * *) or "
            "cron(0 <hour>/<hours> ? * * *)",
            source="rule: SageMaker ScheduleConfig, ScheduleExpression",
        )
    ways = ("monitoringJobDefinition", "monitoringJobDefinitionName")
    if config and known(config, *ways) and sum(given(config, way) for way in ways) != 1:
        yield Problem(
            path="monitoringScheduleConfig",
            got="both" if given(config, ways[0]) else None,
            message=f"allowed: exactly one of {ways[0]}, {ways[1]}",
            source="rule: SageMaker MonitoringScheduleConfig",
        )


def data_quality(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One input, and a machine that exists."""
    yield from _definition(inputs, "dataQuality")


def model_quality(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """As every definition; the container is told what the model predicts."""
    yield from _definition(inputs, "modelQuality")
    app = inner(inputs, "modelQualityAppSpecification")
    if app and known(app, "problemType") and not given(app, "problemType"):
        yield Problem(
            path="modelQualityAppSpecification.problemType",
            got=None,
            message="missing; allowed: BinaryClassification, MulticlassClassification, Regression",
            source="rule: Model Monitor guide, Schedule model quality monitoring jobs",
        )
    source = inner(inner(inputs, "modelQualityJobInput"), "endpointInput")
    ways = ("inferenceAttribute", "probabilityAttribute")
    if source and known(source, *ways) and not any(given(source, way) for way in ways):
        yield Problem(
            path="modelQualityJobInput.endpointInput.inferenceAttribute",
            got=None,
            message="missing; allowed: where in the answer the prediction stands, by "
            "inferenceAttribute or probabilityAttribute",
            source="rule: Model Monitor guide, Schedule model quality monitoring jobs",
        )


def model_bias(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """As every definition."""
    yield from _definition(inputs, "modelBias")


def model_explainability(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """As every definition."""
    yield from _definition(inputs, "modelExplainability")


def event_rule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A rule has a pattern, which is a JSON object, or a schedule."""
    ways = ("eventPattern", "scheduleExpression")
    if known(inputs, *ways) and not any(given(inputs, way) for way in ways):
        yield Problem(
            path="eventPattern",
            got=None,
            message="missing; allowed: eventPattern, scheduleExpression or both",
            source="rule: EventBridge PutRule",
        )
    pattern = text(inputs, "eventPattern")
    if pattern is not None and not _is_object(pattern):
        yield Problem(
            path="eventPattern",
            got=pattern,
            message="allowed: a JSON object",
            source="rule: EventBridge guide, Event patterns",
        )


def _is_object(document: str) -> bool:
    try:
        return isinstance(json.loads(document), dict)
    except ValueError:
        return False


def _definition(inputs: Mapping[str, Any], kind: str) -> Iterator[Problem]:
    """What all four kinds of job definitions hold to."""
    place, noun = f"{kind}JobInput", f"{kind[0].upper()}{kind[1:]}JobInput"
    source = inner(inputs, place)
    ways = ("endpointInput", "batchTransformInput")
    if source and known(source, *ways) and sum(given(source, way) for way in ways) != 1:
        got = "both" if given(source, ways[0]) else None
        message = f"allowed: exactly one of {ways[0]}, {ways[1]}"
        yield Problem(path=place, got=got, message=message, source=f"rule: SageMaker {noun}")
    for way in ways:
        path = text(inner(source, way), "localPath")
        if path is not None and not path.startswith("/opt/ml/processing/"):
            yield Problem(
                path=f"{place}.{way}.localPath",
                got=path,
                message="allowed: a path below /opt/ml/processing/",
                source="rule: Model Monitor guide, Container contract inputs",
            )
    cluster = inner(inner(inputs, "jobResources"), "clusterConfig")
    instance_type = text(cluster, "instanceType")
    if instance_type is not None:
        yield from machines.retired("jobResources.clusterConfig.instanceType", instance_type)
    count = number(cluster, "instanceCount")
    if kind == "modelQuality" and count is not None and count != 1:
        yield Problem(
            path="jobResources.clusterConfig.instanceCount",
            got=count,
            message="allowed: 1, as Model Monitor runs on one instance",
            source="rule: SageMaker MonitoringClusterConfig, InstanceCount",
        )
