"""``mlgap:azure:VaultKey``: a key in a vault that is there already, and that stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.azure.inputs import properties as as_inputs
from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:azure:VaultKey"


@pulumi.input_type
class VaultKeyArgs:
    """Arguments of a key in an existing vault.

    Args:
        vault_id: the vault's resource id; of any subscription of the tenant.
        key_name: 1 to 127 letters, digits and dashes.
        properties: what the key is, camelCase, as `azure-native:keyvault:Key` has it: `kty`,
            `keySize`, `keyOps`, `rotationPolicy`. It cannot be changed.
        tags: set when the key is made; Resource Manager changes no tags of a key.
    """

    def __init__(
        self,
        *,
        vault_id: pulumi.Input[str],
        key_name: pulumi.Input[str],
        properties: pulumi.Input[Mapping[str, Any]],
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        pulumi.set(self, "vault_id", vault_id)
        pulumi.set(self, "key_name", key_name)
        pulumi.set(self, "properties", properties)
        if tags is not None:
            pulumi.set(self, "tags", tags)

    @property
    @pulumi.getter(name="vaultId")
    def vault_id(self) -> pulumi.Input[str]:
        """The vault's resource id."""
        return cast("pulumi.Input[str]", pulumi.get(self, "vault_id"))

    @property
    @pulumi.getter(name="keyName")
    def key_name(self) -> pulumi.Input[str]:
        """The key's name."""
        return cast("pulumi.Input[str]", pulumi.get(self, "key_name"))

    @property
    @pulumi.getter
    def properties(self) -> pulumi.Input[Mapping[str, Any]]:
        """What the key is."""
        return cast("pulumi.Input[Mapping[str, Any]]", pulumi.get(self, "properties"))

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Input[Mapping[str, pulumi.Input[str]]] | None:
        """Set when the key is made."""
        return cast(
            "pulumi.Input[Mapping[str, pulumi.Input[str]]] | None", pulumi.get(self, "tags")
        )


class VaultKey(pulumi.CustomResource):
    """A key in a vault that other stacks use too.

    It is left where it is when the stack goes, and taken up again by the next one of the same
    name. A key of the same name that another stack made is refused.

    See ``VaultKeyArgs`` for the arguments.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        vault_id: pulumi.Input[str] | None = None,
        key_name: pulumi.Input[str] | None = None,
        properties: pulumi.Input[Mapping[str, Any]] | None = None,
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        inputs = as_inputs(
            VaultKeyArgs,
            TOKEN,
            resource_name,
            opts,
            required={"vault_id": vault_id, "key_name": key_name, "properties": properties},
            optional={"tags": tags, "key_uri": None, "key_uri_with_version": None},
        )
        super().__init__(TOKEN, resource_name, inputs, with_version(opts))

    @property
    @pulumi.getter(name="keyUri")
    def key_uri(self) -> pulumi.Output[str]:
        """Without a version."""
        return cast("pulumi.Output[str]", pulumi.get(self, "key_uri"))

    @property
    @pulumi.getter(name="keyUriWithVersion")
    def key_uri_with_version(self) -> pulumi.Output[str]:
        """With the version that stood when the key was made or taken up."""
        return cast("pulumi.Output[str]", pulumi.get(self, "key_uri_with_version"))
