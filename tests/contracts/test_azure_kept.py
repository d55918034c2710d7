"""The contracts of what outlives a workspace: a key in a shared vault, and a workspace's name."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import contracts
from mlplatform.contracts.azure.gap import KEY, PURGE
from mlplatform.contracts.unknown import UNKNOWN

VAULT = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared/providers"
    "/Microsoft.KeyVault/vaults/shared-keys"
)
GOOD: dict[str, dict[str, Any]] = {
    KEY: {
        "vaultId": VAULT,
        "keyName": "storage-dev",
        "properties": {"kty": "RSA", "keySize": 3072, "keyOps": ["wrapKey", "unwrapKey"]},
        "tags": {"Owner": "ml-team"},
    },
    PURGE: {"resourceGroupName": "ml-dev", "workspaceName": "ml-dev"},
}


@pytest.mark.parametrize("token", [KEY, PURGE])
@pytest.mark.parametrize("name", ["vaultId", "keyName", "workspaceName"])
def test_good_and_unknown_inputs_pass(token: str, name: str) -> None:
    known = GOOD[token]
    assert contracts.check(token, known) == []
    if name in known:
        assert contracts.check(token, {**known, name: UNKNOWN}) == []


@pytest.mark.parametrize(
    ("token", "bent", "path"),
    [
        (KEY, {"vaultId": VAULT.replace("vaults", "managedHSMs")}, "vaultId"),
        (KEY, {"vaultId": None}, "vaultId"),
        (KEY, {"keyName": "storage_dev"}, "keyName"),
        (KEY, {"properties": {"kty": "RSA", "keySize": 1024}}, "properties.keySize"),
        (KEY, {"properties": {"kty": "AES"}}, "properties.kty"),
        (KEY, {"location": "westeurope"}, "location"),
        (PURGE, {"workspaceName": "ab"}, "workspaceName"),
        (PURGE, {"resourceGroupName": "ends."}, "resourceGroupName"),
        (PURGE, {"endpointName": "ep"}, "endpointName"),
    ],
)
def test_bad_inputs_are_refused_where_they_stand(
    token: str, bent: dict[str, Any], path: str
) -> None:
    assert path in {problem.path for problem in contracts.check(token, {**GOOD[token], **bent})}


@pytest.mark.parametrize(
    ("token", "bent", "kind"),
    [
        (KEY, {"keyName": "storage-prod"}, "replace"),
        (KEY, {"vaultId": VAULT + "2"}, "replace"),
        (KEY, {"tags": {"Owner": "others"}}, "update"),
        (KEY, {"properties": {"kty": "RSA", "keySize": 4096}}, "refuse"),
        (PURGE, {"workspaceName": "ml-prod"}, "replace"),
        (PURGE, {"resourceGroupName": "ml-prod"}, "replace"),
    ],
)
def test_a_change_does_what_its_provider_does(token: str, bent: dict[str, Any], kind: str) -> None:
    found = contracts.changes(token, GOOD[token], {**GOOD[token], **bent})
    assert {change.kind for change in found} == {kind}
