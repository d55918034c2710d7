"""Alert policies and channels on Google Cloud: what they ask for, and that Google accepts it."""

from __future__ import annotations

from typing import Any

import pytest

from components.gcp.alerts import Alerts, AlertsArgs
from components.gcp.channels import Channels, ChannelsArgs
from tests.components.test_gcp import LABELS, PLACE, refused
from tests.recorder import run

JOB = f"{PLACE.parent}/modelDeploymentMonitoringJobs/42"
CHANNEL = "projects/ml-test/notificationChannels/7"


def alerts_args(**changes: Any) -> AlertsArgs:
    base: dict[str, Any] = {
        "place": PLACE,
        "endpoint_id": "ml-test-fraud",
        "channels": [CHANNEL],
        "labels": LABELS,
    }
    return AlertsArgs(**(base | changes))


def test_each_thing_to_watch_is_a_policy_of_its_own_that_google_accepts() -> None:
    whole = alerts_args(monitoring_job=JOB, error_percent=2.5, latency_ms=500)
    inventory = run(lambda: Alerts("fraud", whole))
    policy = "gcp:monitoring/alertPolicy:AlertPolicy"
    made = [found for found in inventory.resources if found.type == policy]
    assert inventory.children("fraud") == {
        "fraud-anomalies": policy,
        "fraud-errors": policy,
        "fraud-latency": policy,
    }
    assert refused(inventory) == []
    assert {tuple(found.inputs["notificationChannels"]) for found in made} == {(CHANNEL,)}


def test_a_policy_on_a_log_tells_once_a_day_of_one_job_s_entries() -> None:
    found = run(lambda: Alerts("fraud", alerts_args(monitoring_job=JOB)))
    inputs = found.one("gcp:monitoring/alertPolicy:AlertPolicy").inputs
    assert inputs["alertStrategy"] == {"notificationRateLimit": {"period": "86400s"}}
    (condition,) = inputs["conditions"]
    entries = condition["conditionMatchedLog"]["filter"]
    assert entries.endswith('resource.labels.model_deployment_monitoring_job="42"')


def test_errors_are_a_share_of_all_answers() -> None:
    found = run(lambda: Alerts("fraud", alerts_args(error_percent=2.5)))
    (condition,) = found.one("gcp:monitoring/alertPolicy:AlertPolicy").inputs["conditions"]
    share = condition["conditionThreshold"]
    assert share["thresholdValue"] == pytest.approx(0.025)
    assert "5xx" in share["filter"]
    assert "5xx" not in share["denominatorFilter"]


def test_each_address_is_one_channel_and_addresses_that_look_alike_are_two() -> None:
    args = ChannelsArgs(place=PLACE, emails=["ml.team@example.com", "ml-team@example.com"])
    inventory = run(lambda: Channels("alerts", args))
    assert refused(inventory) == []
    made = [found for found in inventory.resources if "notificationChannel:" in found.type]
    assert {found.inputs["labels"]["email_address"] for found in made} == set(args.emails)
    assert len({found.name for found in made}) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"channels": []}, "nobody is told"),
        ({"error_percent": 101}, "above 0, to 100"),
        ({"latency_ms": 0}, "above 0"),
    ],
)
def test_alerts_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        alerts_args(**change)
