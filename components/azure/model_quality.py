"""Predictions against what came true, in the words of Azure ML's API 2023-06-01-preview.

Pure: arguments in, a schedule's properties out. The words are those that azure-ai-ml 1.35.2 writes
(ModelPerformanceSignal, MonitorDefinition); a test compares them with what it sends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

LIMITS = "azureml.modelmonitor.model_performance_thresholds"
_METRICS = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "mae": "MeanAbsoluteError",
    "mse": "MeanSquaredError",
    "rmse": "RootMeanSquaredError",
}
_FIRST = {"Classification": "accuracy", "Regression": "mae"}


@dataclass(frozen=True, kw_only=True)
class ModelQualityArgs:
    """What is compared, when and how well it has to fit."""

    cron: str
    """Five fields, in UTC."""
    task: Literal["Classification", "Regression"]
    window_days: int
    """How much of what was captured is looked at."""
    thresholds: Mapping[str, float]
    """``accuracy``, ``precision``, ``recall``; for numbers ``mae``, ``mse``, ``rmse``."""
    ground_truth_uri: str
    """Folder with an MLTable file: what came true, by row."""
    label: str
    """Column of what came true."""
    prediction_column: str = "value"
    """Column of the answers that were kept."""
    join_column: str = "correlationid"
    """Column that both have, by which a row finds its truth."""

    def __post_init__(self) -> None:
        allowed = ("accuracy", "precision", "recall")
        if self.task == "Regression":
            allowed = ("mae", "mse", "rmse")
        if not self.thresholds or set(self.thresholds) - set(allowed):
            raise ValueError(
                f"thresholds: got {sorted(self.thresholds)}, allowed: some of {allowed}"
            )


def properties(
    args: ModelQualityArgs,
    *,
    answers_uri: str,
    identity_id: str,
    instance_type: str,
    runtime: str,
    emails: Sequence[str],
) -> dict[str, Any]:
    """Properties of the schedule; answers_uri is the folder of the answers that were kept."""
    definition: dict[str, Any] = {
        "computeConfiguration": {
            "computeType": "ServerlessSpark",
            "instanceType": instance_type,
            "runtimeVersion": runtime,
            "computeIdentity": {
                "computeIdentityType": "ManagedIdentity",
                "identity": {"type": "UserAssigned", "userAssignedIdentities": {identity_id: {}}},
            },
        },
        "monitoringTarget": {"taskType": args.task},
        "signals": {"model-quality": _signal(args, answers_uri, alert=bool(emails))},
    }
    if emails:
        definition["alertNotificationSetting"] = {
            "alertNotificationType": "Email",
            "emailNotificationSetting": {
                "emails": list(emails),
                "emailOn": ["JobFailed", "JobCompleted"],
            },
        }
    return {
        "isEnabled": True,
        "trigger": {"triggerType": "Cron", "expression": args.cron, "timeZone": "UTC"},
        "action": {"actionType": "CreateMonitor", "monitorDefinition": definition},
    }


def _signal(args: ModelQualityArgs, answers_uri: str, *, alert: bool) -> dict[str, Any]:
    first = _FIRST[args.task]
    metric = first if first in args.thresholds else min(args.thresholds)
    return {
        "signalType": "ModelPerformance",
        "mode": "Enabled" if alert else "Disabled",
        "productionData": [
            {
                "inputDataType": "Trailing",
                "jobInputType": "uri_folder",
                "dataContext": "model_outputs",
                "uri": answers_uri,
                "windowSize": f"P{args.window_days}D",
                "windowOffset": "P0D",
                "columns": {
                    "target_column": args.prediction_column,
                    "join_column": args.join_column,
                },
            }
        ],
        "referenceData": {
            "inputDataType": "Fixed",
            "jobInputType": "mltable",
            "dataContext": "ground_truth",
            "uri": args.ground_truth_uri,
            "columns": {"target_column": args.label, "join_column": args.join_column},
        },
        # One here, all of them in the property.
        "metricThreshold": {
            "modelType": args.task,
            "metric": _METRICS[metric],
            "threshold": {"value": args.thresholds[metric]},
        },
        "properties": {LIMITS: _limits(args)},
    }


def _limits(args: ModelQualityArgs) -> str:
    """All thresholds, in the text that azure-ai-ml writes."""
    return json.dumps(
        [
            {
                "modelType": args.task.lower(),
                "metric": _METRICS[name],
                "threshold": {"value": args.thresholds[name]},
            }
            for name in _METRICS
            if name in args.thresholds
        ]
    )
