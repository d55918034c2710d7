"""Azure Machine Learning: datastores, and versions of models, code, data and environments."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.address import Address
from mlplatform.sandbox.clouds.azure.answer import bad_request, conflict
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write, sub
from mlplatform.sandbox.clouds.azure.world import Json, World

_DEPLOYMENTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"

_BATCH = "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments"


class Asset(Kind):
    """A named thing in a workspace."""


class Version(Kind):
    """An immutable version; its container is made with it."""

    def before_write(self, world: World, write: Write) -> None:
        del world
        for name in ("modelUri", "codeUri", "dataUri", "image", "condaFile", "componentSpec"):
            old, new = write.old_properties.get(name), write.properties.get(name)
            if write.old and old is not None and old != new:
                raise bad_request(
                    f"The property {name} of a version cannot be changed.", target=name
                )

    def before_delete(self, world: World, resource: Json) -> None:
        users = [
            str(deployment["name"])
            for deployment in [*world.of_type(_DEPLOYMENTS), *world.of_type(_BATCH)]
            for used in (
                sub(deployment, "properties", "model"),
                sub(deployment, "properties", "model", "assetId"),
                sub(deployment, "properties", "environmentId"),
                sub(deployment, "properties", "codeConfiguration", "codeId"),
            )
            if str(used).lower() == str(resource["id"]).lower()
        ]
        if users:
            raise conflict(f"'{resource['id']}' is in use by the deployment '{users[0]}'.")

    def fill(self, world: World, write: Write) -> None:
        del world
        given = write.properties
        if "/models/" in write.address.key:
            given = {"flavors": {}, "isArchived": False, **given}
        write.new["properties"] = {"description": None, "tags": {}, "properties": {}, **given}

    def missing_parent(self, world: World, address: Address) -> Json | None:
        workspace = address.parent.rsplit("/", 2)[0]
        if not world.exists(workspace):
            return None
        return {
            "id": address.parent,
            "name": address.parent.rsplit("/", 1)[-1],
            "type": address.type.rsplit("/", 1)[0],
            "properties": {"provisioningState": "Succeeded", "latestVersion": address.name},
        }
