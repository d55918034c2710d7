"""azure-ai-ml and azure-storage-blob, unmodified, against the local Azure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.azure_local import GROUP, ML_API, WORKSPACE, LocalAzure, local_azure

# The vendor's packages warn about themselves.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path / "cloud", monkeypatch) as running:
        running.workspace()
        yield running


@pytest.fixture
def client(azure: LocalAzure) -> Any:
    """Finds the cloud through ARM_CLOUD_METADATA_URL, its documented variable."""
    from azure.ai.ml import MLClient

    return MLClient(
        azure.credential,
        azure.subscription,
        GROUP,
        WORKSPACE,
        enable_telemetry=False,
        show_progress=False,
    )


def test_ml_client_reads_what_was_declared(azure: LocalAzure, client: Any) -> None:
    id_ = f"{azure.workspace_id}/onlineEndpoints/ep1"
    body: dict[str, Any] = {"location": "westeurope", "properties": {"authMode": "AADToken"}}
    azure.put(id_, body)
    machine = {"endpointComputeType": "Managed", "instanceType": "Standard_NC4as_T4_v3"}
    sku = {"name": "Default", "capacity": 3}
    azure.put(
        f"{id_}/deployments/blue", {"location": "westeurope", "sku": sku, "properties": machine}
    )
    body["properties"]["traffic"] = {"blue": 100}
    azure.put(id_, body)
    endpoint = client.online_endpoints.get("ep1")
    assert (endpoint.auth_mode, endpoint.traffic) == ("aad_token", {"blue": 100})
    (deployment,) = client.online_deployments.list("ep1")
    assert (deployment.instance_type, deployment.instance_count) == ("Standard_NC4as_T4_v3", 3)
    assert client.workspaces.get(WORKSPACE).location == "westeurope"


def test_ml_client_uploads_and_downloads_models_and_code(
    azure: LocalAzure, client: Any, tmp_path: Path
) -> None:
    from azure.ai.ml.entities import Environment, Model
    from azure.ai.ml.entities._assets import Code

    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"abc" * 1000)
    model = client.models.create_or_update(
        Model(name="m", version="1", path=str(folder), type="custom_model")
    )
    assert "/datastores/workspaceblobstore/paths/LocalUpload/" in model.path
    client.models.download("m", "1", str(tmp_path / "back"))
    (found,) = (tmp_path / "back").rglob("weights.bin")
    assert found.read_bytes() == b"abc" * 1000
    code = client._code.create_or_update(Code(name="c", version="1", path=str(folder)))
    assert code.path.startswith(f"{azure.public['blob_endpoint']}/mlstore1/")
    image = "mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference:latest"
    made = client.environments.create_or_update(Environment(name="e", version="1", image=image))
    assert made.image == image


def test_blobs_are_stored_listed_and_deleted(azure: LocalAzure) -> None:
    from azure.core.exceptions import ResourceNotFoundError
    from azure.storage.blob import BlobServiceClient

    service = BlobServiceClient(
        f"{azure.public['blob_endpoint']}/mlstore1",
        credential=azure.credential,
        max_single_put_size=1024,
        max_block_size=1024,
    )
    with pytest.raises(ResourceNotFoundError, match="ContainerNotFound"):
        service.get_blob_client("data", "a").upload_blob(b"1")
    container = service.create_container("data")
    blob = container.get_blob_client("folder/a b.bin")
    blob.upload_blob(b"x" * 3000, metadata={"k": "v"})
    assert blob.download_blob().readall() == b"x" * 3000
    assert blob.download_blob(offset=10, length=5).readall() == b"x" * 5
    assert blob.get_blob_properties().metadata == {"k": "v"}
    assert [b.name for b in container.list_blobs(name_starts_with="folder/")] == ["folder/a b.bin"]
    blob.delete_blob()
    assert not blob.exists()


def started(azure: LocalAzure, name: str = "run") -> str:
    """A job; its id."""
    id_ = f"{azure.workspace_id}/jobs/{name}"
    azure.put(id_, {"properties": {**JOB}})
    return id_


JOB: dict[str, Any] = {
    "jobType": "Command",
    "command": "python train.py",
    "environmentId": "azureml://registries/azureml/environments/sklearn/versions/1",
}
JOBS = "Microsoft.MachineLearningServices/workspaces/jobs"


def test_a_job_runs_and_comes_to_an_end_that_ml_client_waits_for(
    azure: LocalAzure, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azure.ai.ml.operations._run_history_constants import RunHistoryConstants

    monkeypatch.setattr(RunHistoryConstants, "_WAIT_COMPLETION_POLLING_INTERVAL_MIN", 0)
    azure.world.delay_s = 0.05
    started(azure)
    assert client.jobs.get("run").status == "Running"
    client.jobs.stream("run")
    assert client.jobs.get("run").status == "Completed"


def test_a_job_fails_on_demand_and_one_that_was_cancelled_stays_so(
    azure: LocalAzure, client: Any
) -> None:
    from azure.ai.ml.exceptions import JobException

    azure.faults.add({"operation": f"{JOBS}/write", "kind": "failed_operation", "contains": "bad"})
    started(azure, "bad")
    assert client.jobs.get("bad").status == "Failed"
    with pytest.raises(JobException, match="The run failed"):
        client.jobs.stream("bad")
    azure.world.delay_s = 0.02
    id_ = started(azure, "stopped")
    assert azure.call("POST", f"{id_}/cancel").status_code == 200
    time.sleep(0.5)
    assert client.jobs.get("stopped").status == "Canceled"


def test_lists_have_pages_that_microsofts_clients_follow(azure: LocalAzure, client: Any) -> None:
    from azure.mgmt.msi import ManagedServiceIdentityClient

    names = {f"run{number:02}" for number in range(60)}
    for name in sorted(names):
        started(azure, name)
        identity = f"{azure.group_id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
        azure.put(f"{identity}/{name}", {"location": "westeurope"})
    first = azure.get(f"{azure.workspace_id}/jobs")
    assert len(first["value"]) < len(names)
    assert "%24skip=" in first["nextLink"]
    assert {job.name for job in client.jobs.list()} == names
    base = str(azure.public["arm_endpoint"])
    options: Any = {"base_url": base, "credential_scopes": [f"{base}/.default"]}
    credential: Any = azure.credential
    identities = ManagedServiceIdentityClient(credential, azure.subscription, **options)
    listed = identities.user_assigned_identities.list_by_resource_group(GROUP)
    assert {one.name for one in listed} == names


def test_a_page_is_as_long_as_asked_for_and_goes_on_where_the_last_one_ended(
    azure: LocalAzure,
) -> None:
    for number in range(5):
        started(azure, f"run{number}")
    url = f"{azure.public['arm_endpoint']}{azure.workspace_id}/jobs"
    found: list[list[str]] = []
    link: str | None = f"{url}?api-version={ML_API}&$top=2"
    while link:
        answer = requests.get(
            link,
            headers={"Authorization": "Bearer x"},
            verify=str(azure.public["ca_certificate"]),
            timeout=10,
        ).json()
        found.append([row["name"] for row in answer["value"]])
        # What goes meanwhile makes no other one be left out.
        azure.world.delete(f"{azure.workspace_id}/jobs/{found[-1][-1]}")
        link = answer.get("nextLink")
    assert found == [["run0", "run1"], ["run2", "run3"], ["run4"]]
    for query, words in (("$top=none", "$top"), ("$skip=%25", "continuation token")):
        refused = requests.get(
            f"{url}?api-version={ML_API}&{query}",
            headers={"Authorization": "Bearer x"},
            verify=str(azure.public["ca_certificate"]),
            timeout=10,
        )
        assert (refused.status_code, words in refused.text) == (400, True)


def test_the_newest_version_is_found_by_the_time_of_its_creation(
    azure: LocalAzure, client: Any
) -> None:
    for version in ("b", "c", "a"):
        path = f"{azure.workspace_id}/environments/sklearn/versions/{version}"
        azure.put(path, {"properties": {"image": f"mcr.microsoft.com/azureml/x:{version}"}})
    assert client.environments.get("sklearn", label="latest").version == "a"
