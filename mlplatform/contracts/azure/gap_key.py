"""The contract of `mlgap:azure:VaultKey`: a key in a vault that exists; it stays with the vault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import arm_id
from mlplatform.contracts.azure.gap_native import native
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

TOKEN = "mlgap:azure:VaultKey"
SOURCE = "azure-mgmt-keyvault: KeysOperations.create_if_not_exist"
FIXED = "a key that exists is returned without any change; give another keyName"
"""Why nothing of a key changes."""

_NATIVE = "azure-native:keyvault:Key"


def check(given: Mapping[str, Any]) -> list[Problem]:
    """The vault is a whole id: it may be of another subscription."""
    vault = given.get("vaultId")
    where: Mapping[str, Any] | None = {"resourceGroupName": UNKNOWN, "vaultName": UNKNOWN}
    if vault is not None and not is_unknown(vault):
        where = arm_id.inputs("azure-native:keyvault:Vault", str(vault))
    if where is None:
        message = "allowed: the resource id of a key vault"
        return [Problem(path="vaultId", got=vault, message=message, source=SOURCE)]
    rest = {k: v for k, v in given.items() if k != "vaultId"}
    return native(_NATIVE, {**rest, **where})
