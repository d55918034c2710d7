"""mlgap:azure:WorkspacePurge and VaultKey against the local Azure: what outlives a `destroy`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.gaps.plugin.azure.cloud import AzureCloud
from mlplatform.gaps.plugin.azure.purge import WorkspacePurge
from mlplatform.gaps.plugin.azure.vault_key import VaultKey
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.provider.values import UNKNOWN
from mlplatform.sandbox.clouds.azure.kinds import deleted
from tests.sandbox.azure_local import GROUP, WORKSPACE, LocalAzure, local_azure

PURGE = {"resourceGroupName": GROUP, "workspaceName": WORKSPACE}


@pytest.fixture
def azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAzure]:
    with local_azure(tmp_path, monkeypatch) as running:
        running.workspace()
        yield running


@pytest.fixture
def cloud(azure: LocalAzure) -> AzureCloud:
    return AzureCloud(
        {"subscription_id": azure.subscription, "tenant_id": azure.public["tenant_id"]}
    )


def around(noun: str, name: str = "one", **more: Any) -> Context:
    token = f"mlgap:azure:{noun}"
    return Context(urn=f"urn:pulumi:dev::p::{token}::{name}", token=token, name=name, **more)


def key_inputs(azure: LocalAzure, **bent: Any) -> dict[str, Any]:
    return {
        "vaultId": f"{azure.group_id}/providers/Microsoft.KeyVault/vaults/mlvault1",
        "keyName": "storage",
        "properties": {"kty": "RSA", "keySize": 3072, "keyOps": ["wrapKey", "unwrapKey"]},
        "tags": {"Owner": "ml-team"},
        **bent,
    }


def test_a_workspace_that_is_deleted_first_is_purged(azure: LocalAzure, cloud: AzureCloud) -> None:
    purge = WorkspacePurge(cloud)
    id_, state = purge.create(around("WorkspacePurge"), PURGE)
    assert id_ == azure.workspace_id
    azure.call("DELETE", azure.workspace_id)
    purge.delete(around("WorkspacePurge"), id_, PURGE, state)
    assert deleted.rows(azure.world) == []
    purge.delete(around("WorkspacePurge"), id_, PURGE, state)


def test_a_workspace_that_stands_is_never_purged(azure: LocalAzure, cloud: AzureCloud) -> None:
    WorkspacePurge(cloud).delete(around("WorkspacePurge"), azure.workspace_id, PURGE, {})
    assert azure.get(azure.workspace_id)["name"] == WORKSPACE


def test_making_the_purge_takes_nothing_away_from_others(
    azure: LocalAzure, cloud: AzureCloud
) -> None:
    azure.call("DELETE", azure.workspace_id)
    WorkspacePurge(cloud).create(around("WorkspacePurge"), PURGE)
    assert [row["name"] for row in deleted.rows(azure.world)] == [WORKSPACE]


def test_the_names_of_the_purge_come_from_the_id_at_an_import(cloud: AzureCloud) -> None:
    purge = WorkspacePurge(cloud)
    id_ = purge.create(around("WorkspacePurge"), PURGE)[0]
    assert purge.read(around("WorkspacePurge"), id_, {}, {})[1] == PURGE
    with pytest.raises(ProviderError, match="resource id of a workspace"):
        purge.read(around("WorkspacePurge"), id_ + "/datastores/x", {}, {})


def test_a_key_stays_and_is_taken_up_again(azure: LocalAzure, cloud: AzureCloud) -> None:
    key, inputs, ctx = VaultKey(cloud), key_inputs(azure), around("VaultKey")
    id_, first = key.create(ctx, inputs)
    shown = azure.get(id_)
    assert shown["properties"]["keySize"] == 3072
    assert shown["tags"]["Owner"] == "ml-team"
    assert first["keyUriWithVersion"] == shown["properties"]["keyUriWithVersion"]
    assert key.read(ctx, id_, {}, {})[1] == inputs, "an import takes all that was declared"
    key.delete(ctx, id_, inputs, first)
    assert key.create(ctx, inputs) == (id_, first)


def test_a_key_that_another_stack_made_is_not_taken(azure: LocalAzure, cloud: AzureCloud) -> None:
    inputs = key_inputs(azure)
    VaultKey(cloud).create(around("VaultKey"), inputs)
    with pytest.raises(ProviderError, match="made by somebody else"):
        VaultKey(cloud).create(around("VaultKey", "another"), inputs)


def test_what_a_key_is_cannot_change(azure: LocalAzure, cloud: AzureCloud) -> None:
    key, inputs, ctx = VaultKey(cloud), key_inputs(azure), around("VaultKey", preview=True)
    larger = key_inputs(azure, properties={"kty": "RSA", "keySize": 4096})
    with pytest.raises(ProviderError, match="give another keyName"):
        key.update(ctx, "id", inputs, {}, larger)
    assert not any(change.replace for change in key.diff(ctx, "id", inputs, {}, larger).changes)


def test_a_key_that_is_gone_is_told(azure: LocalAzure, cloud: AzureCloud) -> None:
    id_ = f"{key_inputs(azure)['vaultId']}/keys/storage"
    with pytest.raises(NotFound):
        VaultKey(cloud).read(around("VaultKey"), id_, {}, {})


def test_a_preview_calls_nothing(azure: LocalAzure, cloud: AzureCloud) -> None:
    azure.log.clear()
    ctx = around("VaultKey", preview=True)
    assert VaultKey(cloud).create(ctx, key_inputs(azure, vaultId=UNKNOWN))[0] == ""
    assert WorkspacePurge(cloud).create(around("WorkspacePurge", preview=True), PURGE)[0] == ""
    assert azure.log.entries() == []
