"""Key vault and the key that encrypts what the platform stores.

Creates, for a component named ``NAME``:

==============  ==================================================  ======
child           type                                                when
==============  ==================================================  ======
``NAME``        azure-native:keyvault:Vault                         without ``vault_id``
``NAME-key``    azure-native:keyvault:Key                           without ``vault_id``
``NAME-key``    mlgap:azure:VaultKey                                with ``vault_id``
``NAME-use``    mlplatform:azure:Access                             always
==============  ==================================================  ======

The vault has no name of its own choosing: under purge protection a deleted vault keeps its name
until its retention ends, and recovering it would bring back a key that the provider then refuses to
create. An automatic name makes the next ``up`` after a ``destroy`` succeed. So the vault's id is
not known in a first preview.

A key goes with its vault, and is not deleted before: that would need rights on what the vault
keeps. In a vault that exists the key stays, and the next ``up`` takes it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import keyvault

from components.azure.access import WRAP_KEYS, Access, AccessArgs, GrantArgs
from components.azure.place import Place
from components.core.base import MlComponent
from mlplatform.gaps.sdk.azure import VaultKey

KEY_NAME = "storage"
VAULT_NAME_MAX = 24
AUTO_NAME_DIGITS = 8
"""Vault names have 3 to 24 characters; an automatic name adds eight."""
KEY_BITS = 3072
ROTATION = "P1Y"
"""A new version of the key every year; what the old one wrapped stays readable."""
_OPERATIONS = ("wrapKey", "unwrapKey")
RETENTION_DAYS = 90
"""How long a deleted vault can be taken back; 7 to 90 (azure-mgmt-keyvault, VaultProperties)."""


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What a caller decides."""

    place: Place
    identity_name: str
    """Identity that services use the key with."""
    retention_days: int = RETENTION_DAYS
    vault_id: str | None = None
    """Of an existing vault with roles and purge protection: the key is made in it."""
    key_name: str = KEY_NAME
    """Of an existing vault: unlike that of any other environment there."""
    public: bool = True
    allowed_ips: Sequence[str] = ()
    """Without ``public``: addresses that may come in beside private endpoints."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 7 <= self.retention_days <= 90:
            raise ValueError(f"retention_days: got {self.retention_days}, allowed: 7 to 90")


class Keys(MlComponent):
    """One vault, one key, and the identity that may use it."""

    kind = "azure:Keys"

    vault_id: pulumi.Output[str]
    vault_uri: pulumi.Output[str]
    key_name: str
    key_version_uri: pulumi.Output[str]
    """With its version, for services that take none without."""
    key_uri: pulumi.Output[str]
    """Without a version, so that storage follows a rotation."""
    identity_id: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self,
        name: str,
        args: KeysArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        if len(name) + AUTO_NAME_DIGITS > VAULT_NAME_MAX:
            raise ValueError(
                f"name: got {name!r}, allowed: at most {VAULT_NAME_MAX - AUTO_NAME_DIGITS} "
                "characters, as the vault's automatic name adds eight"
            )
        place = args.place
        vault = self._vault(args, after) if args.vault_id is None else None
        self.key_name = args.key_name
        self.vault_id = (
            vault.id if vault is not None else pulumi.Output.from_input(args.vault_id or "")
        )
        known = args.vault_id.split("/") if args.vault_id is not None else []
        key = self._key(args, vault, after)
        use = Access(
            self._child("use"),
            AccessArgs(
                place=place,
                identity_name=args.identity_name,
                grants=[
                    GrantArgs(
                        suffix="wrap",
                        # On the key, not on the vault: the workspace keeps its secrets beside it.
                        scope=pulumi.Output.concat(self.vault_id, "/keys/", args.key_name),
                        scope_name=f"{args.vault_id or name}/keys/{args.key_name}",
                        role=WRAP_KEYS,
                    )
                ],
                tags=args.tags,
            ),
            opts=self._opts(depends_on=[key]),
        )
        self.vault_uri = (
            vault.properties.vault_uri
            if vault is not None
            else pulumi.Output.from_input(f"https://{known[-1]}.vault.azure.net/")
        )
        self.key_uri = key.key_uri
        self.key_version_uri = key.key_uri_with_version
        self.identity_id = use.identity_id
        self.register_outputs({"vault_id": self.vault_id, "key_uri": self.key_uri})

    def _key(
        self, args: KeysArgs, vault: keyvault.Vault | None, after: Sequence[pulumi.Resource]
    ) -> keyvault.Key | VaultKey:
        # Resource Manager returns a key that exists without changing anything.
        fixed = pulumi.ResourceOptions(ignore_changes=["tags"])
        opts = pulumi.ResourceOptions.merge(self._opts(depends_on=after), fixed)
        if vault is None:
            return VaultKey(
                self._child("key"),
                vault_id=self.vault_id,
                key_name=args.key_name,
                properties={
                    "kty": "RSA",
                    "keySize": KEY_BITS,
                    "keyOps": list(_OPERATIONS),
                    "rotationPolicy": {
                        "lifetimeActions": [
                            {
                                "action": {"type": "rotate"},
                                "trigger": {"timeAfterCreate": ROTATION},
                            }
                        ]
                    },
                },
                tags=dict(args.tags),
                opts=opts,
            )
        return keyvault.Key(
            self._child("key"),
            resource_group_name=args.place.resource_group,
            vault_name=vault.name,
            key_name=args.key_name,
            properties=keyvault.KeyPropertiesArgs(
                kty="RSA",
                key_size=KEY_BITS,
                key_ops=list(_OPERATIONS),
                rotation_policy=keyvault.RotationPolicyArgs(
                    lifetime_actions=[
                        keyvault.LifetimeActionArgs(
                            action=keyvault.ActionArgs(
                                type=keyvault.KeyRotationPolicyActionType.ROTATE
                            ),
                            trigger=keyvault.TriggerArgs(time_after_create=ROTATION),
                        )
                    ]
                ),
            ),
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(deleted_with=vault)),
        )

    def _vault(self, args: KeysArgs, after: Sequence[pulumi.Resource]) -> keyvault.Vault:
        place = args.place
        return keyvault.Vault(
            self._name,
            resource_group_name=place.resource_group,
            location=place.location,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=place.tenant_id,
                sku=keyvault.SkuArgs(family="A", name="standard"),
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                enable_purge_protection=True,
                soft_delete_retention_in_days=args.retention_days,
                public_network_access="Enabled" if args.public or args.allowed_ips else "Disabled",
                network_acls=None
                if args.public
                else keyvault.NetworkRuleSetArgs(
                    default_action="Deny",
                    # Storage and Azure ML use the key from networks of their own.
                    bypass="AzureServices",
                    ip_rules=[keyvault.IPRuleArgs(value=ip) for ip in args.allowed_ips],
                ),
            ),
            tags=dict(args.tags),
            opts=self._opts(depends_on=after),
        )
