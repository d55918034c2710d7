"""What each resource type does beyond what every type does, one file for each service."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.kinds import (
    assets,
    authorization,
    identity,
    jobs,
    machinelearning,
    monitor,
    network,
    resources,
    storage,
    support,
    vault,
    workspace,
)
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write

__all__ = ["Kind", "Write", "of"]

_ML = "microsoft.machinelearningservices/workspaces"
_ANY = Kind()
_KINDS: dict[str, Kind] = {
    "microsoft.resources/resourcegroups": resources.Group(),
    "microsoft.managedidentity/userassignedidentities": identity.UserAssigned(),
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials": (
        identity.FederatedCredential()
    ),
    "microsoft.authorization/roledefinitions": authorization.RoleDefinition(),
    "microsoft.authorization/roleassignments": authorization.RoleAssignment(),
    "microsoft.keyvault/vaults": vault.Vault(),
    "microsoft.keyvault/vaults/keys": vault.Key(),
    "microsoft.storage/storageaccounts": storage.Account(),
    "microsoft.storage/storageaccounts/blobservices/containers": storage.Container(),
    "microsoft.network/virtualnetworks": network.VirtualNetwork(),
    "microsoft.network/privateendpoints": network.PrivateEndpoint(),
    "microsoft.network/privateendpoints/privatednszonegroups": network.ZoneGroup(),
    "microsoft.network/privatednszones": network.Zone(),
    "microsoft.network/privatednszones/virtualnetworklinks": network.ZoneLink(),
    "microsoft.operationalinsights/workspaces": support.LogWorkspace(),
    "microsoft.insights/components": support.Component(),
    "microsoft.containerregistry/registries": support.Registry(),
    "microsoft.insights/autoscalesettings": monitor.AutoscaleSetting(),
    "microsoft.insights/diagnosticsettings": monitor.DiagnosticSetting(),
    _ML: workspace.Workspace(),
    f"{_ML}/outboundrules": workspace.OutboundRule(),
    f"{_ML}/computes": workspace.Compute(),
    f"{_ML}/onlineendpoints": machinelearning.OnlineEndpoint(),
    f"{_ML}/onlineendpoints/deployments": machinelearning.OnlineDeployment(),
    f"{_ML}/batchendpoints": machinelearning.BatchEndpoint(),
    f"{_ML}/batchendpoints/deployments": machinelearning.BatchDeployment(),
    f"{_ML}/marketplacesubscriptions": machinelearning.MarketplaceSubscription(),
    f"{_ML}/serverlessendpoints": machinelearning.ServerlessEndpoint(),
    f"{_ML}/schedules": jobs.Schedule(),
    f"{_ML}/jobs": jobs.Job(),
    f"{_ML}/datastores": assets.Asset(),
    **{
        f"{_ML}/{noun}{version}": assets.Version() if version else assets.Asset()
        for noun in (
            "models",
            "environments",
            "codes",
            "data",
            "components",
            "featuresets",
            "featurestoreentities",
        )
        for version in ("", "/versions")
    },
}


def of(type_: str) -> Kind:
    """The behaviour of a type; that of every type when nothing is written down for it."""
    return _KINDS.get(type_.lower(), _ANY)
