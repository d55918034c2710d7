from __future__ import annotations

from typing import Any

import pytest

from mlplatform.contracts import changes
from mlplatform.contracts.azure import create_only, gap
from mlplatform.contracts.unknown import UNKNOWN
from tests.contracts.test_azure_rules import GOOD, MACHINE, ML, A, changed


def kinds(token: str, path: str, value: Any) -> dict[str, str]:
    old = {**GOOD[token], "location": "westeurope"}
    return {c.path: c.kind for c in changes(token, old, changed(old, path, value))}


@pytest.mark.parametrize(
    ("token", "path", "value", "kind"),
    [
        (f"{ML}:OnlineDeployment", "properties.instanceType", "Standard_DS4_v2", "refuse"),
        (f"{ML}:OnlineDeployment", "sku.capacity", 5, "update"),
        (f"{ML}:OnlineDeployment", "deploymentName", "green", "replace"),
        (f"{ML}:OnlineDeployment", "location", "northeurope", "replace"),
        (f"{ML}:OnlineEndpoint", "properties.authMode", "Key", "refuse"),
        (f"{ML}:OnlineEndpoint", "properties.traffic.blue", 80, "update"),
        (f"{ML}:Compute", "properties.properties.vmSize", "Standard_NC8as_T4_v3", "refuse"),
        (f"{ML}:Compute", "properties.properties.vmPriority", "Dedicated", "refuse"),
        (f"{ML}:Compute", "properties.properties.scaleSettings.maxNodeCount", 8, "update"),
        (f"{ML}:ModelVersion", "properties.modelUri", "azureml://y", "refuse"),
        (f"{ML}:ModelVersion", "version", "2", "replace"),
        (f"{ML}:Workspace", "storageAccount", "/subscriptions/other", "refuse"),
        (f"{ML}:Workspace", "applicationInsights", "/subscriptions/other", "update"),
        (f"{A}:keyvault:Key", "properties.keySize", 4096, "refuse"),
        (f"{A}:storage:StorageAccount", "kind", "BlobStorage", "refuse"),
        (f"{A}:authorization:RoleAssignment", "principalId", "x", "replace"),
        (f"{A}:authorization:RoleAssignment", "roleDefinitionId", "x", "refuse"),
        (f"{A}:monitor:AutoscaleSetting", "profiles.0.capacity.maximum", "9", "update"),
        (gap.ENDPOINT, "properties.authMode", "Key", "replace"),
        (gap.ENDPOINT, "tags", {"a": "b"}, "update"),
        (gap.DEPLOYMENT, "properties.instanceType", "Standard_DS4_v2", "replace"),
        (gap.DEPLOYMENT, "properties.model", "azureml:m:2", "update"),
        (gap.DEPLOYMENT, "maxInstances", 9, "update"),
        (gap.TRAFFIC, "traffic", {"x": 100}, "update"),
        (gap.TRAFFIC, "endpointName", "other", "replace"),
    ],
)
def test_each_change_does_what_azure_does(token: str, path: str, value: Any, kind: str) -> None:
    assert set(kinds(token, path, value).values()) == {kind}


def test_regions_and_ids_written_differently_are_no_change() -> None:
    assert kinds(f"{ML}:OnlineDeployment", "location", "West Europe") == {}
    vault = str(GOOD[f"{ML}:Workspace"]["keyVault"])
    assert kinds(f"{ML}:Workspace", "keyVault", vault.lower()) == {}


def test_a_value_that_is_not_known_yet_is_a_change() -> None:
    assert kinds(f"{ML}:OnlineDeployment", "properties.instanceType", UNKNOWN) == {
        "properties.instanceType": "refuse"
    }


def test_a_refusal_says_what_to_do() -> None:
    old = GOOD[f"{ML}:OnlineDeployment"]
    new = changed(old, "properties.instanceType", "Standard_DS4_v2")
    (change,) = changes(f"{ML}:OnlineDeployment", old, new)
    assert 'replace_on_changes=["properties.instanceType"]' in change.reason
    assert change.source.startswith("azure-ai-ml")


def test_a_first_value_of_a_marked_property_is_an_update() -> None:
    old = {**GOOD[f"{ML}:OnlineDeployment"], "properties": {"endpointComputeType": "Managed"}}
    new = {**old, "properties": MACHINE}
    assert [c.kind for c in changes(f"{ML}:OnlineDeployment", old, new)] == ["update"]


def test_marks_that_are_wrong_are_corrected_by_the_table() -> None:
    paths = create_only(f"{ML}:OnlineDeployment")
    assert "properties.instanceType" in paths
    assert not [p for p in paths if p.startswith("properties.codeConfiguration")]
    assert "properties.authMode" in create_only(f"{ML}:OnlineEndpoint")


def test_a_type_that_is_not_covered_has_no_answer() -> None:
    with pytest.raises(LookupError):
        changes("azure-native:compute:VirtualMachine", {}, {})


@pytest.mark.parametrize(
    ("token", "old", "new", "kind"),
    [
        (
            "network:PrivateEndpoint",
            {"subnet": {"id": "/a"}},
            {"subnet": {"id": "/b"}},
            "replace",
        ),
        (
            "network:PrivateEndpoint",
            {"privateLinkServiceConnections": [{"privateLinkServiceId": "/a"}]},
            {"privateLinkServiceConnections": [{"privateLinkServiceId": "/b"}]},
            "refuse",
        ),
        (
            "privatedns:VirtualNetworkLink",
            {"virtualNetwork": {"id": "/a"}},
            {"virtualNetwork": {"id": "/b"}},
            "refuse",
        ),
        (
            "machinelearningservices:Workspace",
            {"encryption": {"status": "Enabled"}},
            {"encryption": {"status": "Disabled"}},
            "refuse",
        ),
        (
            "machinelearningservices:Workspace",
            {"encryption": {"keyVaultProperties": {"keyIdentifier": "https://v/keys/k/1"}}},
            {"encryption": {"keyVaultProperties": {"keyIdentifier": "https://v/keys/k/2"}}},
            "update",
        ),
        (
            "machinelearningservices:MarketplaceSubscription",
            {"properties": {"modelId": "a"}},
            {"properties": {"modelId": "b"}},
            "refuse",
        ),
        (
            "managedidentity:FederatedIdentityCredential",
            {"subject": "repo:acme/ml:environment:dev"},
            {"subject": "repo:acme/ml:environment:prod"},
            "update",
        ),
    ],
)
def test_what_azure_does_with_a_change_of_network_access_and_encryption(
    token: str, old: dict[str, Any], new: dict[str, Any], kind: str
) -> None:
    (change,) = changes(f"azure-native:{token}", old, new)
    assert change.kind == kind
    assert change.source
