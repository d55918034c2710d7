"""Model monitoring version 1: skew and drift of an endpoint's requests, and what has to give."""

from __future__ import annotations

from mlplatform.spec import schedules
from mlplatform.spec.gcp.baseline import baseline, check_distances, check_thresholds
from mlplatform.spec.models.gcp import GcpMonitoringModel
from mlplatform.spec.models.monitoring import MonitoringModel, MonitorModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan.common import Artifact
from mlplatform.spec.plan.gcp_data import GcpMonitoring, GcpThresholds
from mlplatform.spec.scope import Scope

DEFAULT_THRESHOLD = 0.3
"""Vertex AI's own, for columns of a monitor that names none ("Set up model monitoring")."""
_HOUR_S = 3600
_DEFAULTS = GcpMonitoringModel.model_validate({})
_NOT_THERE = {
    "data_quality": "model monitoring looks at distributions, which skew covers",
    "prediction_drift": "a deployment monitoring job watches inputs only; gcp.version: 2 has it",
    "model_quality": "a deployment monitoring job knows no ground truth",
    "bias": "a deployment monitoring job compares no groups",
    "attribution": "it needs a model with an explanation, which prebuilt containers have not",
}
"""What a deployment monitoring job lacks (aiplatform ModelMonitoringObjectiveConfig)."""


def monitoring(scope: Scope, workload: WorkloadModel) -> GcpMonitoring | None:
    """What is watched; ``None`` where version 2 is asked for, or with a problem, or a gap, when
    nothing can be.
    """
    asked = workload.monitoring
    if asked is None or (asked.gcp is not None and asked.gcp.version != 1):
        return None
    at = f"{scope.at}.monitoring"
    if workload.endpoint is None:
        scope.findings.missing(f"{scope.at}.endpoint", "an endpoint to watch")
        return None
    for name, reason in _NOT_THERE.items():
        if getattr(asked, name) is not None:
            scope.gap(
                f"{at}.{name}",
                asked=name.replace("_", " "),
                given="skew" if asked.skew is not None else "nothing",
                reason=reason,
            )
    if asked.skew is None and asked.drift is None:
        return None
    check_distances(scope, at, {"skew": asked.skew, "drift": asked.drift})
    found = _baseline(scope, asked, at)
    interval_s = _interval(scope, asked, at)
    own = asked.gcp or _DEFAULTS
    return GcpMonitoring(
        interval_s=interval_s,
        sampling_rate=own.sampling_percent / 100,
        log_retention_days=own.log_retention_days,
        skew=_thresholds(asked.skew),
        drift=_thresholds(asked.drift),
        baseline=found,
        label=asked.label,
        alert_emails=tuple(asked.alert_emails),
    )


def _thresholds(asked: MonitorModel | None) -> GcpThresholds | None:
    if asked is None:
        return None
    default = asked.default_threshold
    if not asked.thresholds and default is None:
        default = DEFAULT_THRESHOLD
    return GcpThresholds(columns=dict(asked.thresholds), default=default)


def _baseline(scope: Scope, asked: MonitoringModel, at: str) -> Artifact | None:
    """The training data, which only skew needs; its columns are compared with the thresholds."""
    own = asked.gcp
    if own is not None and own.features:
        words = "allowed with version 2 only; version 1 learns the fields from requests"
        scope.findings.problem(f"{at}.gcp.features", own.features, words)
    if asked.skew is None:
        return None
    found = baseline(scope, asked, at, why="with which skew compares")
    if found is None:
        return None
    if found.columns is not None:
        requested = [name for name in found.columns if name != asked.label]
        check_thresholds(scope, at, {"skew": asked.skew, "drift": asked.drift}, requested)
    return found.artifact


def _interval(scope: Scope, asked: MonitoringModel, at: str) -> int:
    """One interval for both: that of the shorter one, in whole hours."""
    monitors = {"skew": asked.skew, "drift": asked.drift}
    found: dict[str, int] = {}
    for name, monitor in monitors.items():
        if monitor is None:
            continue
        path = f"{at}.{name}.schedule"
        schedule = schedules.read(monitor.schedule, path, scope.findings)
        if schedule is None:
            continue
        found[name] = schedule.interval_s or schedules.DAY_S
        whole = max(-(-found[name] // _HOUR_S), 1) * _HOUR_S
        if schedule.interval_s != whole:
            scope.gap(
                path,
                asked=monitor.schedule,
                given=f"every {whole // _HOUR_S} h",
                reason="a deployment monitoring job has an interval of whole hours",
            )
        found[name] = whole
    if not found:
        return _HOUR_S
    shortest = min(found.values())
    for name, interval_s in found.items():
        monitor = monitors[name]
        if interval_s != shortest and monitor is not None:
            scope.gap(
                f"{at}.{name}.schedule",
                asked=monitor.schedule,
                given=f"every {shortest // _HOUR_S} h",
                reason="one deployment monitoring job does both, at one interval",
            )
    return shortest
