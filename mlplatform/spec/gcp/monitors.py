"""Model monitoring version 2: each objective has a schedule, and reads what the endpoint keeps."""

from __future__ import annotations

from collections.abc import Mapping

from mlplatform.spec import schedules
from mlplatform.spec.gcp.baseline import (
    Baseline,
    baseline,
    check_distances,
    check_thresholds,
    data_type,
)
from mlplatform.spec.gcp.monitoring import DEFAULT_THRESHOLD
from mlplatform.spec.models.gcp import GcpMonitoringModel
from mlplatform.spec.models.monitoring import MonitoringModel, MonitorModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan.gcp_data import GcpMonitors, GcpObjective, GcpThresholds
from mlplatform.spec.scope import Scope

PREDICTED = "predicted_"
"""What Vertex AI puts before a label's name for the answers (ModelMonitoringSchema)."""
_NOT_THERE = {
    "data_quality": "model monitoring looks at distributions, which skew covers",
    "model_quality": "the endpoint's log knows no ground truth",
    "bias": "model monitoring compares no groups",
    "attribution": "it needs a model with an explanation, which prebuilt containers have not",
}
"""What a model monitor lacks (aiplatform v1beta1 ModelMonitoringObjectiveSpec)."""
_VERSION_1_ONLY = ("sampling_percent", "log_retention_days")


def monitors(scope: Scope, workload: WorkloadModel) -> GcpMonitors | None:
    """What is watched of every model of the endpoint; ``None`` where version 2 is not asked for,
    or with a problem, or a gap, when nothing can be.
    """
    asked = workload.monitoring
    own = asked.gcp if asked is not None else None
    if asked is None or own is None or own.version == 1:
        return None
    at = f"{scope.at}.monitoring"
    if workload.endpoint is None:
        scope.findings.missing(f"{scope.at}.endpoint", "an endpoint to watch")
        return None
    wanted = {"skew": asked.skew, "drift": asked.drift, "prediction_drift": asked.prediction_drift}
    for name, reason in _NOT_THERE.items():
        if getattr(asked, name) is not None:
            given = "skew" if asked.skew is not None else "nothing"
            scope.gap(f"{at}.{name}", asked=name.replace("_", " "), given=given, reason=reason)
    if not any(wanted.values()):
        return None
    _check_capture(scope, at, own, workload.endpoint)
    check_distances(scope, at, wanted)
    found = baseline(scope, asked, at, why="whose columns are the fields of requests")
    if found is None:
        return None
    if found.columns is None:
        words = "allowed with version 2: a CSV file of the project, which tells the columns"
        scope.findings.problem(f"{at}.baseline", str(asked.baseline), words)
        return None
    features = _features(scope, at, asked, own, found)
    check_thresholds(scope, at, {"skew": asked.skew, "drift": asked.drift}, features)
    predicted = _predicted(scope, at, asked, found)
    return GcpMonitors(
        objectives=tuple(
            _objective(scope, f"{at}.{name}", name, one, asked.label)
            for name, one in wanted.items()
            if one is not None
        ),
        features=features,
        predicted=predicted,
        baseline=found.artifact,
        alert_emails=tuple(asked.alert_emails),
    )


def _check_capture(scope: Scope, at: str, own: GcpMonitoringModel, endpoint: EndpointModel) -> None:
    """Version 2 logs nothing: it reads what ``endpoint.capture`` keeps."""
    if endpoint.capture is None:
        scope.findings.missing(
            f"{scope.endpoint}.capture", "the kept requests, which monitors of version 2 read"
        )
    if endpoint.private:
        words = "allowed with version 2: a public endpoint; Vertex AI reads no log of a private one"
        scope.findings.problem(f"{scope.endpoint}.private", True, words)
    for name in _VERSION_1_ONLY:
        if name in own.model_fields_set:
            words = "allowed with version 1 only; endpoint.capture says so for version 2"
            scope.findings.problem(f"{at}.gcp.{name}", getattr(own, name), words)


def _features(
    scope: Scope, at: str, asked: MonitoringModel, own: GcpMonitoringModel, found: Baseline
) -> Mapping[str, str]:
    """Column to its type, in the order in which requests have them."""
    columns = found.columns or {}
    names = own.features or [name for name in columns if name != asked.label]
    for index, name in enumerate(own.features):
        path = f"{at}.gcp.features[{index}]"
        if name not in columns:
            scope.findings.not_among(path, name, columns, "columns")
        elif name == asked.label or name in own.features[:index]:
            words = "allowed: each column once, and not the label"
            scope.findings.problem(path, name, words)
    return {name: data_type(columns.get(name, ())) for name in names}


def _predicted(
    scope: Scope, at: str, asked: MonitoringModel, found: Baseline
) -> tuple[str, str] | None:
    """Name and type of the answers, where they are watched."""
    if asked.prediction_drift is None:
        return None
    if asked.label is None:
        scope.findings.missing(f"{at}.label", "the column that the model predicts")
        return None
    check_thresholds(scope, at, {"prediction_drift": asked.prediction_drift}, [asked.label])
    values = (found.columns or {}).get(asked.label, ())
    return f"{PREDICTED}{asked.label}", data_type(values, label=True)


def _objective(
    scope: Scope, at: str, name: str, asked: MonitorModel, label: str | None
) -> GcpObjective:
    schedule = schedules.read(asked.schedule, f"{at}.schedule", scope.findings)
    of_answers = name == "prediction_drift"
    columns = {
        f"{PREDICTED}{label}" if of_answers else column: value
        for column, value in asked.thresholds.items()
    }
    default = asked.default_threshold
    if not columns and default is None:
        default = DEFAULT_THRESHOLD
    return GcpObjective(
        name=name,
        cron=schedule.text if schedule is not None else asked.schedule,
        window=_window(schedule.interval_s if schedule is not None else None),
        thresholds=GcpThresholds(columns=columns, default=default),
        with_training=name == "skew",
        of_answers=of_answers,
    )


def _window(interval_s: int | None) -> str:
    """How far back a run looks: to the one before, in whole hours; a day for uneven schedules."""
    if interval_s is None:
        return "1d"
    hours = max(-(-interval_s // schedules.HOUR_S), 1)
    return f"{hours // 24}d" if hours % 24 == 0 else f"{hours}h"
