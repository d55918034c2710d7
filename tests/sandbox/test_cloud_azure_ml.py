"""azure-ai-ml and azure-storage-blob, unmodified, against the local Azure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.azure_local import GROUP, WORKSPACE, LocalAzure, local_azure

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
