"""The stand-in for pulumi-azure-native, in this process, against the local Azure."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.provider.model import Context, NotFound, Partial, ProviderError
from mlplatform.provider.values import SIGNATURE, UNKNOWN
from mlplatform.sandbox.providers.azure import AzureNative
from mlplatform.sandbox.providers.azure_arm import Arm, loopback
from mlplatform.sandbox.providers.azure_refresh import drifted
from tests.sandbox.azure_local import GROUP, LOCATION, WORKSPACE, LocalAzure, local_azure

A = "azure-native"
STORE = f"{A}:storage:StorageAccount"
ENDPOINT = f"{A}:machinelearningservices:OnlineEndpoint"
DEPLOYMENT = f"{A}:machinelearningservices:OnlineDeployment"
BLOB = f"{A}:storage:Blob"
ASSET = "c44067f5952c0a294b673a41bacd8c17"


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def provider(azure: LocalAzure) -> AzureNative:
    made = AzureNative("3.29.0")
    made.configure({"subscriptionId": azure.subscription, "location": LOCATION})
    return made


def around(token: str, name: str = "x", **more: Any) -> Context:
    return Context(urn=f"urn:{token}::{name}", token=token, name=name, seed=b"1", **more)


def account(**more: Any) -> dict[str, Any]:
    return {
        "resourceGroupName": GROUP,
        "accountName": "store1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        **more,
    }


def checked(provider: AzureNative, token: str, inputs: dict[str, Any], name: str = "x") -> Any:
    named, failures = provider.check(around(token, name), inputs, None)
    assert failures == []
    return named


def deployed(azure: LocalAzure, provider: AzureNative) -> tuple[str, dict[str, Any]]:
    """An ordinary deployment: its id and inputs."""
    azure.workspace()
    place = {"resourceGroupName": GROUP, "workspaceName": WORKSPACE, "endpointName": "ep1"}
    inputs = checked(provider, ENDPOINT, {**place, "properties": {"authMode": "Key"}})
    provider.create(around(ENDPOINT), inputs)
    properties = {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
    inputs = checked(
        provider, DEPLOYMENT, {**place, "deploymentName": "blue", "properties": properties}
    )
    return provider.create(around(DEPLOYMENT), inputs)[0], inputs


def test_names_are_made_as_the_real_provider_makes_them(provider: AzureNative) -> None:
    group = f"{A}:resources:ResourceGroup"
    name = checked(provider, group, {}, "ml")["resourceGroupName"]
    assert name.startswith("ml") and len(name) == 10
    again, _ = provider.check(around(group, "ml"), {}, {"resourceGroupName": "kept"})
    assert again["resourceGroupName"] == "kept"
    container = {"resourceGroupName": GROUP, "accountName": "store1"}
    assert checked(provider, f"{A}:storage:BlobContainer", container, "data")["containerName"] == (
        "data"
    )


def test_the_contract_refuses_in_check(provider: AzureNative) -> None:
    _, failures = provider.check(around(STORE), account(kind="StorageV3", accountName="S"), None)
    assert [f.path for f in failures] == ["kind", "accountName"]


def test_create_read_update_delete(azure: LocalAzure, provider: AzureNative) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    inputs = checked(provider, STORE, account(tags={"a": "1"}))
    id_, outputs = provider.create(around(STORE), inputs)
    assert outputs["primaryEndpoints"]["blob"].endswith("/store1/")
    assert outputs["azureApiVersion"] == "2024-01-01"
    _, same, state = provider.read(around(STORE), id_, inputs, outputs)
    assert same == inputs
    new = {**inputs, "tags": {"a": "2"}}
    provider.update(around(STORE), id_, inputs, state, new)
    assert azure.get(id_)["tags"] == {"a": "2"}
    _, seen, _ = provider.read(around(STORE), id_, inputs, state)
    assert seen["tags"] == {"a": "2"}
    provider.delete(around(STORE), id_, inputs, state)
    with pytest.raises(NotFound):
        provider.read(around(STORE), id_, inputs, state)
    provider.delete(around(STORE), id_, inputs, state)


def test_an_import_finds_the_inputs(azure: LocalAzure, provider: AzureNative) -> None:
    id_, inputs = deployed(azure, provider)
    found_id, found, _ = provider.read(around(DEPLOYMENT), id_, {}, {})
    assert found_id == id_
    assert found["deploymentName"] == inputs["deploymentName"]
    assert found["properties"]["instanceType"] == "Standard_DS3_v2"
    with pytest.raises(ProviderError, match="allowed: "):
        provider.read(around(DEPLOYMENT), "/subscriptions/x", {}, {})


def test_what_exists_is_not_created_again(azure: LocalAzure, provider: AzureNative) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    inputs = checked(provider, STORE, account())
    id_, _ = provider.create(around(STORE, "mine"), inputs)
    with pytest.raises(ProviderError, match="cannot create already existing resource"):
        provider.create(around(STORE, "other"), inputs)
    # What an interrupted create of the same resource left is taken up again.
    assert provider.create(around(STORE, "mine"), inputs)[0] == id_


def test_a_failed_create_stays_in_the_state(azure: LocalAzure, provider: AzureNative) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    azure.faults.add(
        {"operation": "*/storageAccounts/write", "kind": "failed_operation", "code": "Boom"}
    )
    with pytest.raises(Partial, match="Boom") as caught:
        provider.create(around(STORE), checked(provider, STORE, account()))
    assert caught.value.id.endswith("/storageAccounts/store1")


def test_throttles_are_tried_again(azure: LocalAzure, provider: AzureNative) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    azure.faults.add({"operation": "*/storageAccounts/write", "status": 503, "times": 1})
    provider.create(around(STORE), checked(provider, STORE, account()))


def test_diff_says_update_or_replace_as_the_real_provider(
    azure: LocalAzure, provider: AzureNative
) -> None:
    id_, inputs = deployed(azure, provider)
    moved = {**inputs, "deploymentName": "green"}
    diff = provider.diff(around(DEPLOYMENT), id_, inputs, {}, moved)
    assert diff.delete_before_replace
    assert [(c.path, c.replace) for c in diff.changes] == [("deploymentName", True)]
    retyped = {**inputs, "properties": {**inputs["properties"], "instanceType": "Standard_DS4_v2"}}
    diff = provider.diff(around(DEPLOYMENT), id_, inputs, {}, retyped)
    assert [(c.path, c.replace) for c in diff.changes] == [("properties.instanceType", False)]
    with pytest.raises(ProviderError, match="create-only"):
        provider.update(around(DEPLOYMENT, preview=True), id_, inputs, {}, retyped)


def test_a_preview_calls_nothing(azure: LocalAzure, provider: AzureNative) -> None:
    azure.log.clear()
    id_, outputs = provider.create(
        around(STORE, preview=True), checked(provider, STORE, account(tags={"a": "1"}))
    )
    assert (id_, outputs["tags"], outputs["primaryEndpoints"]) == ("", {"a": "1"}, UNKNOWN)
    assert azure.log.entries() == []


def test_blobs_are_uploaded_with_the_accounts_key_only(
    azure: LocalAzure, provider: AzureNative
) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    provider.create(around(STORE), checked(provider, STORE, account()))
    container = {"resourceGroupName": GROUP, "accountName": "store1", "containerName": "data"}
    provider.create(around(f"{A}:storage:BlobContainer"), container)
    source = {SIGNATURE: ASSET, "text": "hello"}
    inputs = checked(provider, BLOB, {**container, "source": source}, "a.txt")
    provider.create(around(BLOB, "a.txt"), inputs)
    provider.read(around(BLOB), "id", inputs, {})
    other = {**inputs, "source": {SIGNATURE: ASSET, "text": "bye"}}
    assert provider.diff(around(BLOB), "id", inputs, {}, other).delete_before_replace
    provider.delete(around(BLOB), "id", inputs, {})
    with pytest.raises(NotFound):
        provider.read(around(BLOB), "id", inputs, {})
    store = f"{azure.group_id}/providers/Microsoft.Storage/storageAccounts/store1"
    azure.call("PATCH", store, {"properties": {"allowSharedKeyAccess": False}})
    with pytest.raises(ProviderError, match="KeyBasedAuthenticationNotPermitted"):
        provider.create(around(BLOB, "a.txt"), inputs)


def test_functions_answer_or_refuse(azure: LocalAzure, provider: AzureNative) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    me = provider.invoke(f"{A}:authorization:getClientConfig", {})
    assert me["subscriptionId"] == azure.subscription
    provider.create(around(STORE), checked(provider, STORE, account()))
    place = {"resourceGroupName": GROUP, "accountName": "store1"}
    assert provider.invoke(f"{A}:storage:getStorageAccount", place)["kind"] == "StorageV2"
    assert provider.invoke(f"{A}:storage:listStorageAccountKeys", place)["keys"]
    with pytest.raises(ProviderError, match="does not know the function"):
        provider.invoke(f"{A}:compute:getVirtualMachine", {})


def test_another_tenant_is_refused(azure: LocalAzure) -> None:
    with pytest.raises(ProviderError, match="credentials belong to tenant"):
        AzureNative("3.29.0").configure({"tenantId": "00000000-0000-0000-0000-0000000000bb"})
    assert azure.public["tenant_id"] == os.environ["ARM_TENANT_ID"]


@pytest.mark.parametrize(
    "address", [None, "", "https://management.azure.com", "http://localhost:1", "https://10.0.0.1"]
)
def test_addresses_elsewhere_are_refused(address: str | None) -> None:
    with pytest.raises(ProviderError):
        loopback(address)


def test_without_the_sandbox_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLP_SANDBOX_AZURE_ARM_ENDPOINT", raising=False)
    with pytest.raises(ProviderError, match="inside the sandbox only"):
        Arm()


@pytest.mark.parametrize(
    ("inputs", "before", "now", "after"),
    [
        ({"a": 1}, {"a": 1, "filled": 2}, {"a": 1, "filled": 2}, {"a": 1}),
        ({"a": 1}, {"a": 1, "filled": 2}, {"a": 1, "filled": 3}, {"a": 1, "filled": 3}),
        ({"a": 1}, {"a": 1}, {"a": 5}, {"a": 5}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}, {"a": 1}),
        ({"o": {"a": 1}}, {"o": {"a": 1, "f": 1}}, {"o": {"a": 2, "f": 1}}, {"o": {"a": 2}}),
        ({"l": [1]}, {"l": [1]}, {"l": [1, 2]}, {"l": [1, 2]}),
    ],
)
def test_a_refresh_applies_what_changed_and_nothing_else(
    inputs: Any, before: Any, now: Any, after: Any
) -> None:
    assert drifted(inputs, before, now) == after
