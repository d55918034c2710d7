"""What the local Azure keeps of what is deleted, and what that means for its name."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.sandbox.clouds.azure.existing import existing
from mlplatform.sandbox.clouds.azure.kinds import deleted
from tests.sandbox.azure_local import GROUP, LOCATION, WORKSPACE, LocalAzure, local_azure

pytestmark = pytest.mark.filterwarnings("ignore")

PURGE = {"forceToPurge": "true"}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path / "azure", monkeypatch) as found:
        yield found


def delete(azure: LocalAzure, id_: str, **query: str) -> int:
    more = "&".join(f"{name}={value}" for name, value in query.items())
    return azure.call("DELETE", f"{id_}?{more}").status_code


def workspace_body(azure: LocalAzure, identity: str = "SystemAssigned") -> dict[str, Any]:
    found = azure.get(azure.workspace_id)
    linked = {name: found["properties"][name] for name in ("storageAccount", "keyVault")}
    return {"location": LOCATION, "identity": {"type": identity}, "properties": linked}


def test_a_deleted_workspace_holds_its_name_until_it_is_purged(azure: LocalAzure) -> None:
    id_ = azure.workspace()
    body = workspace_body(azure)
    assert delete(azure, id_) == 202
    assert azure.call("GET", id_).status_code == 404
    assert f"Microsoft.MachineLearningServices/workspaces {id_} (deleted)" in existing(azure.world)
    refused = azure.call("PUT", id_, body)
    assert refused.status_code == 400
    assert "Soft-deleted workspace exists" in refused.json()["error"]["message"]
    azure.put(f"{id_[: -len(WORKSPACE)]}another", body)

    assert delete(azure, id_, **PURGE) == 204
    assert azure.put(id_, body)["name"] == WORKSPACE


def test_a_workspace_that_is_purged_at_once_leaves_nothing(azure: LocalAzure) -> None:
    id_ = azure.workspace()
    body = workspace_body(azure)
    assert delete(azure, id_, **PURGE) == 202
    assert deleted.rows(azure.world) == []
    azure.put(id_, body)


def test_a_deleted_workspace_gives_its_name_back_after_its_retention(
    azure: LocalAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = azure.workspace()
    body = workspace_body(azure)
    delete(azure, id_)
    later = time.time() + (deleted.WORKSPACE_DAYS + 1) * 86400
    monkeypatch.setattr(time, "time", lambda: later)
    azure.put(id_, body)


def test_without_an_identity_of_its_own_a_workspace_is_not_kept(azure: LocalAzure) -> None:
    id_ = azure.workspace()
    body = workspace_body(azure, "UserAssigned")
    delete(azure, id_, **PURGE)
    azure.put(id_, body)
    delete(azure, id_)
    assert deleted.rows(azure.world) == []


def test_a_group_that_goes_leaves_its_workspaces_to_be_taken_back(azure: LocalAzure) -> None:
    id_ = azure.workspace()
    delete(azure, azure.group_id)
    assert [row["id"] for row in deleted.rows(azure.world)] == [id_]


def test_log_analytics_of_the_same_name_is_the_old_one(azure: LocalAzure) -> None:
    from azure.mgmt.loganalytics import LogAnalyticsManagementClient

    azure.put(azure.group_id, {"location": LOCATION})
    id_ = f"{azure.group_id}/providers/Microsoft.OperationalInsights/workspaces/logs"
    endpoint = azure.public["arm_endpoint"]
    client = LogAnalyticsManagementClient(
        azure.credential,
        azure.subscription,
        base_url=endpoint,
        credential_scopes=[f"{endpoint}/.default"],
        connection_verify=str(azure.public["ca_certificate"]),
    )
    first = azure.put(id_, {"location": LOCATION})["properties"]["customerId"]
    client.workspaces.begin_delete(GROUP, "logs").result()
    assert [found.name for found in client.deleted_workspaces.list()] == ["logs"]
    assert azure.call("PUT", id_, {"location": "northeurope"}).status_code == 409
    assert azure.put(id_, {"location": LOCATION})["properties"]["customerId"] == first
    assert list(client.deleted_workspaces.list()) == []

    client.workspaces.begin_delete(GROUP, "logs", force=True).result()
    assert list(client.deleted_workspaces.list()) == []
    assert azure.put(id_, {"location": LOCATION})["properties"]["customerId"] != first


def test_a_deleted_key_holds_its_name_in_a_vault_that_stays(azure: LocalAzure) -> None:
    azure.workspace()
    vault = f"{azure.group_id}/providers/Microsoft.KeyVault/vaults/mlvault1"
    key = {"properties": {"kty": "RSA"}}
    azure.put(f"{vault}/keys/k", key)
    delete(azure, f"{vault}/keys/k")
    refused = azure.call("PUT", f"{vault}/keys/k", key)
    assert refused.status_code == 409
    assert "deleted but recoverable" in refused.json()["error"]["message"]

    azure.put(f"{vault}/keys/other", key)
    delete(azure, vault)
    assert [row["name"] for row in deleted.rows(azure.world)] == ["k"]
