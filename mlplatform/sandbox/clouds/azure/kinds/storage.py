"""Storage accounts and blob containers."""

from __future__ import annotations

import base64
import hashlib
import re

from mlplatform.sandbox.clouds.azure.answer import bad_request, conflict
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write
from mlplatform.sandbox.clouds.azure.world import Json, World, now

_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$(web|root|logs)")
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


def account_key(name: str) -> str:
    """The key that `listKeys` shows; the same at each start."""
    return base64.b64encode(hashlib.sha512(name.encode()).digest()).decode()
