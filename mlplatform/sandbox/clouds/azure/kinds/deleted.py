"""What is deleted and can still be taken back: it holds its name until its retention ends.

Azure ML workspaces ("Recover workspace data while soft deleted"), Log Analytics workspaces (REST
reference Workspaces Delete) and single keys of a vault (Key Vault soft-delete overview). Deleted
vaults have rows of their own: see `vault`.
"""

from __future__ import annotations

import time
from typing import Any

from mlplatform.sandbox.clouds.azure.world import Json, World, now

SECTION = "deleted"
WORKSPACE_DAYS = 14
"""Of both kinds of workspaces; neither can be set any more."""
_DAY_S = 86400


def keep(world: World, resource: Json, days: int, **more: Any) -> None:
    """Note a resource that goes. more: what a recovery needs."""
    row = {
        "id": resource["id"],
        "name": resource["name"],
        "type": resource["type"],
        "location": resource.get("location"),
        "properties": resource["properties"],
        "deletionDate": now(),
        "purgeAt": time.time() + days * _DAY_S,
        **more,
    }
    world.store.put(SECTION, str(resource["id"]).lower(), row)


def held(world: World, id_: str) -> Json | None:
    """What was deleted under this id and still holds it; None when the name is free."""
    row = world.store.get(SECTION, id_.lower())
    if row is not None and row["purgeAt"] <= time.time():
        purge(world, id_)
        return None
    return row


def purge(world: World, id_: str) -> None:
    """Give the name back, for good; nothing when nothing holds it."""
    world.store.delete(SECTION, id_.lower())


def rows(world: World, type_: str = "") -> list[Json]:
    """Everything that holds a name, of one type or of all."""
    found = [held(world, key) for key, _ in world.store.items(SECTION)]
    return [row for row in found if row and type_.lower() in ("", str(row["type"]).lower())]
