"""What Resource Manager refuses and tells whatever the type: fixed members, regions, operations."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.azure_local import LOCATION, ML, LocalAzure, local_azure

pytestmark = pytest.mark.filterwarnings("ignore")

STORE = "Microsoft.Storage/storageAccounts/mlstore1"
BLOBS = {
    "datastoreType": "AzureBlob",
    "accountName": "mlstore1",
    "containerName": "a",
    "credentials": {"credentialsType": "None"},
}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        running.workspace()
        yield running


@pytest.fixture
def slow_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch, delay_s=0.3) as running:
        yield running


def refused(answer: requests.Response) -> str:
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"]["message"])


FIXED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (f"{ML}/ws1/datastores/d", {"properties": BLOBS}, {"containerName": "b"}),
    (
        f"{ML}/ws1/batchEndpoints/batch",
        {"location": LOCATION, "properties": {"authMode": "AADToken"}},
        {"authMode": "Key"},
    ),
    (
        f"{ML}/ws1/computes/gpu",
        {
            "location": LOCATION,
            "properties": {
                "computeType": "AmlCompute",
                "properties": {"vmSize": "Standard_NC4as_T4_v3"},
            },
        },
        {"computeType": "ComputeInstance"},
    ),
    (
        f"{ML}/ws1/featurestoreEntities/customer/versions/1",
        {"properties": {"indexColumns": [{"columnName": "id", "dataType": "String"}]}},
        {"indexColumns": [{"columnName": "other", "dataType": "String"}]},
    ),
    (
        f"{ML}/ws1/featuresets/rows/versions/1",
        {"properties": {"specification": {"path": "azureml://a"}, "entities": ["x"]}},
        {"specification": {"path": "azureml://b"}},
    ),
    (
        f"{ML}/ws1/data/rows/versions/1",
        {"properties": {"dataType": "uri_folder", "dataUri": "azureml://a"}},
        {"dataType": "mltable"},
    ),
    (
        "Microsoft.ContainerRegistry/registries/mlreg1",
        {
            "location": LOCATION,
            "sku": {"name": "Premium"},
            "properties": {"zoneRedundancy": "Disabled"},
        },
        {"zoneRedundancy": "Enabled"},
    ),
    (
        f"{STORE}/blobServices/default/containers/rows",
        {"properties": {"defaultEncryptionScope": "a"}},
        {"defaultEncryptionScope": "b"},
    ),
]


@pytest.mark.parametrize(("path", "body", "other"), FIXED, ids=[path for path, _, _ in FIXED])
def test_what_is_fixed_is_refused_with_400_and_the_same_again_is_taken(
    azure: LocalAzure, path: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    id_ = f"{azure.group_id}/providers/{path}"
    azure.put(id_, body)
    azure.put(id_, body)
    before = azure.get(id_)
    changed = {**body, "properties": {**body["properties"], **other}}
    (name,) = other
    message = refused(azure.call("PUT", id_, changed))
    assert name in message
    assert "cannot be changed" in message
    assert azure.get(id_)["properties"][name] == before["properties"][name]


def test_an_endpoint_keeps_its_identity(azure: LocalAzure) -> None:
    id_ = f"{azure.workspace_id}/onlineEndpoints/ep1"
    body = {
        "location": LOCATION,
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key"},
    }
    azure.put(id_, body)
    azure.put(id_, body)
    user = f"{azure.group_id}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one"
    azure.put(user, {"location": LOCATION})
    given = {"type": "UserAssigned", "userAssignedIdentities": {user: {}}}
    assert "identity" in refused(azure.call("PUT", id_, {**body, "identity": given}))
    assert "identity" in refused(azure.call("PATCH", id_, {"identity": given}))


def test_what_belongs_to_a_workspace_lies_in_its_region(azure: LocalAzure) -> None:
    body = {"location": "eastus", "properties": {"authMode": "Key"}}
    for noun in ("onlineEndpoints", "batchEndpoints"):
        answer = azure.call("PUT", f"{azure.workspace_id}/{noun}/ep1", body)
        assert "'westeurope'" in refused(answer)


def test_a_private_endpoint_lies_in_the_region_of_its_network(azure: LocalAzure) -> None:
    provided = f"{azure.group_id}/providers/Microsoft.Network"
    network = f"{provided}/virtualNetworks/net"
    subnet = {"name": "s", "properties": {"addressPrefix": "10.0.0.0/26"}}
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/24"]}, "subnets": [subnet]}
    azure.put(network, {"location": "eastus", "properties": space})
    connection = {
        "name": "blob",
        "properties": {
            "privateLinkServiceId": f"{azure.group_id}/providers/{STORE}",
            "groupIds": ["blob"],
        },
    }
    body = {
        "location": LOCATION,
        "properties": {
            "subnet": {"id": f"{network}/subnets/s"},
            "privateLinkServiceConnections": [connection],
        },
    }
    id_ = f"{provided}/privateEndpoints/pe"
    assert "one location, 'eastus'" in refused(azure.call("PUT", id_, body))
    azure.put(id_, {**body, "location": "eastus"})


def test_the_location_of_an_operation_answers_202_until_it_has_ended(
    slow_azure: LocalAzure,
) -> None:
    azure = slow_azure
    azure.put(azure.group_id, {"location": LOCATION})
    answer = azure.call("DELETE", azure.group_id)
    assert answer.status_code == 202
    url = answer.headers["Location"]
    assert url != answer.headers["Azure-AsyncOperation"]
    path = url.removeprefix(str(azure.public["arm_endpoint"])).partition("?")[0]
    assert azure.call("GET", path).status_code == 202
    deadline = time.monotonic() + 10
    while (ended := azure.call("GET", path)).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert ended.status_code == 204


def test_an_operation_that_failed_tells_why_at_its_location(azure: LocalAzure) -> None:
    azure.call(
        "POST",
        "/_sandbox/faults",
        {
            "operation": "Microsoft.Resources/resourceGroups/delete",
            "kind": "failed_operation",
            "message": "out of order",
        },
    )
    answer = azure.call("DELETE", azure.group_id)
    path = answer.headers["Location"].removeprefix(str(azure.public["arm_endpoint"]))
    ended = azure.call("GET", path.partition("?")[0])
    assert ended.status_code == 409
    assert "out of order" in ended.text


def test_a_correlation_id_comes_back(azure: LocalAzure) -> None:
    given = azure.call("GET", azure.group_id, **{"x-ms-correlation-request-id": "mine"})
    assert given.headers["x-ms-correlation-request-id"] == "mine"
    made = azure.call("GET", azure.group_id)
    assert made.headers["x-ms-correlation-request-id"] == made.headers["x-ms-request-id"]
