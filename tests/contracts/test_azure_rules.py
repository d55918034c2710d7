from __future__ import annotations

from typing import Any

import pytest

from mlplatform.contracts import check
from mlplatform.contracts.azure import gap, gap_deployment
from mlplatform.contracts.unknown import UNKNOWN

A = "azure-native"
ML = f"{A}:machinelearningservices"
IDS = "/subscriptions/s/resourceGroups/g/providers"
GUID = "00000000-0000-0000-0000-00000000000a"
MACHINE = {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"}
PLACE = {"resourceGroupName": "rg", "workspaceName": "ws1", "endpointName": "ep1"}

GOOD: dict[str, dict[str, Any]] = {
    f"{A}:authorization:RoleDefinition": {
        "roleDefinitionId": GUID,
        "scope": "/subscriptions/s/resourceGroups/rg",
        "roleName": "deploys models",
        "assignableScopes": ["/subscriptions/s/resourceGroups/rg"],
        "permissions": [{"actions": ["Microsoft.Insights/autoscaleSettings/write", "*/read"]}],
    },
    f"{A}:managedidentity:FederatedIdentityCredential": {
        "resourceGroupName": "rg",
        "resourceName": "ci1",
        "federatedIdentityCredentialResourceName": "github",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:acme/ml:environment:dev",
        "audiences": ["api://AzureADTokenExchange"],
    },
    f"{A}:network:VirtualNetwork": {
        "resourceGroupName": "rg",
        "virtualNetworkName": "net",
        "location": "westeurope",
        "addressSpace": {"addressPrefixes": ["10.60.0.0/16"]},
    },
    f"{A}:network:Subnet": {
        "resourceGroupName": "rg",
        "virtualNetworkName": "net",
        "subnetName": "private",
        "addressPrefix": "10.60.0.0/24",
    },
    f"{A}:network:PrivateEndpoint": {
        "resourceGroupName": "rg",
        "privateEndpointName": "store",
        "location": "westeurope",
        "subnet": {"id": f"{IDS}/Microsoft.Network/virtualNetworks/net/subnets/private"},
        "privateLinkServiceConnections": [
            {
                "name": "store",
                "privateLinkServiceId": f"{IDS}/Microsoft.Storage/storageAccounts/st",
                "groupIds": ["blob"],
            }
        ],
    },
    f"{A}:privatedns:PrivateZone": {
        "resourceGroupName": "rg",
        "privateZoneName": "privatelink.blob.core.windows.net",
        "location": "global",
    },
    f"{ML}:ManagedNetworkSettingsRule": {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "ruleName": "pypi",
        "properties": {"type": "FQDN", "destination": "*.pypi.org"},
    },
    f"{ML}:MarketplaceSubscription": {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "name": "phi-4",
        "properties": {"modelId": "azureml://registries/azureml/models/Phi-4"},
    },
    f"{ML}:ServerlessEndpoint": {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "name": "phi-4",
        "location": "westeurope",
        "properties": {
            "authMode": "Key",
            "modelSettings": {"modelId": "azureml://registries/azureml/models/Phi-4"},
        },
    },
    f"{A}:resources:ResourceGroup": {"resourceGroupName": "rg", "location": "westeurope"},
    f"{A}:keyvault:Vault": {
        "resourceGroupName": "rg",
        "vaultName": "kv-1",
        "properties": {
            "tenantId": GUID,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
        },
    },
    f"{A}:keyvault:Key": {
        "resourceGroupName": "rg",
        "vaultName": "kv-1",
        "keyName": "k",
        "properties": {"kty": "RSA", "keySize": 3072},
    },
    f"{A}:storage:StorageAccount": {
        "resourceGroupName": "rg",
        "accountName": "store1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
    },
    f"{A}:storage:BlobContainer": {
        "resourceGroupName": "rg",
        "accountName": "store1",
        "containerName": "artifacts",
    },
    f"{A}:containerregistry:Registry": {
        "resourceGroupName": "rg",
        "registryName": "registry1",
        "sku": {"name": "Standard"},
    },
    f"{A}:authorization:RoleAssignment": {
        "scope": "/subscriptions/s",
        "roleAssignmentName": GUID,
        "principalId": GUID,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{GUID}",
    },
    f"{A}:monitor:AutoscaleSetting": {
        "resourceGroupName": "rg",
        "autoscaleSettingName": "s",
        "targetResourceUri": "/subscriptions/s",
        "enabled": True,
        "profiles": [
            {
                "name": "p",
                "capacity": {"minimum": "2", "maximum": "5", "default": "2"},
                "rules": [
                    {
                        "metricTrigger": {
                            "metricName": "CpuUtilizationPercentage",
                            "metricResourceUri": "/subscriptions/s",
                            "timeGrain": "PT1M",
                            "timeWindow": "PT5M",
                            "statistic": "Average",
                            "timeAggregation": "Average",
                            "operator": "GreaterThan",
                            "threshold": 70,
                        },
                        "scaleAction": {
                            "direction": "Increase",
                            "type": "ChangeCount",
                            "value": "1",
                            "cooldown": "PT1M",
                        },
                    }
                ],
            }
        ],
    },
    f"{A}:operationalinsights:Workspace": {
        "resourceGroupName": "rg",
        "workspaceName": "logs",
        "retentionInDays": 30,
    },
    f"{A}:monitor:DiagnosticSetting": {
        "resourceUri": "/subscriptions/s",
        "name": "audit",
        "workspaceId": f"{IDS}/Microsoft.OperationalInsights/workspaces/logs",
        "logs": [{"categoryGroup": "audit", "enabled": True}],
    },
    f"{ML}:Workspace": {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "storageAccount": f"{IDS}/Microsoft.Storage/storageAccounts/a",
        "keyVault": f"{IDS}/Microsoft.KeyVault/vaults/v",
        "applicationInsights": f"{IDS}/microsoft.insights/components/i",
        "identity": {"type": "SystemAssigned"},
    },
    f"{ML}:OnlineEndpoint": {
        **PLACE,
        "properties": {"authMode": "AADToken", "traffic": {"blue": 90, "green": 10}},
    },
    f"{ML}:OnlineDeployment": {
        **PLACE,
        "deploymentName": "blue",
        "sku": {"name": "Default", "capacity": 1},
        "properties": MACHINE,
    },
    f"{ML}:ModelVersion": {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "name": "m",
        "version": "1",
        "properties": {"modelUri": "azureml://x", "modelType": "custom_model"},
    },
    f"{ML}:Compute": {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "computeName": "gpu",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {
                "vmSize": "Standard_NC4as_T4_v3",
                "vmPriority": "LowPriority",
                "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
            },
        },
    },
    gap.ENDPOINT: {**PLACE, "location": "westeurope", "properties": {"authMode": "AADToken"}},
    gap.DEPLOYMENT: {
        **PLACE,
        "location": "westeurope",
        "variant": "v1",
        "minInstances": 2,
        "maxInstances": 5,
        "properties": MACHINE,
    },
    gap.TRAFFIC: {**PLACE, "traffic": {"v1-abc": 100}},
}

BAD: list[tuple[str, str, Any, str]] = [
    (f"{A}:authorization:RoleDefinition", "roleDefinitionId", "mine", "a GUID"),
    (f"{A}:authorization:RoleDefinition", "assignableScopes.0", "/", "not the root"),
    (f"{A}:authorization:RoleDefinition", "permissions.0.actions.0", "read all", "verb"),
    (f"{A}:managedidentity:FederatedIdentityCredential", "issuer", "http://x.io", "https"),
    (f"{A}:managedidentity:FederatedIdentityCredential", "subject", "repo:acme/*", "without *"),
    (f"{A}:managedidentity:FederatedIdentityCredential", "audiences", ["a", "b"], "one audience"),
    (f"{A}:network:VirtualNetwork", "addressSpace.addressPrefixes.0", "10.60.0.1/16", "range"),
    (f"{A}:network:Subnet", "addressPrefix", "10.60.0.0/30", "/29"),
    (f"{A}:network:PrivateEndpoint", "subnet.id", f"{IDS}/x/y/z", "virtualNetworks/subnets"),
    (f"{A}:network:PrivateEndpoint", "privateLinkServiceConnections", None, "one thing"),
    (
        f"{A}:network:PrivateEndpoint",
        "privateLinkServiceConnections.0.groupIds",
        ["blob", "file"],
        "one sub-resource",
    ),
    (f"{A}:privatedns:PrivateZone", "privateZoneName", "zone", "labels"),
    (f"{ML}:ManagedNetworkSettingsRule", "properties.destination", "https://x.io", "domain name"),
    (f"{ML}:MarketplaceSubscription", "properties.modelId", "Phi-4", "registries"),
    (f"{ML}:ServerlessEndpoint", "properties.modelSettings.modelId", "Phi-4", "registries"),
    (f"{A}:resources:ResourceGroup", "resourceGroupName", "ends.", "not ending with a dot"),
    (f"{A}:keyvault:Vault", "vaultName", "kv--1", "single -"),
    (f"{A}:keyvault:Vault", "vaultName", "1kv", "first a letter"),
    (f"{A}:keyvault:Vault", "properties.enablePurgeProtection", False, "does not accept false"),
    (f"{A}:keyvault:Vault", "properties.softDeleteRetentionInDays", 5, "7 to 90 days"),
    (f"{A}:keyvault:Vault", "properties.tenantId", "tenant", "a GUID"),
    (f"{A}:keyvault:Vault", "properties.sku.name", "basic", "premium, standard"),
    (f"{A}:keyvault:Key", "properties.keySize", 1024, "2048, 3072, 4096"),
    (f"{A}:keyvault:Key", "keyName", "a_b", "letters, digits and -"),
    (f"{A}:storage:StorageAccount", "accountName", "Store-1", "lower-case letters and digits"),
    (f"{A}:storage:StorageAccount", "kind", "StorageV3", "nearest: StorageV2"),
    (f"{A}:storage:StorageAccount", "sku.name", "Standard_LSR", "nearest: Standard_LRS"),
    (f"{A}:storage:BlobContainer", "containerName", "a--b", "single -"),
    (f"{A}:containerregistry:Registry", "registryName", "my-reg", "letters and digits"),
    (f"{A}:authorization:RoleAssignment", "roleAssignmentName", "reader", "a GUID"),
    (f"{A}:authorization:RoleAssignment", "principalId", "me@x", "a GUID"),
    (f"{A}:authorization:RoleAssignment", "roleDefinitionId", "Reader", "roleDefinitions/<GUID>"),
    (f"{A}:authorization:RoleAssignment", "principalType", "Robot", "ServicePrincipal"),
    (f"{A}:monitor:AutoscaleSetting", "profiles.0.capacity.minimum", "6", "at most the maximum, 5"),
    (f"{A}:monitor:AutoscaleSetting", "profiles.0.capacity.default", "9", "2 to 5"),
    (f"{A}:monitor:AutoscaleSetting", "profiles.0.capacity.maximum", "many", "as text"),
    (
        f"{A}:monitor:AutoscaleSetting",
        "profiles.0.rules.0.scaleAction.direction",
        "Decrease",
        "Increase above a threshold",
    ),
    (
        f"{A}:monitor:AutoscaleSetting",
        "profiles.0.rules.0.scaleAction.cooldown",
        "PT10S",
        "60 s to",
    ),
    (
        f"{A}:monitor:AutoscaleSetting",
        "profiles.0.rules.0.metricTrigger.timeWindow",
        "5 minutes",
        "ISO 8601",
    ),
    (f"{A}:operationalinsights:Workspace", "retentionInDays", 10, "30 to 730"),
    (f"{A}:monitor:DiagnosticSetting", "workspaceId", f"{IDS}/X/y/z", "OperationalInsights"),
    (f"{ML}:Workspace", "workspaceName", "w", "3 to 33"),
    (f"{ML}:Workspace", "keyVault", "kv-1", "the id of a Microsoft.KeyVault/vaults"),
    (f"{ML}:Workspace", "storageAccount", None, "required"),
    (f"{ML}:OnlineEndpoint", "endpointName", "1st", "first a letter"),
    (f"{ML}:OnlineEndpoint", "endpointName", "e" * 33, "3 to 32"),
    (f"{ML}:OnlineEndpoint", "properties.traffic.green", 20, "sum is 100"),
    (f"{ML}:OnlineEndpoint", "properties.authMode", "AadTokens", "nearest: AADToken"),
    (f"{ML}:OnlineEndpoint", "properties.mirrorTraffic", {"x": 60}, "0 to 50"),
    (
        f"{ML}:OnlineDeployment",
        "properties.instanceType",
        "Standard_NC6s_v3",
        "use Standard_NC24ads",
    ),
    (
        f"{ML}:OnlineDeployment",
        "properties.instanceType",
        "Standard_NC4as_T4_v33",
        "nearest: Standard_NC4as_T4_v3",
    ),
    (f"{ML}:OnlineDeployment", "properties.instanceType", "ml.g4dn.xlarge", "a size such as"),
    (f"{ML}:OnlineDeployment", "sku.capacity", 0, "1 instance or more"),
    (
        f"{ML}:OnlineDeployment",
        "properties.requestSettings",
        {"requestTimeout": "PT500S"},
        "0 s to 180 s",
    ),
    (f"{ML}:ModelVersion", "name", "a b", "1 to 255"),
    (f"{ML}:Compute", "properties.properties.vmSize", "Standard_NC6", "retired since 2023-08-31"),
    (f"{ML}:Compute", "properties.properties.vmPriority", "low_priority", "nearest: LowPriority"),
    (f"{ML}:Compute", "properties.properties.scaleSettings.minNodeCount", 5, "0 to the maximum, 4"),
    (gap.ENDPOINT, "properties.traffic", {"v1": 100}, "owned by mlgap:azure:EndpointTraffic"),
    (gap.ENDPOINT, "tag", {}, "nearest: tags"),
    (gap.DEPLOYMENT, "variant", "v" * 26, "at most 25"),
    (gap.DEPLOYMENT, "minInstances", 6, "minInstances (6) or more"),
    (gap.DEPLOYMENT, "properties.instanceType", "Standard_NC6s_v3", "retired"),
    (gap.TRAFFIC, "traffic.v1-abc", 90, "sum is 100"),
    (gap.TRAFFIC, "endpointName", None, "required"),
]


def changed(inputs: Any, path: str, value: Any) -> Any:
    if not path:
        return value
    head, _, rest = path.partition(".")
    if isinstance(inputs, list):
        return [changed(v, rest, value) if str(i) == head else v for i, v in enumerate(inputs)]
    new = value if not rest else changed(inputs[head], rest, value)
    return {**inputs, head: new}


@pytest.mark.parametrize("token", GOOD)
def test_what_azure_accepts_is_accepted(token: str) -> None:
    assert check(token, GOOD[token]) == []


@pytest.mark.parametrize(("token", "path", "value", "words"), BAD)
def test_what_azure_refuses_is_refused(token: str, path: str, value: Any, words: str) -> None:
    problems = check(token, changed(GOOD[token], path, value))
    assert len(problems) == 1, [str(p) for p in problems]
    assert words in str(problems[0])


@pytest.mark.parametrize(("token", "path", "value", "words"), BAD)
def test_the_same_place_not_known_yet_is_not_judged(
    token: str, path: str, value: Any, words: str
) -> None:
    del value, words
    if path not in ("tag", "properties.traffic"):
        assert check(token, changed(GOOD[token], path, UNKNOWN)) == []


def test_a_size_that_the_catalogue_does_not_know_is_let_through() -> None:
    inputs = changed(
        GOOD[f"{ML}:OnlineDeployment"], "properties.instanceType", "Standard_HB120rs_v9"
    )
    assert check(f"{ML}:OnlineDeployment", inputs) == []


def test_a_vault_without_roles_needs_access_policies() -> None:
    token = f"{A}:keyvault:Vault"
    inputs = changed(GOOD[token], "properties.enableRbacAuthorization", False)
    (problem,) = check(token, inputs)
    assert problem.path == "properties.accessPolicies"
    assert check(token, changed(inputs, "properties.accessPolicies", [])) == []


def test_a_diagnostic_setting_needs_a_destination() -> None:
    token = f"{A}:monitor:DiagnosticSetting"
    (problem,) = check(token, changed(GOOD[token], "workspaceId", None))
    assert "one destination at least" in problem.message


def test_mirrored_traffic_stays_away_from_deployments_that_serve() -> None:
    token = f"{ML}:OnlineEndpoint"
    (problem,) = check(token, changed(GOOD[token], "properties.mirrorTraffic", {"blue": 10}))
    assert "without live traffic" in problem.message


def test_another_instance_type_is_another_deployment_name() -> None:
    first = gap_deployment.deployment_name("v1", {"instanceType": "Standard_DS3_v2"})
    assert first.startswith("v1-")
    assert first == gap_deployment.deployment_name("v1", {"instanceType": "standard_ds3_v2"})
    assert first != gap_deployment.deployment_name("v1", {"instanceType": "Standard_DS4_v2"})
    assert gap_deployment.deployment_name("v1", {"instanceType": UNKNOWN}) == UNKNOWN
