"""Storage accounts and blob containers."""

from __future__ import annotations

import base64
import hashlib
import re

from mlplatform.sandbox.clouds.azure.answer import bad_request, conflict
from mlplatform.sandbox.clouds.azure.kinds import authorization
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write, sub
from mlplatform.sandbox.clouds.azure.world import Json, World, now

_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$(web|root|logs)")
_USE_KEY = "Microsoft.KeyVault/vaults/keys/wrap/action"
_PREMIUM = ("BlockBlobStorage", "FileStorage")


class Account(Kind):
    """Its name is one in the world. Blobs lie in the sandbox's blob service."""

    slow = True
    created = 202
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        name = str(write.address.name)
        if not _ACCOUNT.fullmatch(name):
            raise bad_request(
                f"{name} is not a valid storage account name. Storage account name must be between "
                "3 and 24 characters in length and use numbers and lower-case letters only.",
                code="AccountNameInvalid",
            )
        for other in world.of_type(write.address.type):
            if other["name"] == name and str(other["id"]).lower() != write.address.key:
                raise conflict(
                    f"The storage account named {name} is already taken.",
                    code="StorageAccountAlreadyTaken",
                )
        old, new = write.old_properties, write.properties
        if write.old and new.get("isHnsEnabled", old.get("isHnsEnabled")) != old["isHnsEnabled"]:
            raise bad_request(
                "The property 'isHnsEnabled' was specified in the input, but it cannot be updated.",
                code="PropertyUpdateNotAllowed",
            )

        self._check_key(world, write)

    def _check_key(self, world: World, write: Write) -> None:
        """A key of one's own must exist, and the identity must be allowed to use it."""
        encryption = write.properties.get("encryption") or {}
        if str(encryption.get("keySource", "")).lower() != "microsoft.keyvault":
            return
        vault_uri = str(sub(encryption, "keyvaultproperties", "keyvaulturi"))
        key_name = sub(encryption, "keyvaultproperties", "keyname")
        vault = vault_uri.removeprefix("https://").partition(".")[0]
        keys = [
            str(key["id"])
            for key in world.of_type("Microsoft.KeyVault/vaults/keys")
            if key["name"] == key_name and f"/vaults/{vault}/".lower() in str(key["id"]).lower()
        ]
        identity = str(sub(encryption, "identity", "userAssignedIdentity") or "")
        if not keys or not _may_use(world, keys[0], identity):
            raise bad_request(
                "The operation failed because of authentication issue on the keyvault: the key "
                f"'{key_name}' in '{vault_uri}' is missing, or the identity may not use it.",
                code="KeyVaultAuthenticationFailure",
            )

    def fill(self, world: World, write: Write) -> None:
        name = write.address.name
        endpoint = f"{world.blob_endpoint}/{name}/"
        write.new.setdefault("kind", "StorageV2")
        write.new["sku"] = {
            **(write.new.get("sku") or {"name": "Standard_LRS"}),
            "tier": "Premium" if write.new["kind"] in _PREMIUM else "Standard",
        }
        write.new["properties"] = {
            "isHnsEnabled": False,
            "supportsHttpsTrafficOnly": True,
            "accessTier": "Hot",
            **write.properties,
            "creationTime": write.old_properties.get("creationTime", now()),
            "primaryEndpoints": {"blob": endpoint},
            "primaryLocation": write.new.get("location"),
            "statusOfPrimary": "available",
        }


class Container(Kind):
    """A blob container, made through Resource Manager."""

    has_state = False

    def before_write(self, world: World, write: Write) -> None:
        del world
        if not _CONTAINER.fullmatch(str(write.address.name)):
            raise bad_request(
                "The specified container name is not valid.", code="ContainerNameInvalid"
            )

    def fill(self, world: World, write: Write) -> None:
        del world
        write.new["properties"] = {
            "publicAccess": "None",
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
            **write.properties,
            "lastModifiedTime": now(),
        }

    def after_delete(self, world: World, resource: Json) -> None:
        from mlplatform.sandbox.clouds.azure import blobs

        parts = str(resource["id"]).split("/")
        blobs.drop_container(world, account=parts[8], container=str(resource["name"]))


def _may_use(world: World, key_id: str, identity: str) -> bool:
    return world.exists(identity) and authorization.may(
        world, world.principal_of(identity), _USE_KEY, key_id, data=True
    )


def account_key(name: str) -> str:
    """The key that `listKeys` shows; the same at each start."""
    return base64.b64encode(hashlib.sha512(name.encode()).digest()).decode()
