"""What AWS is to have of data, training and monitoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class AwsThroughput:
    """Provisioned capacity units of an online store."""

    read_units: int
    write_units: int


@dataclass(frozen=True, kw_only=True)
class AwsFeatureGroup:
    """A SageMaker feature group."""

    name: str
    """Unique in the workload."""
    record_id: str
    event_time: str
    columns: Mapping[str, str]
    """Name to Integral, Fractional or String."""
    description: str | None
    online: bool
    ttl_s: int | None
    storage: str
    offline: bool
    table_format: str
    throughput: AwsThroughput | None


@dataclass(frozen=True, kw_only=True)
class AwsAlarm:
    """A CloudWatch alarm on what a monitoring job publishes."""

    name: str
    """Unique among the monitor's alarms; part of the alarm's name."""
    namespace: str
    metric: str
    threshold: float
    comparison: str
    """CloudWatch's ComparisonOperator."""
    absolute: bool = False
    """Compare the distance from zero, on either side."""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    """Beside the endpoint and the schedule."""


@dataclass(frozen=True, kw_only=True)
class AwsMonitor:
    """One monitoring schedule and its job definition."""

    kind: str
    """MonitoringType: DataQuality, ModelQuality, ModelBias or ModelExplainability."""
    schedule: str
    """SageMaker's cron form."""
    interval_h: int
    """Hours that one run looks back over."""
    image_uri: str
    constraints: str | None = None
    """JSON text that the stack uploads."""
    constraints_uri: str | None = None
    """Made by the user's own baseline job, instead of ``constraints``."""
    statistics_uri: str | None = None
    analysis: str | None = None
    """JSON text of Clarify's analysis configuration; without the predictor."""
    problem_type: str | None = None
    ground_truth_uri: str | None = None
    inference_attribute: str | None = None
    alarms: tuple[AwsAlarm, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AwsMonitoring:
    """What is watched on one endpoint."""

    instance_type: str
    volume_gib: int
    max_run_s: int
    alert_emails: tuple[str, ...]
    monitors: tuple[AwsMonitor, ...]
