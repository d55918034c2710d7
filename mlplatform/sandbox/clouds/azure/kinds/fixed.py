"""What a resource keeps for good: a write with another value is answered with 400.

By wire path, from the REST references and the update models of the vendors' packages. A write that
leaves such a member out is not a change of it. What needs more than a comparison stands with its
kind.
"""

from __future__ import annotations

from typing import Any

from mlplatform.sandbox.clouds.azure.answer import bad_request
from mlplatform.sandbox.clouds.azure.kinds.base import Write, sub

_ML = "microsoft.machinelearningservices/workspaces"
_PATHS: dict[str, tuple[str, ...]] = {
    "microsoft.authorization/roledefinitions": ("properties.type",),
    "microsoft.containerregistry/registries": (
        "properties.zoneRedundancy",
        "properties.encryption.status",
    ),
    "microsoft.network/privateendpoints": (
        "properties.subnet.id",
        "properties.customNetworkInterfaceName",
    ),
    "microsoft.network/privatednszones/virtualnetworklinks": ("properties.virtualNetwork.id",),
    "microsoft.storage/storageaccounts": (
        "properties.isNfsV3Enabled",
        "properties.encryption.requireInfrastructureEncryption",
    ),
    "microsoft.storage/storageaccounts/blobservices/containers": (
        "properties.defaultEncryptionScope",
        "properties.denyEncryptionScopeOverride",
    ),
    _ML: ("kind", "properties.hbiWorkspace", "properties.hubResourceId"),
    f"{_ML}/computes": ("properties.computeType", "properties.resourceId"),
    f"{_ML}/datastores": (
        "properties.datastoreType",
        "properties.accountName",
        "properties.containerName",
        "properties.filesystem",
        "properties.endpoint",
        "properties.protocol",
    ),
    f"{_ML}/batchendpoints": ("properties.authMode",),
    f"{_ML}/marketplacesubscriptions": ("properties.modelId",),
    f"{_ML}/serverlessendpoints": ("properties.modelSettings.modelId",),
    f"{_ML}/schedules": ("properties.displayName",),
    f"{_ML}/data": ("properties.dataType",),
    f"{_ML}/data/versions": ("properties.dataType",),
    f"{_ML}/models/versions": ("properties.modelType",),
    f"{_ML}/onlineendpoints/deployments": ("properties.endpointComputeType",),
    f"{_ML}/featuresets/versions": ("properties.entities", "properties.specification"),
    f"{_ML}/featurestoreentities/versions": ("properties.indexColumns",),
}


def check(write: Write) -> None:
    """Refuse another value for what is fixed.

    Raises:
        ArmError: 400, with the first such member as its target.
    """
    if write.old is None:
        return
    for path in _PATHS.get(write.address.type.lower(), ()):
        steps = path.split(".")
        old, new = sub(write.old, *steps), sub(write.new, *steps)
        if old is not None and new is not None and _plain(old) != _plain(new):
            raise bad_request(
                f"The property '{path}' of '{write.address.name}' cannot be changed after it was "
                "created.",
                code="PropertyChangeNotAllowed",
                target=path,
            )


def _plain(value: Any) -> Any:
    """Ids, enums and names are compared without case."""
    return value.lower() if isinstance(value, str) else value
