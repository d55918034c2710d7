"""Monitors on Azure ML."""

from __future__ import annotations

import math

from mlplatform.spec import schedules
from mlplatform.spec.azure.baseline import baseline as compared_with
from mlplatform.spec.azure.model_quality import model_quality
from mlplatform.spec.azure.spark import spark_size
from mlplatform.spec.models.monitoring import MonitoringModel, MonitorModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan import AzureMonitor, AzureMonitoring
from mlplatform.spec.plan.azure import AzureMonitorKind
from mlplatform.spec.schedules import DAY_S
from mlplatform.spec.scope import Scope

_KINDS: tuple[AzureMonitorKind, ...] = (
    *("data_quality", "skew", "drift", "prediction_drift", "attribution"),
)
_SHARES = frozenset({"data_quality", "attribution"})
"""Rates of rows (NullValueRate and its like), and NormalizedDiscountedCumulativeGain."""
_WITH_BASELINE = frozenset({"data_quality", "skew", "attribution"})
_NOT_THERE = {
    "bias": "the workspace API has no signal for groups",
}


def monitoring(scope: Scope, workload: WorkloadModel) -> AzureMonitoring | None:
    """The monitors of a workload; ``None`` without any, or with a problem."""
    asked = workload.monitoring
    if asked is None:
        return None
    at = f"{scope.at}.monitoring"
    endpoint = workload.endpoint
    if endpoint is None:
        scope.findings.missing(f"{scope.at}.endpoint", "an endpoint to watch")
        return None
    if endpoint.capture is None:
        scope.findings.missing(
            f"{scope.endpoint}.capture", "requests that are kept, or there is nothing to watch"
        )
    for key, reason in _NOT_THERE.items():
        if getattr(asked, key) is not None:
            scope.gap(
                f"{at}.{key}",
                asked=key,
                given="the other monitors",
                reason=f"{reason}; a pipeline of your own can",
            )
    kinds: list[tuple[AzureMonitorKind, MonitorModel]] = [
        (kind, found) for kind in _KINDS if (found := getattr(asked, kind)) is not None
    ]
    monitors = [_monitor(kind, one, at, scope) for kind, one in kinds]
    _watched(scope, asked, at)
    wanted = any(kind in _WITH_BASELINE for kind, _ in kinds)
    baseline = compared_with(scope, asked, at) if wanted else None
    if any(kind == "attribution" for kind, _ in kinds) and asked.label is None:
        scope.findings.missing(f"{at}.label", "the column that the model predicts")
        return None
    if asked.azure is not None:
        spark_size(asked.azure.instance_type, f"{at}.azure.instance_type", scope.findings)
    quality = model_quality(scope, asked, at)
    if None in monitors or not (monitors or quality):
        return None
    return AzureMonitoring(
        variants=tuple(
            name for name, one in endpoint.variants.items() if one.shadow_percent is None
        ),
        monitors=tuple(one for one in monitors if one is not None),
        model_quality=quality,
        baseline=baseline,
        label=asked.label,
        emails=tuple(asked.alert_emails),
        instance_type=asked.azure.instance_type if asked.azure else "standard_e4s_v3",
    )


def _watched(scope: Scope, asked: MonitoringModel, at: str) -> None:
    """Settings without a monitor would do nothing, and nobody would hear of it."""
    every = (*_KINDS, "model_quality", *_NOT_THERE)
    if not any(getattr(asked, kind) is not None for kind in every):
        scope.findings.missing(at, f"what is watched, one at least of {', '.join(every)}")


def _monitor(
    kind: AzureMonitorKind, asked: MonitorModel, at: str, scope: Scope
) -> AzureMonitor | None:
    schedule = schedules.read(asked.schedule, f"{at}.{kind}.schedule", scope.findings)
    if schedule is None:
        return None
    if kind in ("prediction_drift", "attribution") and asked.thresholds:
        scope.gap(
            f"{at}.{kind}.thresholds",
            asked=f"thresholds for {', '.join(sorted(asked.thresholds))}",
            given="default_threshold, for all together",
            reason=f"Azure ML has one threshold for {kind.replace('_', ' ')}",
        )
    _limits(kind, asked, f"{at}.{kind}", scope)
    interval_s = schedule.interval_s or DAY_S
    return AzureMonitor(
        kind=kind,
        cron=schedule.text,
        window_days=max(1, -(-interval_s // DAY_S)),
        thresholds=dict(asked.thresholds),
        default_threshold=asked.default_threshold,
    )


def _limits(kind: AzureMonitorKind, asked: MonitorModel, at: str, scope: Scope) -> None:
    """Azure ML measures distances from 0 up; shares of rows and gains are at most 1."""
    most = 1.0 if kind in _SHARES else math.inf
    words = "allowed: 0 to 1" if kind in _SHARES else "allowed: 0 or more"
    for column, value in asked.thresholds.items():
        if not 0 <= value <= most:
            scope.findings.problem(f"{at}.thresholds.{column}", value, words)
    default = asked.default_threshold
    if default is not None and default > most:
        scope.findings.problem(f"{at}.default_threshold", default, "allowed: above 0, at most 1")
