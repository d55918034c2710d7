"""Autoscaling of one deployment: step rules around a target, and other bounds at other times.

Pure: arguments in, profiles out. Azure Monitor has step rules, no target tracking; the profile
without a recurrence holds until a scheduled one begins, and a scheduled one until the next
(learn.microsoft.com, "Autoscale with multiple profiles").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_azure_native import monitor

METRICS = {"cpu_percent": "CpuUtilizationPercentage", "gpu_percent": "GpuUtilizationPercentage"}
"""Azure Monitor metrics of a deployment, in percent (learn.microsoft.com, Monitor online
endpoints)."""
SCALE_IN_AT = 0.5
"""Scale in below half of the target: one instance fewer must not bring the rest above it again
(learn.microsoft.com, Best practices for autoscale: flapping)."""
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
PROFILES_MOST = 20
"""Profiles of one setting (learn.microsoft.com, REST reference AutoscaleSettings)."""


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """Step scaling around a target, the same for every variant."""

    metric: Literal["cpu_percent", "gpu_percent"]
    target_percent: float
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int
    """Whole minutes, as Azure Monitor counts them."""
    schedules: Sequence[ScheduledBoundsArgs] = ()

    def __post_init__(self) -> None:
        if not 0 < self.target_percent <= 100:
            raise ValueError(f"target_percent: got {self.target_percent}, allowed: above 0, to 100")
        for name in ("scale_in_cooldown_s", "scale_out_cooldown_s"):
            value = getattr(self, name)
            if value < 60 or value % 60:
                raise ValueError(f"{name}: got {value}, allowed: whole minutes, at least 60")
        if len(self.schedules) >= PROFILES_MOST:
            raise ValueError(
                f"schedules: got {len(self.schedules)}, allowed: fewer than {PROFILES_MOST}"
            )


@dataclass(frozen=True, kw_only=True)
class ScheduledBoundsArgs:
    """Bounds from a time on; UTC."""

    name: str
    weekdays: Sequence[int]
    """Sunday is 0."""
    hour: int
    minute: int
    min_instances: int
    max_instances: int

    def __post_init__(self) -> None:
        if not 1 <= self.min_instances <= self.max_instances:
            raise ValueError(
                f"schedule {self.name}: need 1 <= min_instances <= max_instances, got "
                f"{self.min_instances}..{self.max_instances}"
            )


def widest(scaling: ScalingArgs, low: int, high: int) -> tuple[int, int]:
    """The bounds that hold at some time: a count inside them is nobody's mistake."""
    lows = [low, *(one.min_instances for one in scaling.schedules)]
    highs = [high, *(one.max_instances for one in scaling.schedules)]
    return min(lows), max(highs)


def profiles(
    deployment_id: pulumi.Input[str], scaling: ScalingArgs, low: int, high: int
) -> list[monitor.AutoscaleProfileArgs]:
    """The bounds without a time, and each schedule's; all with the same rules."""
    rules = scale_rules(deployment_id, scaling)
    return [
        monitor.AutoscaleProfileArgs(name="default", capacity=_capacity(low, high), rules=rules),
        *(
            monitor.AutoscaleProfileArgs(
                name=one.name,
                capacity=_capacity(one.min_instances, one.max_instances),
                rules=rules,
                recurrence=monitor.RecurrenceArgs(
                    frequency=monitor.RecurrenceFrequency.WEEK,
                    schedule=monitor.RecurrentScheduleArgs(
                        time_zone="UTC",
                        days=[DAYS[day] for day in one.weekdays],
                        hours=[one.hour],
                        minutes=[one.minute],
                    ),
                ),
            )
            for one in scaling.schedules
        ),
    ]


def scale_rules(
    deployment_id: pulumi.Input[str], scaling: ScalingArgs
) -> list[monitor.ScaleRuleArgs]:
    """One instance more above the target, one fewer below half of it."""

    def rule(
        operator: monitor.ComparisonOperationType,
        threshold: float,
        direction: monitor.ScaleDirection,
        cooldown_s: int,
    ) -> monitor.ScaleRuleArgs:
        return monitor.ScaleRuleArgs(
            metric_trigger=monitor.MetricTriggerArgs(
                metric_name=METRICS[scaling.metric],
                metric_resource_uri=deployment_id,
                operator=operator,
                statistic=monitor.MetricStatisticType.AVERAGE,
                threshold=threshold,
                time_aggregation=monitor.TimeAggregationType.AVERAGE,
                time_grain="PT1M",
                time_window="PT5M",
            ),
            scale_action=monitor.ScaleActionArgs(
                cooldown=f"PT{cooldown_s // 60}M",
                direction=direction,
                type=monitor.ScaleType.CHANGE_COUNT,
                value="1",
            ),
        )

    return [
        rule(
            monitor.ComparisonOperationType.GREATER_THAN,
            scaling.target_percent,
            monitor.ScaleDirection.INCREASE,
            scaling.scale_out_cooldown_s,
        ),
        rule(
            monitor.ComparisonOperationType.LESS_THAN,
            scaling.target_percent * SCALE_IN_AT,
            monitor.ScaleDirection.DECREASE,
            scaling.scale_in_cooldown_s,
        ),
    ]


def _capacity(low: int, high: int) -> monitor.ScaleCapacityArgs:
    return monitor.ScaleCapacityArgs(minimum=str(low), maximum=str(high), default=str(low))
