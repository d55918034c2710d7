"""Model monitors on Google Cloud: what the component asks for, and that Google accepts it."""

from __future__ import annotations

from typing import Any

import pytest

from components.gcp.alerts import Alerts, DriftAlertArgs
from components.gcp.monitoring import ThresholdArgs
from components.gcp.monitors import Monitors, MonitorsArgs, ObjectiveArgs, drift_spec
from tests.components.test_gcp import KEY, PLACE, refused
from tests.components.test_gcp_alerts import alerts_args
from tests.recorder import run

MODEL = f"{PLACE.parent}/models/ml-test-fraud-v1"
SKEW = ObjectiveArgs(
    cron="0 6 * * *",
    window="1d",
    thresholds=ThresholdArgs(columns={"Age": 0.2}),
    with_training=True,
)
ANSWERS = ObjectiveArgs(
    cron="0 * * * *",
    window="1h",
    thresholds=ThresholdArgs(columns={}, default=0.1),
    of_answers=True,
)


def monitors_args(**changes: Any) -> MonitorsArgs:
    base: dict[str, Any] = {
        "endpoint": PLACE.endpoint("ml-test-fraud"),
        "versions": {"v1": f"{MODEL}@3"},
        "monitor_id": "ml-test-fraud",
        "objectives": {"skew": SKEW, "answers": ANSWERS},
        "features": {"Age": "integer"},
        "predicted": ("predicted_Exited", "categorical"),
        "training_data": "gs://ml-test-a/fraud/rows.csv",
        "output_uri": "gs://ml-test-a/fraud/monitors/",
        "key_name": KEY,
    }
    return MonitorsArgs(**(base | changes))


def test_every_version_has_a_monitor_and_every_objective_a_schedule() -> None:
    two = {"v1": f"{MODEL}@3", "v2": f"{PLACE.parent}/models/ml-test-fraud-v2@1"}
    inventory = run(lambda: Monitors("fraud", monitors_args(versions=two)))
    assert inventory.children("fraud") == {
        "fraud-v1": "mlgap:gcp:ModelMonitor",
        "fraud-v1-answers": "mlgap:gcp:Schedule",
        "fraud-v1-skew": "mlgap:gcp:Schedule",
        "fraud-v2": "mlgap:gcp:ModelMonitor",
        "fraud-v2-answers": "mlgap:gcp:Schedule",
        "fraud-v2-skew": "mlgap:gcp:Schedule",
    }
    # A mock's monitor has no name of its own; the real one is checked in the walk.
    assert [p for p in refused(inventory) if "Request.parent" not in p] == []


def test_the_version_stands_in_the_target_and_in_the_id() -> None:
    inventory = run(lambda: Monitors("fraud", monitors_args()))
    monitor = inventory.one("mlgap:gcp:ModelMonitor").inputs
    assert monitor["modelMonitorId"] == "ml-test-fraud-v1-3"
    assert monitor["modelMonitoringTarget"] == {
        "vertexModel": {"model": MODEL, "modelVersionId": "3"}
    }
    assert monitor["encryptionSpec"] == {"kmsKeyName": KEY}


def test_columns_without_a_threshold_are_watched_only_with_a_default() -> None:
    assert drift_spec(SKEW.thresholds)["features"] == ["Age"]
    every = drift_spec(ThresholdArgs(columns={"Age": 0.2}, default=0.3))
    assert "features" not in every
    assert every["defaultNumericAlertCondition"] == {"threshold": 0.3}


def test_more_thresholds_than_a_policy_holds_are_two_policies() -> None:
    thresholds = {number / 10: [f"c{number}"] for number in range(1, 9)}
    drift = DriftAlertArgs(schedules=[f"{PLACE.parent}/schedules/5"], thresholds=thresholds)
    inventory = run(lambda: Alerts("fraud", alerts_args(drifts={"skew": drift})))
    policy = "gcp:monitoring/alertPolicy:AlertPolicy"
    assert inventory.children("fraud") == {"fraud-skew": policy, "fraud-skew-2": policy}
    counts = [len(r.inputs["conditions"]) for r in inventory.resources if r.type == policy]
    assert sorted(counts) == [2, 6]
    assert refused(inventory) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"objectives": {}}, "one at least"),
        ({"predicted": None}, "their name and type"),
    ],
)
def test_monitors_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        monitors_args(**change)
