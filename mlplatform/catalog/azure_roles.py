"""Azure's built-in roles that the platform gives: what each allows, and what it takes back.

Source: Microsoft documentation, "Azure built-in roles" (AI + machine learning, Containers,
Monitor, Security, Storage), as read in 2026.
"""

from __future__ import annotations

from dataclasses import dataclass

PULL_IMAGES = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
PUSH_IMAGES = "8311e382-0749-4cb8-b61a-304f252e45ec"
READ_BLOBS = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
WRITE_BLOBS = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
WRAP_KEYS = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
READ_SECRETS = "4633458b-17de-408a-b874-0445c86b69e6"
PUBLISH_METRICS = "3913510d-42f4-4e42-8a64-420c390055eb"
DATA_SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"
USE_IDENTITY = "f1a07417-d97a-45cb-824c-7a7467783830"

_ML = "Microsoft.MachineLearningServices/workspaces"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
_KEYS = "Microsoft.KeyVault/vaults/keys"


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role definition: patterns of operations, `*` for any text, case does not count."""

    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


BUILT_IN: dict[str, Role] = {
    PULL_IMAGES: Role(
        name="AcrPull", actions=("Microsoft.ContainerRegistry/registries/pull/read",)
    ),
    PUSH_IMAGES: Role(
        name="AcrPush",
        actions=(
            "Microsoft.ContainerRegistry/registries/pull/read",
            "Microsoft.ContainerRegistry/registries/push/write",
        ),
    ),
    READ_BLOBS: Role(
        name="Storage Blob Data Reader",
        actions=(
            f"{_BLOBS}/containers/read",
            f"{_BLOBS}/generateUserDelegationKey/action",
        ),
        data_actions=(f"{_BLOBS}/containers/blobs/read",),
    ),
    WRITE_BLOBS: Role(
        name="Storage Blob Data Contributor",
        actions=(
            f"{_BLOBS}/containers/delete",
            f"{_BLOBS}/containers/read",
            f"{_BLOBS}/containers/write",
            f"{_BLOBS}/generateUserDelegationKey/action",
        ),
        data_actions=tuple(
            f"{_BLOBS}/containers/blobs/{verb}"
            for verb in ("delete", "read", "write", "move/action", "add/action")
        ),
    ),
    WRAP_KEYS: Role(
        name="Key Vault Crypto Service Encryption User",
        actions=(
            "Microsoft.EventGrid/eventSubscriptions/write",
            "Microsoft.EventGrid/eventSubscriptions/read",
            "Microsoft.EventGrid/eventSubscriptions/delete",
        ),
        data_actions=(f"{_KEYS}/read", f"{_KEYS}/wrap/action", f"{_KEYS}/unwrap/action"),
    ),
    READ_SECRETS: Role(
        name="Key Vault Secrets User",
        data_actions=(
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ),
    ),
    USE_IDENTITY: Role(
        name="Managed Identity Operator",
        actions=(
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
            "Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Support/*",
        ),
    ),
    PUBLISH_METRICS: Role(
        name="Monitoring Metrics Publisher",
        actions=(
            "Microsoft.Insights/Register/Action",
            "Microsoft.Support/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ),
        data_actions=("Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"),
    ),
    DATA_SCIENTIST: Role(
        name="AzureML Data Scientist",
        actions=tuple(f"{_ML}/*/{verb}" for verb in ("read", "action", "delete", "write")),
        not_actions=(
            f"{_ML}/delete",
            f"{_ML}/write",
            f"{_ML}/computes/*/write",
            f"{_ML}/computes/*/delete",
            f"{_ML}/computes/listKeys/action",
            f"{_ML}/listKeys/action",
            f"{_ML}/hubs/write",
            f"{_ML}/hubs/delete",
            f"{_ML}/featurestores/write",
            f"{_ML}/featurestores/delete",
        ),
    ),
}
"""By GUID."""
