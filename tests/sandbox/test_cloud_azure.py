"""The local Azure, asked by Microsoft's own management clients and by plain requests."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mlplatform.sandbox.clouds import frame
from mlplatform.sandbox.clouds.azure.kinds import monitor
from tests.sandbox.azure_local import GROUP, LOCATION, ML, LocalAzure, local_azure

READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
DEPLOYMENT: dict[str, Any] = {
    "location": LOCATION,
    "sku": {"name": "Default", "capacity": 2},
    "properties": {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"},
}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def slow_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    """With transitional states that last for a moment."""
    with local_azure(tmp_path, monkeypatch, delay_s=0.15) as running:
        yield running


def code(answer: requests.Response) -> str:
    return str(answer.json()["error"]["code"])


def endpoint(azure: LocalAzure, traffic: dict[str, int] | None = None) -> str:
    id_ = f"{azure.workspace_id}/onlineEndpoints/ep1"
    properties: dict[str, Any] = {"authMode": "AADToken"}
    if traffic is not None:
        properties["traffic"] = traffic
    azure.put(id_, {"location": LOCATION, "properties": properties})
    return id_


def served(azure: LocalAzure) -> str:
    """An endpoint with two deployments and traffic 90 to 10; its id."""
    azure.workspace()
    id_ = endpoint(azure)
    for name in ("blue", "green"):
        azure.put(f"{id_}/deployments/{name}", DEPLOYMENT)
    return endpoint(azure, {"blue": 90, "green": 10})


@pytest.mark.parametrize(
    ("size", "there"),
    [
        ("Standard_NC6s_v3", False),
        ("Standard_NC24r", False),
        ("Standard_NV32as_v4", False),
        ("Standard_NC4as_T4_v3", True),
        ("Standard_ND40rs_v2", True),
        ("Standard_NV36ads_A10_v5", True),
    ],
)
def test_machines_of_retired_series_are_given_to_nobody(
    azure: LocalAzure, size: str, there: bool
) -> None:
    azure.workspace()
    deployment = {**DEPLOYMENT, "properties": {**DEPLOYMENT["properties"], "instanceType": size}}
    inner = {"vmSize": size, "scaleSettings": {"maxNodeCount": 1}}
    properties = {"computeType": "AmlCompute", "properties": inner}
    cluster = {"location": LOCATION, "properties": properties}
    for path, body in (
        (f"{endpoint(azure)}/deployments/blue", deployment),
        (f"{azure.workspace_id}/computes/c", cluster),
    ):
        answer = azure.call("PUT", path, body)
        if there:
            assert answer.status_code < 300, answer.text
        else:
            assert code(answer) == "InvalidVmSize"


def test_requests_without_a_token_or_a_version_are_refused(azure: LocalAzure) -> None:
    assert code(azure.call("GET", azure.group_id, api="")) == "MissingApiVersionParameter"
    assert code(azure.call("GET", azure.group_id, api="latest")) == "InvalidApiVersionParameter"
    assert azure.call("GET", azure.group_id, Authorization="").status_code == 401


def test_a_parent_must_exist_first(azure: LocalAzure) -> None:
    assert code(azure.call("PUT", azure.workspace_id, {})) == "ResourceGroupNotFound"
    azure.put(azure.group_id, {"location": LOCATION})
    answer = azure.call("PUT", f"{azure.workspace_id}/onlineEndpoints/e", {"location": LOCATION})
    assert code(answer) == "ParentResourceNotFound"


def test_a_location_is_normalised_and_cannot_change(azure: LocalAzure) -> None:
    assert azure.put(azure.group_id, {"location": "West Europe"})["location"] == LOCATION
    other = azure.call("PUT", azure.group_id, {"location": "eastus"})
    assert (other.status_code, code(other)) == (409, "InvalidResourceLocation")
    nowhere = azure.call("PUT", azure.group_id + "2", {"location": "atlantis"})
    assert code(nowhere) == "LocationNotAvailableForResourceType"


def test_a_workspace_needs_its_dependents(azure: LocalAzure) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    missing = f"{azure.group_id}/providers/Microsoft.KeyVault/vaults/nope"
    body = {
        "location": LOCATION,
        "identity": {"type": "SystemAssigned"},
        "properties": {"keyVault": missing, "storageAccount": missing},
    }
    assert "does not exist" in azure.call("PUT", azure.workspace_id, body).text


def test_a_put_of_an_endpoint_without_traffic_drops_it(azure: LocalAzure) -> None:
    id_ = served(azure)
    assert azure.get(id_)["properties"]["traffic"] == {"blue": 90, "green": 10}
    endpoint(azure)
    assert azure.get(id_)["properties"]["traffic"] == {}


def test_a_patch_of_an_endpoint_carries_tags_and_identity_only(azure: LocalAzure) -> None:
    id_ = served(azure)
    assert azure.call("PATCH", id_, {"tags": {"a": "b"}}).status_code == 202
    assert azure.get(id_)["properties"]["traffic"] == {"blue": 90, "green": 10}
    refused = azure.call("PATCH", id_, {"properties": {"traffic": {}}})
    assert (refused.status_code, code(refused)) == (400, "InvalidRequestContent")


@pytest.mark.parametrize(
    ("traffic", "words"),
    [({"blue": 90}, "0 or 100"), ({"red": 100}, "does not exist"), ({"blue": -1}, "0 or 100")],
)
def test_impossible_traffic_is_refused(
    azure: LocalAzure, traffic: dict[str, int], words: str
) -> None:
    id_ = served(azure)
    body = {"location": LOCATION, "properties": {"authMode": "AADToken", "traffic": traffic}}
    answer = azure.call("PUT", id_, body)
    assert answer.status_code == 400
    assert words in answer.text


def test_a_deployment_with_traffic_cannot_go(azure: LocalAzure) -> None:
    id_ = served(azure)
    assert "takes 90 percent" in azure.call("DELETE", f"{id_}/deployments/blue").text
    endpoint(azure, {"green": 100})
    assert azure.call("DELETE", f"{id_}/deployments/blue").status_code == 202
    assert azure.call("GET", f"{id_}/deployments/blue").status_code == 404


def test_what_a_deployment_cannot_change_or_have(azure: LocalAzure) -> None:
    id_ = f"{served(azure)}/deployments/blue"
    other = {**DEPLOYMENT, "properties": {**DEPLOYMENT["properties"]}}
    other["properties"]["instanceType"] = "Standard_DS4_v2"
    assert "cannot be changed" in azure.call("PUT", id_, other).text
    many = {**DEPLOYMENT, "sku": {"name": "Default", "capacity": 51}}
    assert code(azure.call("PUT", id_, many)) == "OutOfQuota"
    model = f"{azure.workspace_id}/models/m/versions/1"
    lost = {**DEPLOYMENT, "properties": {**DEPLOYMENT["properties"], "model": model}}
    assert "does not exist" in azure.call("PUT", id_, lost).text


def test_a_version_is_immutable_and_stays_while_it_is_used(azure: LocalAzure) -> None:
    id_ = served(azure)
    model = f"{azure.workspace_id}/models/m/versions/1"
    azure.put(model, {"properties": {"modelUri": "azureml://a"}})
    assert azure.get(f"{azure.workspace_id}/models/m")["name"] == "m"
    changed = azure.call("PUT", model, {"properties": {"modelUri": "azureml://b"}})
    assert "cannot be changed" in changed.text
    properties = {**DEPLOYMENT["properties"], "model": model}
    azure.put(f"{id_}/deployments/blue", {**DEPLOYMENT, "properties": properties})
    assert azure.call("DELETE", model).status_code == 409


def test_enabled_autoscale_brings_the_count_into_its_bounds(azure: LocalAzure) -> None:
    target = f"{served(azure)}/deployments/blue"
    setting = f"{azure.group_id}/providers/Microsoft.Insights/autoscaleSettings/s"
    body: dict[str, Any] = {
        "location": LOCATION,
        "properties": {
            "enabled": False,
            "targetResourceUri": target,
            "profiles": [
                {"name": "p", "capacity": {"minimum": "3", "maximum": "5", "default": "3"}}
            ],
        },
    }
    azure.put(setting, body)
    assert azure.get(target)["sku"]["capacity"] == 2
    body["properties"]["enabled"] = True
    azure.put(setting, body)
    assert azure.get(target)["sku"]["capacity"] == 3
    assert code(azure.call("PUT", f"{setting}2", body)) == "AutoscaleSettingConflict"


def test_a_role_needs_a_principal_of_the_right_kind(slow_azure: LocalAzure) -> None:
    azure = slow_azure
    azure.put(azure.group_id, {"location": LOCATION})
    provided = f"{azure.group_id}/providers"
    identity = azure.put(
        f"{provided}/Microsoft.ManagedIdentity/userAssignedIdentities/who", {"location": LOCATION}
    )
    principal = identity["properties"]["principalId"]

    def assign(number: int, **more: Any) -> requests.Response:
        name = f"{number:08d}-0000-0000-0000-000000000000"
        role = f"/providers/Microsoft.Authorization/roleDefinitions/{READER}"
        properties = {"roleDefinitionId": role, "principalId": principal, **more}
        path = f"{azure.group_id}/providers/Microsoft.Authorization/roleAssignments/{name}"
        return azure.call("PUT", path, {"properties": properties})

    assert code(assign(1)) == "PrincipalNotFound"
    assert code(assign(1, principalType="User")) == "UnmatchedPrincipalType"
    assert assign(1, principalType="ServicePrincipal").status_code == 201
    assert code(assign(2, principalType="ServicePrincipal")) == "RoleAssignmentExists"
    other = {"principalType": "ServicePrincipal", "roleDefinitionId": READER.replace("2", "3")}
    assert code(assign(1, **other)) == "RoleAssignmentUpdateNotPermitted"
    unknown = "99999999-9999-9999-9999-999999999999"
    assert code(assign(3, principalId=unknown)) == "PrincipalNotFound"


def test_a_deleted_vault_keeps_its_name(azure: LocalAzure) -> None:
    azure.put(azure.group_id, {"location": LOCATION})
    id_ = f"{azure.group_id}/providers/Microsoft.KeyVault/vaults/kv1"
    properties = {"enableRbacAuthorization": True, "enablePurgeProtection": True}
    body = {"location": LOCATION, "properties": properties}
    azure.put(id_, body)
    key = azure.put(f"{id_}/keys/k", {"properties": {"kty": "RSA"}})
    again = azure.put(f"{id_}/keys/k", {"properties": {"kty": "RSA", "keySize": 4096}})
    assert again["properties"]["keySize"] == key["properties"]["keySize"] == 2048
    azure.call("DELETE", id_)
    assert code(azure.call("PUT", id_, body)) == "ConflictError"
    deleted = (
        f"/subscriptions/{azure.subscription}/providers/Microsoft.KeyVault/locations/{LOCATION}"
        "/deletedVaults/kv1"
    )
    assert azure.call("POST", f"{deleted}/purge").status_code == 403
    resources = requests.get(
        f"{azure.public['arm_endpoint']}/_sandbox/resources",
        verify=str(azure.public["ca_certificate"]),
        timeout=10,
    ).json()
    assert "Microsoft.KeyVault/deletedVaults kv1" in resources
    azure.put(id_, {"location": LOCATION, "properties": {"createMode": "recover"}})
    assert azure.get(f"{id_}/keys/k")["name"] == "k"


def test_names_that_are_one_in_the_world_are_taken_once(azure: LocalAzure) -> None:
    azure.workspace()
    azure.put(f"{azure.group_id}2", {"location": LOCATION})
    sku = {"name": "Standard_LRS"}
    path = f"{azure.group_id}2/providers/Microsoft.Storage/storageAccounts/mlstore1"
    answer = azure.call("PUT", path, {"location": LOCATION, "kind": "StorageV2", "sku": sku})
    assert (answer.status_code, code(answer)) == (409, "StorageAccountAlreadyTaken")


def test_a_key_of_ones_own_needs_the_role_to_use_it(azure: LocalAzure) -> None:
    azure.workspace()
    provided = f"{azure.group_id}/providers"
    vault = f"{provided}/Microsoft.KeyVault/vaults/mlvault1"
    identity = f"{provided}/Microsoft.ManagedIdentity/userAssignedIdentities/who"
    azure.put(f"{vault}/keys/k", {"properties": {"kty": "RSA"}})
    principal = azure.put(identity, {"location": LOCATION})["properties"]["principalId"]
    account = f"{provided}/Microsoft.Storage/storageAccounts/mlstore2"
    body = {
        "location": LOCATION,
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {
            "encryption": {
                "keySource": "Microsoft.Keyvault",
                "identity": {"userAssignedIdentity": identity},
                "keyvaultproperties": {
                    "keyname": "k",
                    "keyvaulturi": "https://mlvault1.vault.azure.net/",
                },
            }
        },
    }
    assert code(azure.call("PUT", account, body)) == "KeyVaultAuthenticationFailure"
    role = "/providers/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6"
    name = "00000000-0000-0000-0000-000000000001"
    azure.put(
        f"{vault}/keys/k/providers/Microsoft.Authorization/roleAssignments/{name}",
        {"properties": {"roleDefinitionId": role, "principalId": principal}},
    )
    assert azure.put(account, body)["properties"]["provisioningState"] == "Succeeded"


def test_deleting_a_group_deletes_everything_in_it(azure: LocalAzure) -> None:
    served(azure)
    assert azure.call("DELETE", azure.group_id).status_code == 202
    assert [str(r["id"]) for r in azure.world.resources()] == []


def test_slow_changes_pass_through_states_and_refuse_others(slow_azure: LocalAzure) -> None:
    azure = slow_azure
    answer = azure.call("PUT", azure.group_id, {"location": LOCATION})
    account = f"{azure.group_id}/providers/Microsoft.Storage/storageAccounts/mlstore9"
    body = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    answer = azure.call("PUT", account, body)
    assert answer.status_code == 202
    assert azure.get(account)["properties"]["provisioningState"] == "Creating"
    assert code(azure.call("PUT", account, body)) == "Conflict"
    status = answer.headers["Azure-AsyncOperation"].removeprefix(azure.public["arm_endpoint"])
    deadline = time.monotonic() + 5
    while azure.call("GET", status, api="").json()["status"] == "InProgress":
        assert time.monotonic() < deadline
    assert azure.get(account)["properties"]["provisioningState"] == "Succeeded"


def test_faults_come_when_they_are_asked_for(azure: LocalAzure) -> None:
    write = "Microsoft.Resources/resourceGroups/write"
    for fault in (
        {"operation": write, "kind": "throttle"},
        {"operation": write, "status": 500, "code": "Boom", "message": "no"},
        {"operation": write, "kind": "lost_answer"},
    ):
        assert azure.faults.add(fault) == []
    body = {"location": LOCATION}
    throttled = azure.call("PUT", azure.group_id, body)
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "1")
    assert code(azure.call("PUT", azure.group_id, body)) == "Boom"
    with pytest.raises(requests.ConnectionError):
        azure.call("PUT", azure.group_id, body)
    assert azure.get(azure.group_id)["name"] == GROUP
    assert [e["status"] for e in azure.log.entries() if e["operation"] == write] == [429, 500, 0]


def test_an_operation_that_fails_leaves_a_failed_resource(azure: LocalAzure) -> None:
    azure.workspace()
    operation = f"{ML}/onlineEndpoints/write"
    azure.faults.add({"operation": operation, "kind": "failed_operation", "code": "ImageFailure"})
    id_ = f"{azure.workspace_id}/onlineEndpoints/ep1"
    body = {"location": LOCATION, "properties": {"authMode": "Key"}}
    status = azure.call("PUT", id_, body).headers["Azure-AsyncOperation"]
    answer = azure.call("GET", status.removeprefix(azure.public["arm_endpoint"]), api="").json()
    assert (answer["status"], answer["error"]["code"]) == ("Failed", "ImageFailure")
    assert azure.get(id_)["properties"]["provisioningState"] == "Failed"


def test_the_management_clients_read_back_what_they_wrote(azure: LocalAzure) -> None:
    from azure.mgmt.keyvault import KeyVaultManagementClient
    from azure.mgmt.monitor import MonitorManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from azure.mgmt.storage import StorageManagementClient

    where: dict[str, Any] = {"base_url": azure.public["arm_endpoint"], "polling_interval": 0}
    who = (azure.credential, azure.subscription)
    groups = ResourceManagementClient(*who, **where).resource_groups
    accounts = StorageManagementClient(*who, **where).storage_accounts
    vaults = KeyVaultManagementClient(*who, **where).vaults
    settings = MonitorManagementClient(*who, **where).autoscale_settings

    groups.create_or_update(GROUP, {"location": LOCATION, "tags": {"a": "b"}})
    assert groups.get(GROUP).tags == {"a": "b"}
    sku = {"name": "Standard_LRS"}
    body = {"location": LOCATION, "kind": "StorageV2", "sku": sku}
    account = accounts.begin_create(GROUP, "mlstore1", body).result()
    assert account.primary_endpoints.blob == f"{azure.public['blob_endpoint']}/mlstore1/"
    properties = {
        "tenantId": azure.public["tenant_id"],
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    body = {"location": LOCATION, "properties": properties}
    vault = vaults.begin_create_or_update(GROUP, "kv1", body).result()
    assert vault.properties.enable_rbac_authorization is True
    assert list(settings.list_by_resource_group(GROUP)) == []
    groups.begin_delete(GROUP).result()
    assert [v.name for v in vaults.list_deleted()] == ["kv1"]


def test_default_azure_credential_finds_its_token_here(azure: LocalAzure) -> None:
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential().get_token(f"{azure.public['arm_endpoint']}/.default")
    assert token.token == azure.public["token"]


def test_state_and_ports_survive_a_sudden_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mlplatform.sandbox.clouds.azure", "--dir", str(tmp_path)]
    environment = {**os.environ, "MLP_SANDBOX_DELAY_S": "0"}

    def started(process: subprocess.Popen[bytes]) -> dict[str, Any]:
        deadline = time.monotonic() + 10
        while frame.read_address(tmp_path).get("pid") != process.pid:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        return frame.read_address(tmp_path)

    path = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
    with subprocess.Popen(command, env=environment) as first:
        public = started(first)["public"]
        options: dict[str, Any] = {
            "params": {"api-version": "2024-03-01"},
            "headers": {"Authorization": "Bearer x"},
            "verify": public["ca_certificate"],
            "timeout": 10,
        }
        requests.put(
            public["arm_endpoint"] + path, json={"location": LOCATION}, **options
        ).raise_for_status()
        first.send_signal(signal.SIGKILL)
    with subprocess.Popen(command, env=environment) as second:
        again = started(second)["public"]
        assert again == public
        answer = requests.get(again["arm_endpoint"] + path, **options)
        assert answer.json()["location"] == LOCATION
        second.terminate()
        assert second.wait(10) == 0


def test_the_scheduled_profile_that_began_last_holds() -> None:
    def profile(name: str, day: str, hour: int) -> dict[str, Any]:
        schedule = {"timeZone": "UTC", "days": [day], "hours": [hour], "minutes": [0]}
        return {"name": name, "recurrence": {"frequency": "Week", "schedule": schedule}}

    always = {"name": "default"}
    found = [always, profile("week", "Monday", 6), profile("rest", "Saturday", 20)]

    def at(day: int, hour: int) -> str:
        # The first day of 2026 with a Sunday is the fourth.
        now = datetime.datetime(2026, 1, 4 + day, hour, tzinfo=datetime.UTC)
        return str(monitor.active(found, now)["name"])

    assert [at(1, 5), at(1, 6), at(6, 19), at(6, 20), at(7, 12)] == [
        "rest",
        "week",
        "week",
        "rest",
        "rest",
    ]
    assert monitor.active([always], datetime.datetime.now(datetime.UTC)) == always
