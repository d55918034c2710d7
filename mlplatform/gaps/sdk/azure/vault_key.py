"""``mlgap:azure:VaultKey``: a key in a vault that is there already, and that stays."""

from typing import Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Message, Shown


class VaultKeyArgs(TypedDict, total=False):
    """Arguments of a key in an existing vault.

    Args:
        vault_id: the vault's resource id; of any subscription of the tenant.
        key_name: 1 to 127 letters, digits and dashes.
        properties: what the key is, camelCase, as `azure-native:keyvault:Key` has it: `kty`,
            `keySize`, `keyOps`, `rotationPolicy`. It cannot be changed.
        tags: set when the key is made; Resource Manager changes no tags of a key.
    """

    vault_id: Required[pulumi.Input[str]]
    key_name: Required[pulumi.Input[str]]
    properties: Required[Message]
    tags: Labels | None


class VaultKey(GapResource):
    """A key in a vault that other stacks use too.

    It is left where it is when the stack goes, and taken up again by the next one of the same
    name. A key of the same name that another stack made is refused.
    """

    TOKEN = "mlgap:azure:VaultKey"
    ARGS = VaultKeyArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[VaultKeyArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    key_uri = Shown[str]()
    """Without a version."""
    key_uri_with_version = Shown[str]()
    """With the version that stood when the key was made or taken up."""
