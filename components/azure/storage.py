"""Storage account for model artifacts: encrypted with the platform's key, TLS only, never public.

Creates, for a component named ``NAME``:

==================  ==============================================  ==========
child               type                                            when
==================  ==============================================  ==========
``NAME``            azure-native:storage:StorageAccount             always
``NAME-artifacts``  azure-native:storage:BlobContainer              always
``NAME-captured``   azure-native:storage:BlobContainer              always
``NAME-retention``  azure-native:storage:ManagementPolicy           ``retain``
``NAME-<upload>``   azure-native:storage:Blob                       ``upload``
==================  ==============================================  ==========

Shared keys stay allowed: ``storage:Blob`` knows no other way to write (pulumi-azure-native issue
2015). An account that is a workspace's default storage must not have a hierarchical namespace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
from pulumi_azure_native import storage

from components.azure.keys import Keys
from components.azure.place import Place
from components.core.base import MlComponent

CONTAINER = "artifacts"
CAPTURED = "captured"
"""Requests and answers that endpoints keep, apart from the models that they only read."""


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What a caller decides."""

    place: Place
    account_name: str
    """Unique in the world: 3 to 24 lower-case letters and digits."""
    keys: Keys
    """Encrypts every blob. Required: there is no mode with Microsoft's key only."""
    hierarchical: bool = False
    """Folders that are real, as an offline feature store needs; a workspace's default storage
    must not have them."""
    public: bool = True
    allowed_ips: Sequence[str] = ()
    """Without ``public``: addresses that may come in beside private endpoints. An upload comes
    from where ``pulumi up`` runs."""
    tags: Mapping[str, str] = field(default_factory=dict)


class Storage(MlComponent):
    """One account with one container."""

    kind = "azure:Storage"

    account_id: str
    container_id: str
    captured_id: str
    container_url: str
    """Known at preview. Depend on this component before using them."""

    def __init__(
        self,
        name: str,
        args: StorageArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place = args.place
        self._place, self._account_name = place, args.account_name
        self.hierarchical = args.hierarchical
        account = storage.StorageAccount(
            name,
            resource_group_name=place.resource_group,
            account_name=args.account_name,
            location=place.location,
            kind="StorageV2",
            sku=storage.SkuArgs(name="Standard_LRS"),
            access_tier=storage.AccessTier.HOT,
            allow_blob_public_access=False,
            allow_shared_key_access=True,
            is_hns_enabled=True if args.hierarchical else None,
            public_network_access="Enabled" if args.public or args.allowed_ips else "Disabled",
            network_rule_set=None
            if args.public
            else storage.NetworkRuleSetArgs(
                default_action=storage.DefaultAction.DENY,
                bypass="AzureServices",
                ip_rules=[
                    storage.IPRuleArgs(i_p_address_or_range=ip, action=storage.Action.ALLOW)
                    for ip in args.allowed_ips
                ],
            ),
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            identity=storage.IdentityArgs(
                type="UserAssigned", user_assigned_identities=[args.keys.identity_id]
            ),
            encryption=storage.EncryptionArgs(
                key_source="Microsoft.Keyvault",
                encryption_identity=storage.EncryptionIdentityArgs(
                    encryption_user_assigned_identity=args.keys.identity_id
                ),
                key_vault_properties=storage.KeyVaultPropertiesArgs(
                    # No version: the account follows a rotated key by itself.
                    key_name=args.keys.key_name,
                    key_vault_uri=args.keys.vault_uri,
                ),
                services=storage.EncryptionServicesArgs(
                    blob=storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
                    file=storage.EncryptionServiceArgs(enabled=True, key_type="Account"),
                ),
            ),
            tags=dict(args.tags),
            # The role on the key must be there when the account first uses it.
            opts=self._opts(depends_on=[*after, args.keys]),
        )
        self._container = storage.BlobContainer(
            self._child(CONTAINER),
            resource_group_name=place.resource_group,
            account_name=account.name,
            container_name=CONTAINER,
            public_access="None",
            opts=self._opts(),
        )
        self._captured = storage.BlobContainer(
            self._child(CAPTURED),
            resource_group_name=place.resource_group,
            account_name=account.name,
            container_name=CAPTURED,
            public_access="None",
            opts=self._opts(),
        )
        self.account_name = args.account_name
        self.account_id = place.id("Microsoft.Storage/storageAccounts", args.account_name)
        self.container_id = f"{self.account_id}/blobServices/default/containers/{CONTAINER}"
        self.captured_id = f"{self.account_id}/blobServices/default/containers/{CAPTURED}"
        self.container_url = f"https://{args.account_name}.blob.core.windows.net/{CONTAINER}"
        self.register_outputs({"account_id": self.account_id})

    def upload(self, suffix: str, path: Path, blob_name: str) -> storage.Blob:
        """Put a local file under a name; name it by its content, so that a new file is new.

        It is never protected: the project has it, and a new one could not take its place.
        """
        return storage.Blob(
            self._child(suffix),
            resource_group_name=self._place.resource_group,
            account_name=self._account_name,
            container_name=CONTAINER,
            blob_name=blob_name,
            source=pulumi.FileAsset(str(path)),
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=[self._container]), pulumi.ResourceOptions(protect=False)
            ),
        )

    def retain(self, days_by_prefix: Mapping[str, int]) -> None:
        """Delete what lies under a prefix of the captured container after so many days.

        Call it once: an account has one policy.
        """
        storage.ManagementPolicy(
            self._child("retention"),
            resource_group_name=self._place.resource_group,
            account_name=self._account_name,
            management_policy_name="default",
            policy=storage.ManagementPolicySchemaArgs(
                rules=[
                    storage.ManagementPolicyRuleArgs(
                        name=prefix,
                        type="Lifecycle",
                        enabled=True,
                        definition=storage.ManagementPolicyDefinitionArgs(
                            filters=storage.ManagementPolicyFilterArgs(
                                blob_types=["blockBlob", "appendBlob"],
                                prefix_match=[f"{CAPTURED}/{prefix}/"],
                            ),
                            actions=storage.ManagementPolicyActionArgs(
                                base_blob=storage.ManagementPolicyBaseBlobArgs(
                                    delete=storage.DateAfterModificationArgs(
                                        days_after_modification_greater_than=days
                                    )
                                )
                            ),
                        ),
                    )
                    for prefix, days in sorted(days_by_prefix.items())
                ]
            ),
            opts=pulumi.ResourceOptions.merge(
                # It deletes data and holds none.
                self._opts(depends_on=[self._captured]),
                pulumi.ResourceOptions(protect=False),
            ),
        )
