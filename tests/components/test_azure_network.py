"""Network, isolation and existing things on Azure: what the components ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.azure.keys import Keys, KeysArgs
from components.azure.network import Network, NetworkArgs, first_quarter
from components.azure.outbound import IsolationArgs, OutboundArgs
from components.azure.storage import Storage, StorageArgs
from components.azure.workspace import Workspace, WorkspaceArgs
from mlplatform.contracts import check, covers
from mlplatform.contracts.azure import create_only
from tests.components.test_azure import ML, PLACE, TAGS, AzureMocks, azure_mocks
from tests.recorder import Inventory, run

__all__ = ["AzureMocks", "azure_mocks"]

SHARED = f"/subscriptions/{PLACE.subscription_id}/resourceGroups/shared/providers"
VAULT = f"{SHARED}/Microsoft.KeyVault/vaults/shared-keys"
REGISTRY = f"{SHARED}/Microsoft.ContainerRegistry/registries/shared"
LOGS = f"{SHARED}/Microsoft.OperationalInsights/workspaces/shared"
NETWORK = NetworkArgs(place=PLACE, network_name="ml-test", address_space="10.60.0.0/22", tags=TAGS)
PYPI = OutboundArgs(name="pypi", fqdn="pypi.org")
TAG = OutboundArgs(name="logs", service_tag="AzureMonitor")


def declare(**changes: Any) -> None:
    keys = Keys(
        "ml-test-keys",
        KeysArgs(
            place=PLACE,
            identity_name="ml-test-keys",
            vault_id=VAULT,
            key_name="ml-test-storage",
            tags=TAGS,
        ),
    )
    private: dict[str, Any] = {"public": False, "allowed_ips": ["203.0.113.7"]}
    storage = Storage(
        "storage", StorageArgs(place=PLACE, account_name="mltest", keys=keys, tags=TAGS, **private)
    )
    args = WorkspaceArgs(
        place=PLACE,
        workspace_name="ml-test",
        registry_name="mltest",
        keys=keys,
        storage=storage,
        public=False,
        encrypted=True,
        isolation=IsolationArgs(mode="approved_outbound", rules=[PYPI, TAG]),
        tags=TAGS,
    )
    workspace = Workspace("workspace", replace(args, **changes))
    network = Network("net", NETWORK)
    network.connect("workspace", workspace.workspace_id, "amlworkspace", after=[workspace])


@pytest.fixture(scope="module")
def built() -> Inventory:
    return run(lambda: declare(registry_id=REGISTRY, logs_id=LOGS))


def test_what_exists_is_used_and_not_made(built: Inventory) -> None:
    made = {one.type.rpartition(":")[0].rpartition(":")[2] for one in built.resources}
    assert not made & {"containerregistry", "operationalinsights"}
    assert not [one for one in built.resources if one.type == "azure-native:keyvault:Vault"]
    key = built.one("mlgap:azure:VaultKey").inputs
    assert (key["vaultId"], key["keyName"]) == (VAULT, "ml-test-storage")
    assert [one for one in built.resources if one.type == "azure-native:keyvault:Key"] == []
    workspace = built.one(f"{ML}:Workspace").inputs
    assert (workspace["keyVault"], workspace["containerRegistry"]) == (VAULT, REGISTRY)
    audit = built.one("azure-native:monitor:DiagnosticSetting").inputs
    assert audit["workspaceId"] == LOGS


def test_a_deleted_workspace_gives_its_name_back_unless_it_is_to_be_kept() -> None:
    kept = run(lambda: declare(purge=False))
    assert [one for one in kept.resources if one.type == "mlgap:azure:WorkspacePurge"] == []
    given = run(declare).one("mlgap:azure:WorkspacePurge").inputs
    assert given == {"resourceGroupName": "ml-test", "workspaceName": "ml-test"}


def test_a_private_registry_is_of_the_kind_that_can_be() -> None:
    registry = run(declare).one("azure-native:containerregistry:Registry").inputs
    assert registry["sku"] == {"name": "Premium"}
    assert registry["publicNetworkAccess"] == "Disabled"
    assert registry["adminUserEnabled"] is False


def test_the_workspace_is_isolated_encrypted_and_takes_the_keys_identity(
    built: Inventory,
) -> None:
    given = built.one(f"{ML}:Workspace").inputs
    assert given["publicNetworkAccess"] == "Disabled"
    assert given["managedNetwork"]["isolationMode"] == "AllowOnlyApprovedOutbound"
    identity = given["encryption"]["identity"]["userAssignedIdentity"]
    assert given["identity"]["userAssignedIdentities"] == [identity]
    rules = [one for one in built.resources if one.type.endswith("ManagedNetworkSettingsRule")]
    assert [one.inputs["ruleName"] for one in rules] == ["pypi", "logs"]
    # One change of the network at a time.
    assert rules[0].urn in rules[1].request.dependencies


def test_azure_would_accept_every_resource(built: Inventory) -> None:
    for one in built.resources:
        if covers(one.type):
            found = [
                str(p)
                for p in check(one.type, one.inputs)
                if not str(p.got).endswith(("-id", "-auto"))
            ]
            # What the mocks leave out: they do not fill in a key's address.
            assert [p for p in found if "keyIdentifier" not in p] == [], one.name


def test_a_zone_is_linked_and_a_private_endpoint_named_in_each_of_its_zones(
    built: Inventory,
) -> None:
    group = built.one("azure-native:network:PrivateDnsZoneGroup").inputs
    assert len(group["privateDnsZoneConfigs"]) == 2
    zones = [one for one in built.resources if one.type == "azure-native:privatedns:PrivateZone"]
    assert len(zones) == 6
    for link in built.resources:
        if link.type == "azure-native:privatedns:VirtualNetworkLink":
            assert link.inputs["virtualNetwork"]["id"].endswith("/virtualNetworks/ml-test")
            assert link.inputs["registrationEnabled"] is False


def test_what_azure_refuses_to_change_is_declared_to_be_made_anew(built: Inventory) -> None:
    for type_, path in (
        ("azure-native:network:PrivateEndpoint", "privateLinkServiceConnections"),
        ("azure-native:privatedns:VirtualNetworkLink", "virtualNetwork"),
        (f"{ML}:Datastore", "properties.accountName"),
    ):
        found = [one for one in built.resources if one.type == type_]
        assert found
        for one in found:
            assert path in one.request.replaceOnChanges
            assert one.request.deleteBeforeReplace
            assert any(refused.startswith(path) for refused in create_only(type_)), type_


def test_the_subnet_is_a_part_of_the_range_that_has_room() -> None:
    assert first_quarter("10.60.0.0/22") == "10.60.0.0/24"
    assert first_quarter("10.60.0.0/28") == "10.60.0.0/28"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: replace(NETWORK, subnet_id="/x"), "one of them"),
        (lambda: replace(NETWORK, sub_resources=["sql"]), "sub_resources"),
        (lambda: OutboundArgs(name="x", fqdn="a.io", service_tag="b"), "rule x"),
        (lambda: OutboundArgs(name="x", resource_id="/x"), "sub_resource"),
        (lambda: IsolationArgs(mode="internet_outbound", rules=[PYPI]), "approved_outbound only"),
        (lambda: IsolationArgs(mode="approved_outbound", rules=[PYPI, PYPI]), "each name once"),
    ],
)
def test_arguments_that_cannot_be_are_refused(wrong: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wrong()
