"""How an update of an endpoint shifts the traffic, and the alarms that take it back; pure.

Sources: botocore sagemaker DeploymentConfig; SageMaker guide, "Blue/Green Deployments" and
"Auto-Rollback Configuration and Monitoring"; metrics: "Endpoint invocation metrics".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.serving import RolloutArgs

SHORTEST_S, LONGEST_S = 600, 28800
"""MaximumExecutionTimeoutInSeconds."""
START_S = 3600
"""What new instances may take to come up, beside the time that is waited on purpose."""
_PERIOD_S = 60
_US_PER_MS = 1000


def steps(rollout: RolloutArgs) -> int:
    """How many times the traffic shifts."""
    if rollout.strategy == "linear":
        return -(-100 // rollout.step_percent)
    return 2 if rollout.strategy == "canary" else 1


def longest_s(rollout: RolloutArgs) -> int:
    """What an update and the way back may take, in seconds."""
    return 2 * _execution_s(rollout)


def deployment_config(
    rollout: RolloutArgs, alarm_names: Sequence[pulumi.Input[str]]
) -> dict[str, Any]:
    """``deploymentConfig`` of the endpoint."""
    percent = {"type": "CAPACITY_PERCENT", "value": rollout.step_percent}
    shift: dict[str, Any] = {
        "type": rollout.strategy.upper(),
        "waitIntervalInSeconds": rollout.wait_s,
    }
    if rollout.strategy == "canary":
        shift["canarySize"] = percent
    elif rollout.strategy == "linear":
        shift["linearStepSize"] = percent
    made: dict[str, Any] = {
        "blueGreenUpdatePolicy": {
            "trafficRoutingConfiguration": shift,
            "maximumExecutionTimeoutInSeconds": _execution_s(rollout),
        }
    }
    if alarm_names:
        made["autoRollbackConfiguration"] = {
            "alarms": [{"alarmName": name} for name in alarm_names]
        }
    return made


def alarms(
    rollout: RolloutArgs, endpoint: str, variant: str, tags: Mapping[str, str]
) -> dict[str, aws.cloudwatch.MetricAlarmArgs]:
    """Suffix to alarm of one variant. No requests are no reason to go back."""
    dimensions = {"EndpointName": endpoint, "VariantName": variant}
    found: dict[str, aws.cloudwatch.MetricAlarmArgs] = {}
    if rollout.error_percent is not None:
        counts = {"errors": "Invocation5XXErrors", "requests": "Invocations"}
        share = aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id="share",
            expression="IF(requests > 0, 100 * errors / requests, 0)",
            label="Requests answered with an error, percent",
            return_data=True,
        )
        found["errors"] = aws.cloudwatch.MetricAlarmArgs(
            alarm_description=f"Takes an update of {endpoint} back",
            comparison_operator="GreaterThanThreshold",
            threshold=rollout.error_percent,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            tags=tags,
            metric_queries=[
                share,
                *(
                    aws.cloudwatch.MetricAlarmMetricQueryArgs(
                        id=name,
                        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                            namespace="AWS/SageMaker",
                            metric_name=metric,
                            dimensions=dimensions,
                            period=_PERIOD_S,
                            stat="Sum",
                        ),
                        return_data=False,
                    )
                    for name, metric in counts.items()
                ),
            ],
        )
    if rollout.latency_ms is not None:
        found["latency"] = aws.cloudwatch.MetricAlarmArgs(
            alarm_description=f"Takes an update of {endpoint} back",
            namespace="AWS/SageMaker",
            metric_name="ModelLatency",
            dimensions=dimensions,
            statistic="Average",
            period=_PERIOD_S,
            comparison_operator="GreaterThanThreshold",
            # The metric is in microseconds.
            threshold=rollout.latency_ms * _US_PER_MS,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            tags=tags,
        )
    return found


def _execution_s(rollout: RolloutArgs) -> int:
    return min(LONGEST_S, max(SHORTEST_S, START_S + steps(rollout) * rollout.wait_s))
