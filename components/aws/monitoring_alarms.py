"""Alarms on what monitoring jobs find.

Two kinds: one for each threshold, on the metric that the job publishes; and one for each schedule,
on runs that end with violations. There is no metric for those, so an EventBridge rule counts them:
each match is a point of ``AWS/Events TriggeredRules``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

HOUR_S = 3600
NOT_A_VIOLATION = "notBreaching"
"""No point means that no job ran: that is no violation."""
RULE_NAME_MAX = 64


@dataclass(frozen=True, kw_only=True)
class AlarmArgs:
    """A threshold on one metric."""

    name: str
    """Unique among the monitor's alarms."""
    namespace: str
    metric: str
    threshold: float
    comparison: str
    """GreaterThanThreshold or LessThanThreshold."""
    absolute: bool = False
    """Compare the distance from zero, on either side."""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    """Beside the endpoint and the schedule."""


def metric_alarm(
    name: str,
    args: AlarmArgs,
    *,
    endpoint_name: str,
    schedule_name: str,
    topic_arn: pulumi.Input[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.MetricAlarm:
    """Alarm when one run's metric is on the wrong side of its threshold."""
    dimensions = {
        "Endpoint": endpoint_name,
        "MonitoringSchedule": schedule_name,
        **args.dimensions,
    }
    alarm_name = f"{schedule_name}-{args.name}"
    description = f"{args.metric} of endpoint {endpoint_name}, as monitored"
    if args.absolute:
        query = aws.cloudwatch.MetricAlarmMetricQueryArgs
        return aws.cloudwatch.MetricAlarm(
            name,
            name=alarm_name,
            alarm_description=description,
            comparison_operator=args.comparison,
            threshold=args.threshold,
            evaluation_periods=1,
            metric_queries=[
                query(
                    id="found",
                    metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                        namespace=args.namespace,
                        metric_name=args.metric,
                        dimensions=dimensions,
                        period=HOUR_S,
                        stat="Maximum",
                    ),
                ),
                query(id="distance", expression="ABS(found)", label=args.metric, return_data=True),
            ],
            treat_missing_data=NOT_A_VIOLATION,
            alarm_actions=[topic_arn],
            tags=dict(tags),
            opts=opts,
        )
    return aws.cloudwatch.MetricAlarm(
        name,
        name=alarm_name,
        alarm_description=description,
        namespace=args.namespace,
        metric_name=args.metric,
        dimensions=dimensions,
        comparison_operator=args.comparison,
        threshold=args.threshold,
        evaluation_periods=1,
        period=HOUR_S,
        statistic="Maximum" if args.comparison.startswith("Greater") else "Minimum",
        treat_missing_data=NOT_A_VIOLATION,
        alarm_actions=[topic_arn],
        tags=dict(tags),
        opts=opts,
    )


def violations(
    name: str,
    schedule_name: str,
    topic_arn: pulumi.Input[str],
    *,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.MetricAlarm:
    """Alarm when a run of the schedule ends with violations of any constraint."""
    rule_name = schedule_name[:RULE_NAME_MAX]
    rule = aws.cloudwatch.EventRule(
        f"{name}-violations",
        name=rule_name,
        description=f"Runs of {schedule_name} that end with violations",
        event_pattern=json.dumps(violation_pattern(schedule_name)),
        tags=dict(tags),
        opts=opts,
    )
    return aws.cloudwatch.MetricAlarm(
        f"{name}-violated",
        name=f"{schedule_name}-violated",
        alarm_description=f"A run of {schedule_name} ended with violations; see its report",
        namespace="AWS/Events",
        metric_name="TriggeredRules",
        dimensions={"RuleName": rule.name},
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        evaluation_periods=1,
        period=HOUR_S,
        statistic="Sum",
        treat_missing_data=NOT_A_VIOLATION,
        alarm_actions=[topic_arn],
        tags=dict(tags),
        opts=opts,
    )


def violation_pattern(schedule_name: str) -> dict[str, object]:
    """The processing jobs of one schedule whose exit message tells of violations.

    Source: SageMaker guide, "Events that SageMaker AI sends to EventBridge" (the event is the
    job's description) and "Container contract inputs" (what the schedule tells its jobs).
    """
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
        "detail": {
            "ProcessingJobStatus": ["Completed"],
            "ExitMessage": [{"prefix": "CompletedWithViolations"}],
            "Environment": {"sagemaker_monitoring_schedule_name": [schedule_name]},
        },
    }
