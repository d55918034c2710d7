"""Autoscaling of one variant or inference component.

Creates, for a component named ``NAME``:

=====================  =============================================  ==========================
child                  type                                           when
=====================  =============================================  ==========================
``NAME-scaling``       aws:appautoscaling/target:Target               always
``NAME-<target>``      aws:appautoscaling/policy:Policy               each target
``NAME-<metric>-out``  ...policy:Policy, ...metricAlarm:MetricAlarm   steps
``NAME-<metric>-in``   ...policy:Policy, ...metricAlarm:MetricAlarm   steps with ``into``
``NAME-<schedule>``    aws:appautoscaling/scheduledAction:...         each schedule
``NAME-from-zero``     ...policy:Policy, ...metricAlarm:MetricAlarm   ``from_zero``
=====================  =============================================  ==========================

A step policy does nothing by itself: an alarm of ours calls it. A tracking policy makes its own
alarms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.core.base import MlComponent

SERVICE = "sagemaker"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"
FROM_ZERO_COOLDOWN_S = 300
"""How long a first instance may take before the next one is asked for."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A CloudWatch metric with its dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    """Values may hold ``{endpoint}`` and ``{variant}``, which stand for the names."""
    statistic: Literal["Average", "Minimum", "Maximum", "SampleCount", "Sum"] = "Average"


@dataclass(frozen=True, kw_only=True)
class TrackingArgs:
    """Hold one metric at a value. ``name`` is a short one, part of the policy's name."""

    name: str
    value: float
    metric: str | Metric
    """A predefined metric of Application Auto Scaling, or one of CloudWatch."""

    def __post_init__(self) -> None:
        if not self.value > 0:
            raise ValueError(f"target {self.name}: got {self.value}, allowed: above 0")


@dataclass(frozen=True, kw_only=True)
class StepArgs:
    """From ``at`` on, change the count by ``by`` (1 or more)."""

    at: float
    by: int


@dataclass(frozen=True, kw_only=True)
class StepsArgs:
    """Larger steps the further a metric is away."""

    name: str
    metric: Metric
    out: Sequence[StepArgs]
    """Ascending ``at``: at that value and above, add."""
    into: Sequence[StepArgs] = ()
    """Descending ``at``: at that value and below, take away."""
    period_s: int = 60

    def __post_init__(self) -> None:
        out, into = [s.at for s in self.out], [s.at for s in self.into]
        ordered = out == sorted(set(out)) and into == sorted(set(into), reverse=True)
        if not out or not ordered or (into and into[0] >= out[0]):
            raise ValueError(
                f"steps {self.name}: got out at {out}, in at {into}; allowed: out ascending, "
                "in descending and below"
            )


@dataclass(frozen=True, kw_only=True)
class ScheduleArgs:
    """Bounds from a time on, in Application Auto Scaling's words and UTC."""

    name: str
    schedule: str
    min: int
    max: int


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """What holds for every variant of an endpoint."""

    targets: Sequence[TrackingArgs] = ()
    steps: StepsArgs | None = None
    schedules: Sequence[ScheduleArgs] = ()
    scale_in_cooldown_s: int = 300
    scale_out_cooldown_s: int = 60
    from_zero: Metric | None = None
    """Tells, with a value above 0, that requests wait and nothing runs."""

    def __post_init__(self) -> None:
        for name in ("scale_in_cooldown_s", "scale_out_cooldown_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: got {getattr(self, name)}, allowed: 0 or more")
        names = [target.name for target in self.targets]
        if len(names) != len(set(names)):
            raise ValueError(f"targets: got {names}, allowed: each name once")


class Scaling(MlComponent):
    """One scalable target with its policies and schedules."""

    kind = "aws:Scaling"

    def __init__(
        self,
        name: str,
        args: ScalingArgs,
        opts: pulumi.ResourceOptions,
        *,
        resource_id: str,
        dimension: str,
        names: Mapping[str, str],
        bounds: tuple[int, int],
        tags: Mapping[str, str],
        after: Sequence[pulumi.Resource],
    ) -> None:
        """
        Args:
            resource_id: of the target, a plain string. Not an output: those are absent when the
                endpoint failed, and a policy that lacks them would hide what really went wrong.
            names: what ``{endpoint}`` and ``{variant}`` stand for in dimensions of metrics.
            after: what is scaled.
        """
        super().__init__(name, opts)
        self._resource_id, self._dimension, self._tags = resource_id, dimension, dict(tags)
        self._names = dict(names)
        target = aws.appautoscaling.Target(
            self._child("scaling"),
            service_namespace=SERVICE,
            scalable_dimension=dimension,
            resource_id=resource_id,
            min_capacity=bounds[0],
            max_capacity=bounds[1],
            tags=self._tags,
            opts=self._opts(
                depends_on=after,
                # A schedule sets the bounds of the target itself, and should keep them.
                ignore_changes=["minCapacity", "maxCapacity"] if args.schedules else None,
            ),
        )
        for tracking in args.targets:
            self._track(target, tracking, args)
        if args.steps is not None:
            self._steps(target, args.steps, args)
        for schedule in args.schedules:
            self._schedule(target, schedule)
        if args.from_zero is not None:
            self._from_zero(target, args.from_zero)
        self.register_outputs({})

    def _track(
        self, target: aws.appautoscaling.Target, tracking: TrackingArgs, args: ScalingArgs
    ) -> None:
        given: aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgsDict = {
            "target_value": tracking.value,
            "scale_in_cooldown": args.scale_in_cooldown_s,
            "scale_out_cooldown": args.scale_out_cooldown_s,
        }
        if isinstance(tracking.metric, str):
            given["predefined_metric_specification"] = {"predefined_metric_type": tracking.metric}
        else:
            given["customized_metric_specification"] = {
                "namespace": tracking.metric.namespace,
                "metric_name": tracking.metric.name,
                "statistic": tracking.metric.statistic,
                "dimensions": [
                    {"name": name, "value": value}
                    for name, value in self._dimensions(tracking.metric).items()
                ],
            }
        aws.appautoscaling.Policy(
            self._child(tracking.name),
            policy_type="TargetTrackingScaling",
            service_namespace=SERVICE,
            scalable_dimension=self._dimension,
            resource_id=self._resource_id,
            target_tracking_scaling_policy_configuration=given,
            opts=self._opts(depends_on=[target]),
        )

    def _steps(
        self, target: aws.appautoscaling.Target, steps: StepsArgs, args: ScalingArgs
    ) -> None:
        for way, given, cooldown_s in (
            ("out", steps.out, args.scale_out_cooldown_s),
            ("in", steps.into, args.scale_in_cooldown_s),
        ):
            if not given:
                continue
            out = way == "out"
            policy = self._step_policy(
                target, f"{steps.name}-{way}", adjustments(given, out=out), cooldown_s
            )
            self._alarm(
                f"{steps.name}-{way}",
                steps.metric,
                threshold=given[0].at,
                above=out,
                period_s=steps.period_s,
                policy=policy,
            )

    def _from_zero(self, target: aws.appautoscaling.Target, metric: Metric) -> None:
        one = [
            aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs(
                metric_interval_lower_bound="0", scaling_adjustment=1
            )
        ]
        policy = self._step_policy(target, "from-zero", one, FROM_ZERO_COOLDOWN_S)
        self._alarm("from-zero", metric, threshold=1, above=True, period_s=60, policy=policy)

    def _step_policy(
        self,
        target: aws.appautoscaling.Target,
        name: str,
        steps: Sequence[aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs],
        cooldown_s: int,
    ) -> aws.appautoscaling.Policy:
        return aws.appautoscaling.Policy(
            self._child(name),
            policy_type="StepScaling",
            service_namespace=SERVICE,
            scalable_dimension=self._dimension,
            resource_id=self._resource_id,
            step_scaling_policy_configuration=(
                aws.appautoscaling.PolicyStepScalingPolicyConfigurationArgs(
                    adjustment_type="ChangeInCapacity",
                    metric_aggregation_type="Average",
                    cooldown=cooldown_s,
                    step_adjustments=steps,
                )
            ),
            opts=self._opts(depends_on=[target]),
        )

    def _alarm(
        self,
        name: str,
        metric: Metric,
        *,
        threshold: float,
        above: bool,
        period_s: int,
        policy: aws.appautoscaling.Policy,
    ) -> None:
        aws.cloudwatch.MetricAlarm(
            self._child(name, "alarm"),
            alarm_description=f"Scales {self._resource_id}",
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=self._dimensions(metric),
            statistic=metric.statistic,
            comparison_operator=(
                "GreaterThanOrEqualToThreshold" if above else "LessThanOrEqualToThreshold"
            ),
            threshold=threshold,
            period=period_s,
            evaluation_periods=2 if not above else 1,
            treat_missing_data="missing",
            alarm_actions=[policy.arn],
            tags=self._tags,
            opts=self._opts(),
        )

    def _dimensions(self, metric: Metric) -> dict[str, str]:
        found = dict(metric.dimensions)
        for name, value in self._names.items():
            found = {key: text.replace(f"{{{name}}}", value) for key, text in found.items()}
        return found

    def _schedule(self, target: aws.appautoscaling.Target, schedule: ScheduleArgs) -> None:
        aws.appautoscaling.ScheduledAction(
            self._child(schedule.name),
            service_namespace=SERVICE,
            scalable_dimension=self._dimension,
            resource_id=self._resource_id,
            schedule=schedule.schedule,
            timezone="UTC",
            scalable_target_action=aws.appautoscaling.ScheduledActionScalableTargetActionArgs(
                min_capacity=schedule.min, max_capacity=schedule.max
            ),
            opts=self._opts(depends_on=[target]),
        )


def adjustments(
    steps: Sequence[StepArgs], *, out: bool
) -> list[aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs]:
    """Steps as intervals from the alarm's threshold, which is the first step's value, without gaps
    or overlaps (Application Auto Scaling guide, "Step scaling policies").
    """
    first = steps[0].at
    found = []
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        near = _plain(step.at - first)
        far = None if following is None else _plain(following.at - first)
        found.append(
            aws.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustmentArgs(
                metric_interval_lower_bound=near if out else far,
                metric_interval_upper_bound=far if out else near,
                scaling_adjustment=step.by if out else -step.by,
            )
        )
    return found


def _plain(number: float) -> str:
    """Bounds of intervals are text, and 20.0 is 20 when it is read back."""
    return str(int(number)) if float(number).is_integer() else str(number)
