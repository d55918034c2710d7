"""Model monitors of the local Google Cloud, by the class that the vendor gives to its users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform

from tests.sandbox.gcp_served import LOCATION, PROJECT, Served, served

IMAGE = "us-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-5:latest"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp")) as running:
        aiplatform.init(
            project=PROJECT,
            location=LOCATION,
            api_endpoint=running.public["rest_endpoint"],
            api_transport="rest",
            credentials=AnonymousCredentials(),
        )
        yield running


@pytest.fixture
def library(cloud: Served) -> Any:
    from vertexai.resources.preview import ml_monitoring

    cloud.reset()
    return ml_monitoring


def monitored(library: Any, ident: str) -> Any:
    model = aiplatform.Model.upload(
        display_name=ident, model_id=ident, serving_container_image_uri=IMAGE
    )
    return library.ModelMonitor.create(
        model_name=model.resource_name,
        model_version_id="1",
        model_monitor_id=ident,
        tabular_objective_spec=library.spec.TabularObjective(
            feature_drift_spec=library.spec.DataDriftSpec(default_numeric_alert_threshold=0.3)
        ),
    )


def scheduled(library: Any, monitor: Any) -> Any:
    rows = library.spec.MonitoringInput(gcs_uri="gs://bucket/rows.csv", data_format="csv")
    return monitor.create_schedule(cron="0 * * * *", target_dataset=rows, display_name="hourly")


def test_each_monitor_lists_its_own_schedules_which_rest_and_go_on(library: Any) -> None:
    one, other = monitored(library, "one"), monitored(library, "other")
    schedule = scheduled(library, one)
    scheduled(library, other)
    assert [found.name for found in one.list_schedules()] == [schedule.name]
    one.pause_schedule(schedule.name)
    assert one.get_schedule(schedule.name).state.name == "PAUSED"
    one.resume_schedule(schedule.name)
    assert one.get_schedule(schedule.name).state.name == "ACTIVE"


def test_a_monitor_keeps_its_objective_and_goes_with_its_schedules_by_force_only(
    library: Any,
) -> None:
    monitor = monitored(library, "one")
    schedule = scheduled(library, monitor)
    kept = library.ModelMonitor(monitor.resource_name)._gca_resource.tabular_objective
    assert kept.feature_drift_spec.default_numeric_alert_condition.threshold == pytest.approx(0.3)
    with pytest.raises(exceptions.BadRequest, match="has schedules"):
        monitor.delete()
    monitor.delete(force=True)
    with pytest.raises(exceptions.NotFound):
        monitor.get_schedule(schedule.name)
