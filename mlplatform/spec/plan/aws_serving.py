"""What AWS is to have of endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlplatform.spec.plan.common import Artifact

Statistic = Literal["Average", "Minimum", "Maximum", "SampleCount", "Sum"]


@dataclass(frozen=True, kw_only=True)
class AwsVariant:
    """One production variant, scaled on its own."""

    name: str
    weight: float
    """Percent of the traffic; of a shadow, percent of the requests that it gets a copy of."""
    min_instances: int
    max_instances: int
    artifact: Artifact
    image_uri: str
    container_environment: Mapping[str, str] = field(default_factory=dict)
    shadow: bool = False


@dataclass(frozen=True, kw_only=True)
class AwsMetric:
    """A metric of CloudWatch; ``{endpoint}`` and ``{variant}`` in dimensions stand for names."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: Statistic = "Average"


@dataclass(frozen=True, kw_only=True)
class AwsTracking:
    """One metric that autoscaling holds at a value."""

    name: str
    value: float
    metric: str | AwsMetric
    """A predefined metric of Application Auto Scaling, or one of CloudWatch."""


@dataclass(frozen=True, kw_only=True)
class AwsSteps:
    """(value, change) by distance; ``out`` ascends, ``into`` descends."""

    name: str
    metric: AwsMetric
    out: tuple[tuple[float, int], ...]
    into: tuple[tuple[float, int], ...]


@dataclass(frozen=True, kw_only=True)
class AwsSchedule:
    """Bounds from a time on; ``expression`` in EventBridge's words, UTC."""

    name: str
    expression: str
    min: int
    max: int


@dataclass(frozen=True, kw_only=True)
class AwsScaling:
    """What holds for every variant."""

    targets: tuple[AwsTracking, ...]
    steps: AwsSteps | None
    schedules: tuple[AwsSchedule, ...]
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int
    from_zero: AwsMetric | None = None
    """Above 0 when requests wait and nothing runs; for what scales to zero."""


@dataclass(frozen=True, kw_only=True)
class AwsCapture:
    """Requests and answers that are kept."""

    sampling_percent: float
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class AwsRollout:
    """How a new version takes over."""

    strategy: Literal["all_at_once", "canary", "linear"]
    step_percent: int
    wait_s: int
    error_percent: float | None
    latency_ms: float | None


@dataclass(frozen=True, kw_only=True)
class AwsServerless:
    """Containers by the request."""

    memory_mib: int
    max_concurrency: int
    provisioned_concurrency: int


@dataclass(frozen=True, kw_only=True)
class AwsAsynchronous:
    """Requests wait in a queue."""

    max_concurrent_per_instance: int | None
    notify: bool
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class AwsCopies:
    """The model as an inference component."""

    min: int
    max: int
    memory_mib: int
    cpu_cores: float | None
    accelerators: int | None
    scaling: AwsScaling


@dataclass(frozen=True, kw_only=True)
class AwsEndpoint:
    """A SageMaker endpoint."""

    instance_type: str | None
    """None for a serverless one."""
    variants: tuple[AwsVariant, ...]
    scaling: AwsScaling | None
    """None keeps the counts where they are."""
    serverless: AwsServerless | None = None
    asynchronous: AwsAsynchronous | None = None
    capture: AwsCapture | None = None
    rollout: AwsRollout | None = None
    copies: AwsCopies | None = None
    multi_model: bool = False
    invoked_by: tuple[str, ...] = ()
    """Names of roles."""

    def most_instances(self, variant: AwsVariant) -> int:
        """How many instances one variant may come to have, schedules considered."""
        if self.copies is not None:
            return variant.max_instances
        if self.scaling is None or variant.shadow:
            return max(1, variant.min_instances)
        scheduled = [schedule.max for schedule in self.scaling.schedules]
        return max(variant.max_instances, *scheduled, 1)
