"""The monitor on Azure ML that compares predictions with what came true."""

from __future__ import annotations

import math
from typing import Literal

from mlplatform.spec import artifacts, schedules
from mlplatform.spec.models.azure import AzureMonitoringModel
from mlplatform.spec.models.monitoring import ModelQualityModel, MonitoringModel
from mlplatform.spec.plan import AzureModelQuality
from mlplatform.spec.schedules import DAY_S
from mlplatform.spec.scope import Scope

METRICS: dict[str, tuple[str, ...]] = {
    "Classification": ("accuracy", "precision", "recall"),
    "Regression": ("mae", "mse", "rmse"),
}
"""What Azure ML measures (azure-ai-ml 1.35.2, ModelPerformanceMetricThreshold)."""
_ACCURACY = 0.9
"""Where no threshold is given: azure-ai-ml's own."""


def model_quality(scope: Scope, monitoring: MonitoringModel, at: str) -> AzureModelQuality | None:
    """The monitor; ``None`` where none is asked for, or with a problem."""
    asked = monitoring.model_quality
    if asked is None:
        return None
    at = f"{at}.model_quality"
    task: Literal["Classification", "Regression"] = (
        "Regression" if asked.problem == "regression" else "Classification"
    )
    schedule = schedules.read(asked.schedule, f"{at}.schedule", scope.findings)
    truth = _truth(scope, asked, at)
    thresholds = _thresholds(scope, asked, at, task)
    if monitoring.label is None:
        scope.findings.missing(
            f"{at.rpartition('.')[0]}.label", "the column of the ground truth that is compared"
        )
    if schedule is None or truth is None or not thresholds or monitoring.label is None:
        return None
    own = monitoring.azure or AzureMonitoringModel.model_validate({})
    return AzureModelQuality(
        cron=schedule.text,
        task=task,
        window_days=max(1, -(-(schedule.interval_s or DAY_S) // DAY_S)),
        thresholds=thresholds,
        ground_truth_uri=truth,
        label=monitoring.label,
        prediction_column=own.prediction_column,
        join_column=own.join_column,
    )


def _truth(scope: Scope, asked: ModelQualityModel, at: str) -> str | None:
    given = asked.ground_truth if isinstance(asked.ground_truth, str) else asked.ground_truth.azure
    path = f"{at}.ground_truth" + ("" if isinstance(asked.ground_truth, str) else ".azure")
    if given is None:
        scope.findings.missing(path, "a folder with an MLTable file, as azureml://...")
        return None
    if not artifacts.SCHEMES["azure"].fullmatch(given):
        scope.findings.problem(path, given, "allowed: azureml://..., a folder with an MLTable file")
        return None
    return given


def _thresholds(scope: Scope, asked: ModelQualityModel, at: str, task: str) -> dict[str, float]:
    """Those that Azure ML measures; the others are gaps, as other clouds may measure them."""
    known = METRICS[task]
    for name in sorted(asked.thresholds.keys() - set(known)):
        scope.gap(
            f"{at}.thresholds.{name}",
            asked=name,
            given=f"{', '.join(known)} where they are asked for",
            reason="Azure ML measures nothing else of such a model",
        )
    if asked.default_threshold is not None:
        scope.gap(
            f"{at}.default_threshold",
            asked="one threshold for all metrics",
            given="thresholds by metric",
            reason="what is good for one metric means nothing for another",
        )
    found = {name: value for name, value in asked.thresholds.items() if name in known}
    most = 1.0 if task == "Classification" else math.inf
    for name, value in found.items():
        if not 0 <= value <= most:
            words = "allowed: 0 to 1" if task == "Classification" else "allowed: 0 or more"
            scope.findings.problem(f"{at}.thresholds.{name}", value, words)
    if not found and task == "Classification":
        return {"accuracy": _ACCURACY}
    if not found:
        scope.findings.missing(f"{at}.thresholds", f"one at least of {', '.join(known)}")
    return found
