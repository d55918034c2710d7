"""Key vaults with soft delete, and their keys."""

from __future__ import annotations

import time
import uuid

from mlplatform.sandbox.clouds.azure.answer import ArmError, bad_request, conflict
from mlplatform.sandbox.clouds.azure.kinds import deleted
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write, sub
from mlplatform.sandbox.clouds.azure.world import Json, World, now

DELETED = "deletedvaults"
_DAY_S = 86400
_RETENTION_DAYS = 90


class Vault(Kind):
    """Its name is one in the world; a deleted vault keeps it until it is purged or recovered."""

    regional = True
    has_state = True

    def before_write(self, world: World, write: Write) -> None:
        name = str(write.address.name).lower()
        for other in world.of_type(write.address.type):
            taken = str(other["name"]).lower() == name
            if taken and str(other["id"]).lower() != write.address.key:
                raise conflict(
                    f"The vault name '{write.address.name}' is already in use.",
                    code="VaultAlreadyExists",
                )
        self._check_deleted(world, write, name)
        given = write.properties
        if given.get("enablePurgeProtection") is False:
            raise bad_request(
                'The property "enablePurgeProtection" cannot be set to false. Enabling the purge '
                "protection for a vault is an irreversible action."
            )
        retention = write.old_properties.get("softDeleteRetentionInDays")
        if retention and given.get("softDeleteRetentionInDays", retention) != retention:
            raise bad_request(
                'The property "softDeleteRetentionInDays" has been set already and it can\'t be '
                "modified."
            )
        if not given.get("enableRbacAuthorization") and given.get("accessPolicies") is None:
            raise bad_request("The parameter accessPolicies is not specified.")

    def _check_deleted(self, world: World, write: Write, name: str) -> None:
        deleted = _deleted(world, name)
        mode = str(write.properties.get("createMode") or "default").lower()
        if deleted is None:
            return
        if mode != "recover":
            raise conflict(
                "A vault with the same name already exists in deleted state. You need to either "
                "recover or purge existing key vault.",
                code="ConflictError",
            )
        write.new["properties"] = {**deleted["properties"], "createMode": "recover"}
        for inner in deleted["inside"]:
            world.put(inner)
        world.store.delete(DELETED, name)

    def fill(self, world: World, write: Write) -> None:
        del world
        name = write.address.name
        write.new["properties"] = {
            "accessPolicies": [],
            "enabledForDeployment": False,
            "enableSoftDelete": True,
            "softDeleteRetentionInDays": _RETENTION_DAYS,
            "publicNetworkAccess": "Enabled",
            **write.properties,
            "vaultUri": f"https://{name}.vault.azure.net/",
        }
        write.new["properties"].pop("createMode", None)

    def after_delete(self, world: World, resource: Json) -> None:
        days = int(resource["properties"]["softDeleteRetentionInDays"])
        row = {
            "name": resource["name"],
            "vaultId": resource["id"],
            "location": resource["location"],
            "properties": resource["properties"],
            "inside": world.inside(resource["id"]),
            "deletionDate": now(),
            "purgeAt": time.time() + days * _DAY_S,
        }
        world.store.put(DELETED, str(resource["name"]).lower(), row)


class Key(Kind):
    """A write makes a key that is missing, and does nothing to one that exists.

    Resource Manager itself deletes no key: the DELETE that arrives here stands for the vault's
    own, which the provider calls.
    """

    created = 200
    has_state = False

    def keeps(self, world: World, write: Write) -> bool:
        del world
        return write.old is not None

    def before_write(self, world: World, write: Write) -> None:
        if not write.properties.get("kty"):
            raise bad_request("The property kty is required.", target="properties.kty")
        if deleted.held(world, write.address.id):
            raise conflict(
                f"Key {write.address.name} is currently in a deleted but recoverable state, and "
                "its name cannot be reused; in this state, the key can only be recovered or "
                "purged.",
                code="ObjectIsDeletedButRecoverable",
            )

    def after_delete(self, world: World, resource: Json) -> None:
        # Gone with its vault, it is kept with its vault.
        vault = world.get(str(resource["id"]).rsplit("/", 2)[0])
        if vault is not None:
            deleted.keep(world, resource, int(vault["properties"]["softDeleteRetentionInDays"]))

    def fill(self, world: World, write: Write) -> None:
        vault = world.get(write.address.parent) or {}
        uri = f"{sub(vault, 'properties', 'vaultUri')}keys/{write.address.name}"
        given = write.properties
        write.new["location"] = vault.get("location")
        write.new["properties"] = {
            "keyOps": ["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"],
            **given,
            **({"keySize": 2048} if "keySize" not in given and "RSA" in given["kty"] else {}),
            "attributes": {
                "enabled": True,
                "exportable": False,
                **(given.get("attributes") or {}),
                "created": int(time.time()),
                "updated": int(time.time()),
                "recoveryLevel": "Recoverable+Purgeable",
            },
            "keyUri": uri,
            "keyUriWithVersion": f"{uri}/{uuid.uuid4().hex}",
        }


def deleted_vault(row: Json) -> Json:
    """A deleted vault as the list of deleted vaults shows it."""
    subscription = str(row["vaultId"]).split("/")[2]
    return {
        "id": f"/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/"
        f"{row['location']}/deletedVaults/{row['name']}",
        "name": row["name"],
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": row["vaultId"],
            "location": row["location"],
            "deletionDate": row["deletionDate"],
            "purgeProtectionEnabled": bool(row["properties"].get("enablePurgeProtection")),
        },
    }


def purge(world: World, name: str) -> None:
    """Give the name of a deleted vault back; refused under purge protection."""
    row = _deleted(world, name.lower())
    if row is None:
        raise ArmError(404, "DeletedVaultNotFound", f"The deleted vault '{name}' was not found.")
    if row["properties"].get("enablePurgeProtection"):
        raise ArmError(
            403,
            "DeletedVaultPurge",
            f'Operation "DeletedVaultPurge" is not allowed on "{name}" because purge protection '
            "is enabled.",
        )
    world.store.delete(DELETED, name.lower())


def _deleted(world: World, name: str) -> Json | None:
    row = world.store.get(DELETED, name)
    if row is not None and row["purgeAt"] <= time.time():
        world.store.delete(DELETED, name)
        return None
    return row
