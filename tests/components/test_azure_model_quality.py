"""Predictions against what came true on Azure ML: in the words that azure-ai-ml itself sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.azure.model_quality import LIMITS, ModelQualityArgs, properties
from mlplatform.contracts import azure as contract
from mlplatform.contracts.azure.gap_monitor import TOKEN

ANSWERS = "azureml://datastores/captured/paths/churn/primary/model_outputs"
TRUTH = "azureml://datastores/truth/paths/churn/"
IDENTITY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/u/monitor"


def args(**changes: Any) -> ModelQualityArgs:
    given: dict[str, Any] = {
        "cron": "0 8 * * *",
        "task": "Classification",
        "window_days": 7,
        "thresholds": {"accuracy": 0.9, "recall": 0.7},
        "ground_truth_uri": TRUTH,
        "label": "Exited",
    }
    return ModelQualityArgs(**{**given, **changes})


def built(**changes: Any) -> dict[str, Any]:
    return properties(
        args(**changes),
        answers_uri=ANSWERS,
        identity_id=IDENTITY,
        instance_type="standard_e4s_v3",
        runtime="3.4",
        emails=["ml-team@example.com"],
    )


@pytest.mark.filterwarnings("ignore")
def test_a_schedule_is_what_azure_ai_ml_would_send() -> None:
    from azure.ai.ml import Input, entities
    from azure.ai.ml.constants import MonitorDatasetContext

    sent: Any = entities.MonitorSchedule(
        name="m",
        trigger=entities.CronTrigger(expression="0 8 * * *", time_zone="UTC"),
        create_monitor=entities.MonitorDefinition(
            compute=entities.ServerlessSparkCompute(
                instance_type="standard_e4s_v3", runtime_version="3.4"
            ),
            monitoring_target=entities.MonitoringTarget(ml_task="Classification"),
            monitoring_signals={
                "model-quality": entities.ModelPerformanceSignal(
                    production_data=entities.ProductionData(
                        input_data=Input(type="uri_folder", path=ANSWERS),
                        data_context=MonitorDatasetContext.MODEL_OUTPUTS,
                        data_window=entities.BaselineDataRange(lookback_window_size="P7D"),
                        data_column_names={
                            "target_column": "value",
                            "join_column": "correlationid",
                        },
                    ),
                    reference_data=entities.ReferenceData(
                        input_data=Input(type="mltable", path=TRUTH),
                        data_context=MonitorDatasetContext.GROUND_TRUTH_DATA,
                        data_column_names={
                            "target_column": "Exited",
                            "join_column": "correlationid",
                        },
                    ),
                    metric_thresholds=entities.ModelPerformanceMetricThreshold(
                        classification=entities.ModelPerformanceClassificationThresholds(
                            accuracy=0.9, recall=0.7
                        )
                    ),
                    alert_enabled=True,
                )
            },
            alert_notification=entities.AlertNotification(emails=["ml-team@example.com"]),
        ),
    )._to_rest_object()
    theirs = json.loads(json.dumps(sent.as_dict()))["properties"]["action"]["monitorDefinition"]
    ours = built()["action"]["monitorDefinition"]
    for definition in (theirs, ours):
        (signal,) = definition["signals"].values()
        signal["properties"][LIMITS] = json.loads(signal["properties"][LIMITS])
    identity = ours["computeConfiguration"].pop("computeIdentity")
    assert identity["computeIdentityType"] == "ManagedIdentity", "theirs takes the caller's token"
    assert theirs["computeConfiguration"].pop("computeIdentity")
    assert ours == theirs


def test_a_regression_is_measured_by_its_errors() -> None:
    definition = built(task="Regression", thresholds={"rmse": 3.5})["action"]["monitorDefinition"]
    signal = definition["signals"]["model-quality"]
    assert definition["monitoringTarget"] == {"taskType": "Regression"}
    assert signal["metricThreshold"] == {
        "modelType": "Regression",
        "metric": "RootMeanSquaredError",
        "threshold": {"value": 3.5},
    }


@pytest.mark.parametrize("thresholds", [{}, {"mae": 1.0}, {"f1": 0.5}])
def test_metrics_of_another_kind_of_model_are_refused(thresholds: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="accuracy"):
        args(thresholds=thresholds)


def given(path: str = "", value: Any = None) -> dict[str, Any]:
    """Inputs of the resource, with one dotted path set; None takes it out."""
    inputs = {
        "resourceGroupName": "g",
        "workspaceName": "w",
        "name": "m",
        "properties": json.loads(json.dumps(built())),
    }
    if path:
        *parents, last = path.split("/")
        at: Any = inputs
        for part in parents:
            at = at[int(part) if part.isdigit() else part]
        if value is None:
            del at[last]
        else:
            at[last] = value
    return inputs


def test_the_contract_takes_what_the_component_makes() -> None:
    assert contract.check(TOKEN, given()) == []


SIGNAL = "properties/action/monitorDefinition/signals/model-quality"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("name", "my monitor", "letters, digits"),
        ("properties/trigger/expression", "0 8 * *", "minute hour day month weekday"),
        ("properties/trigger/triggerType", "Recurrence", "Cron"),
        ("properties/action/actionType", "CreateJob", "CreateMonitor"),
        ("properties/enabled", True, "isEnabled"),
        (f"{SIGNAL}/signalType", "DataDrift", "ordinary Schedule"),
        (f"{SIGNAL}/metricThreshold/metric", "MeanAbsoluteError", "Accuracy, Precision, Recall"),
        (f"{SIGNAL}/referenceData/columns/join_column", None, "joined"),
        (f"{SIGNAL}/referenceData", None, "required"),
        (f"{SIGNAL}/productionData/0/inputDataType", "Rolling", "Trailing"),
        (f"{SIGNAL}/productionData/0/windowSize", "7 days", "P7D"),
    ],
)
def test_what_azure_would_refuse_is_named_with_its_path(path: str, value: Any, said: str) -> None:
    (problem,) = contract.check(TOKEN, given(path, value))
    assert path.rpartition("/")[2] in problem.path
    assert said in problem.message


def test_another_name_is_another_schedule_and_all_else_changes_in_place() -> None:
    def kinds(new: dict[str, Any]) -> set[str]:
        return {change.kind for change in contract.changes(TOKEN, given(), new)}

    assert kinds(given("name", "other")) == {"replace"}
    assert kinds(given(f"{SIGNAL}/metricThreshold/threshold", {"value": 0.5})) == {"update"}
