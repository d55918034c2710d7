"""mlgap:azure:Job against the local Azure: one run for each definition, and none twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mlplatform.contracts.azure import changes, check
from mlplatform.contracts.azure.gap_job import TOKEN, run_name
from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.job import Job
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.provider.values import UNKNOWN
from tests.sandbox.azure_local import GROUP, ML_API, WORKSPACE, LocalAzure, local_azure

INPUTS: dict[str, Any] = {
    "resourceGroupName": GROUP,
    "workspaceName": WORKSPACE,
    "jobName": "churn",
    "definition": {
        "jobType": "Command",
        "command": "python train.py",
        "environmentId": "azureml://registries/azureml/environments/sklearn/versions/1",
        "resources": {"instanceCount": 1.0},
        "limits": {"jobLimitsType": "Command", "timeout": "PT1H"},
    },
}
OTHER = {**INPUTS, "definition": {**INPUTS["definition"], "command": "python train.py --depth 3"}}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        running.workspace()
        running.world.delay_s = 600.0  # a run goes on until a test ends it
        yield running


@pytest.fixture
def job(azure: LocalAzure) -> Job:
    config = {"subscription_id": azure.subscription, "tenant_id": azure.public["tenant_id"]}
    return Job(AzureCloud(config))


def around(name: str = "m", *, preview: bool = False) -> Context:
    urn = f"urn:pulumi:dev::p::{TOKEN}::{name}"
    return Context(urn=urn, token=TOKEN, name=name, preview=preview)


def ended(azure: LocalAzure, id_: str, status: str) -> None:
    live = azure.world.get(id_)
    assert live is not None
    live["properties"]["status"] = status
    azure.world.put(live)


def test_a_run_is_named_by_its_definition_and_read_with_its_status(
    azure: LocalAzure, job: Job
) -> None:
    id_, outputs = job.create(around(), INPUTS)
    assert id_ == f"{azure.workspace_id}/jobs/{run_name(INPUTS)}"
    assert (outputs["runName"], outputs["status"]) == (run_name(INPUTS), "Running")
    sent = azure.get(id_)["properties"]
    assert sent["resources"]["instanceCount"] == 1
    ended(azure, id_, "Completed")
    _, seen, state = job.read(around(), id_, INPUTS, outputs)
    assert seen == INPUTS
    assert state["status"] == "Completed"
    _, imported, _ = job.read(around(), id_, {}, {})
    assert imported["jobName"] == "churn"
    assert imported["definition"]["command"] == "python train.py"
    assert not check(TOKEN, imported)


def test_a_preview_shows_the_name_and_starts_nothing(azure: LocalAzure, job: Job) -> None:
    _, outputs = job.create(around(preview=True), INPUTS)
    assert outputs["runName"] == run_name(INPUTS)
    assert not azure.world.of_type("Microsoft.MachineLearningServices/workspaces/jobs")
    unknown = {**INPUTS, "definition": {**INPUTS["definition"], "computeId": UNKNOWN}}
    assert job.create(around(preview=True), unknown)[1]["runName"] == UNKNOWN


def test_a_create_that_is_tried_again_finds_the_run_and_a_strangers_is_refused(
    azure: LocalAzure, job: Job
) -> None:
    id_, _ = job.create(around(), INPUTS)
    assert job.create(around(), INPUTS)[0] == id_
    assert len(azure.world.of_type("Microsoft.MachineLearningServices/workspaces/jobs")) == 1
    with pytest.raises(ProviderError, match="exists already"):
        job.create(around("another"), INPUTS)


@pytest.mark.parametrize("status", ["Failed", "Canceled"])
def test_a_run_in_vain_is_started_again_under_the_next_number(
    azure: LocalAzure, job: Job, status: str
) -> None:
    first, _ = job.create(around(), INPUTS)
    ended(azure, first, status)
    assert job.create(around(), INPUTS)[0] == f"{first}-2"
    assert job.create(around(), INPUTS)[0] == f"{first}-2", "which runs"


def test_another_definition_is_another_run_beside_the_old_one(job: Job) -> None:
    id_, outputs = job.create(around(), INPUTS)
    diff = job.diff(around(), id_, INPUTS, outputs, OTHER)
    assert [change.replace for change in diff.changes] == [True]
    assert not diff.delete_before_replace
    assert job.create(around(), OTHER)[0] != id_
    assert {one.kind for one in changes(TOKEN, INPUTS, OTHER)} == {"replace"}


def test_taking_it_out_cancels_what_runs_and_keeps_the_record(azure: LocalAzure, job: Job) -> None:
    id_, outputs = job.create(around(), INPUTS)
    job.delete(around(), id_, INPUTS, outputs)
    left = azure.get(id_)["properties"]
    assert (left["status"], left["isArchived"]) == ("Canceled", True)
    with pytest.raises(NotFound):
        job.read(around(), id_, INPUTS, outputs)
    job.delete(around(), id_, INPUTS, outputs)
    assert job.create(around(), INPUTS)[0] == f"{id_}-2"


def test_a_run_that_ended_is_archived_as_it_ended(azure: LocalAzure, job: Job) -> None:
    id_, outputs = job.create(around(), INPUTS)
    ended(azure, id_, "Completed")
    job.delete(around(), id_, INPUTS, outputs)
    left = azure.get(id_)["properties"]
    assert (left["status"], left["isArchived"]) == ("Completed", True)


def test_a_run_on_what_is_not_there_is_refused(azure: LocalAzure, job: Job) -> None:
    nowhere = {**INPUTS["definition"], "computeId": f"{azure.workspace_id}/computes/none"}
    with pytest.raises(ProviderError, match="computeId"):
        job.create(around(), {**INPUTS, "definition": nowhere})


def test_the_contract_names_the_place_in_the_run_and_not_in_a_schedule() -> None:
    bad = {**INPUTS["definition"], "limits": None, "comand": "x"}
    found = {one.path for one in check(TOKEN, {**INPUTS, "jobName": "a b", "definition": bad})}
    assert {"jobName", "definition.limits.timeout", "definition.comand"} <= found
    assert not any(path.startswith("properties") for path in found)


@pytest.mark.parametrize(("view", "count"), [("ActiveOnly", 1), ("ArchivedOnly", 1), ("All", 2)])
def test_a_list_shows_what_is_archived_to_who_asks(
    azure: LocalAzure, job: Job, view: str, count: int
) -> None:
    id_, outputs = job.create(around(), INPUTS)
    job.create(around(), OTHER)
    job.delete(around(), id_, INPUTS, outputs)
    answer = requests.get(
        f"{azure.public['arm_endpoint']}{azure.workspace_id}/jobs",
        params={"api-version": ML_API, "listViewType": view},
        headers={"Authorization": "Bearer x"},
        verify=str(azure.public["ca_certificate"]),
        timeout=10,
    )
    assert len(answer.json()["value"]) == count
