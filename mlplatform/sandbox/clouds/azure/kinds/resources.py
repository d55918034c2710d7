"""Resource groups."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.answer import conflict
from mlplatform.sandbox.clouds.azure.kinds.base import Kind, Write
from mlplatform.sandbox.clouds.azure.world import World


class Group(Kind):
    """Deleting one deletes everything in it, and takes a while."""

    slow_delete = True
    regional = True

    def before_write(self, world: World, write: Write) -> None:
        del world
        old = (write.old or {}).get("location")
        if old and str(old).lower() != str(write.new.get("location", old)).lower():
            raise conflict(
                f"Invalid resource group location '{write.new['location']}'. "
                f"The Resource group already exists in location '{old}'.",
                code="InvalidResourceGroupLocation",
            )
