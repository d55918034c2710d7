"""mlgap:azure:MonitorSchedule against the local Azure: what it makes, keeps and leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.contracts.azure.gap_monitor import API_VERSION, TOKEN
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.monitor import MonitorSchedule
from mlplatform.provider.model import Context, NotFound, ProviderError
from tests.sandbox.azure_local import GROUP, WORKSPACE, LocalAzure, local_azure

INPUTS: dict[str, Any] = {
    "resourceGroupName": GROUP,
    "workspaceName": WORKSPACE,
    "name": "quality",
    "properties": {
        "isEnabled": True,
        "trigger": {"triggerType": "Cron", "expression": "0 8 * * *", "timeZone": "UTC"},
        "action": {"actionType": "CreateMonitor", "monitorDefinition": {"signals": {}}},
        "tags": {"a": "1"},
    },
}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        running.workspace()
        yield running


@pytest.fixture
def monitor(azure: LocalAzure) -> MonitorSchedule:
    config = {"subscription_id": azure.subscription, "tenant_id": azure.public["tenant_id"]}
    return MonitorSchedule(AzureCloud(config))


def around(name: str = "m") -> Context:
    return Context(urn=f"urn:pulumi:dev::p::{TOKEN}::{name}", token=TOKEN, name=name)


def test_it_is_made_read_changed_and_deleted(azure: LocalAzure, monitor: MonitorSchedule) -> None:
    id_, outputs = monitor.create(around(), INPUTS)
    assert outputs == INPUTS
    assert id_ == f"{azure.workspace_id}/schedules/quality"
    assert monitor.read(around(), id_, INPUTS, outputs)[1] == INPUTS
    _, imported, _ = monitor.read(around(), id_, {}, {})
    assert imported["properties"]["trigger"] == INPUTS["properties"]["trigger"]
    trigger = {**INPUTS["properties"]["trigger"], "expression": "0 9 * * *"}
    new = {**INPUTS, "properties": {**INPUTS["properties"], "trigger": trigger}}
    monitor.update(around(), id_, INPUTS, outputs, new)
    assert azure.get(id_)["properties"]["trigger"]["expression"] == "0 9 * * *"
    monitor.delete(around(), id_, new, new)
    with pytest.raises(NotFound):
        monitor.read(around(), id_, new, new)
    monitor.delete(around(), id_, new, new)


def test_the_version_that_knows_the_signal_is_spoken(
    azure: LocalAzure, monitor: MonitorSchedule
) -> None:
    signals = {"quality": {"signalType": "ModelPerformance"}}
    action = {"actionType": "CreateMonitor", "monitorDefinition": {"signals": signals}}
    body = {"properties": {**INPUTS["properties"], "action": action}}
    id_, _ = monitor.create(around(), {**INPUTS, **body})
    refused = azure.call("PUT", id_, body)
    assert refused.status_code == 400
    assert "'ModelPerformance' is not a valid value in api-version 2025-12-01" in refused.text


def test_what_an_interrupted_create_left_is_taken_up_and_a_strangers_is_not(
    monitor: MonitorSchedule,
) -> None:
    id_, _ = monitor.create(around(), INPUTS)
    assert monitor.create(around(), INPUTS)[0] == id_
    with pytest.raises(ProviderError, match="exists already"):
        monitor.create(around("another"), INPUTS)


def test_drift_of_what_was_declared_shows_and_what_azure_fills_in_does_not(
    azure: LocalAzure, monitor: MonitorSchedule
) -> None:
    id_, outputs = monitor.create(around(), INPUTS)
    live = azure.get(id_)
    live["properties"]["isEnabled"] = False
    live["properties"]["provisioningState"] = "Succeeded"
    body = {"properties": live["properties"]}
    assert azure.call("PUT", id_, body, api=API_VERSION).status_code < 300
    _, seen, _ = monitor.read(around(), id_, INPUTS, outputs)
    assert seen["properties"] == {**INPUTS["properties"], "isEnabled": False}
