"""What still exists, one line each: the question after a `destroy`."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.kinds import deleted, vault
from mlplatform.sandbox.clouds.azure.world import World


def existing(world: World) -> list[str]:
    """`<type> <id>`; what is deleted and holds its name is listed, as deleted."""
    with world.lock:
        lines = [f"{r['type']} {r['id']}" for r in world.resources()]
        lines += [
            f"Microsoft.KeyVault/deletedVaults {row['name']}"
            for _, row in world.store.items(vault.DELETED)
        ]
        lines += [f"{row['type']} {row['id']} (deleted)" for row in deleted.rows(world)]
        return lines
