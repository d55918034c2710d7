"""What still exists, one line each: the question after a `destroy`."""

from __future__ import annotations

from mlplatform.sandbox.clouds.azure.kinds import vault
from mlplatform.sandbox.clouds.azure.world import World


def existing(world: World) -> list[str]:
    """`<type> <id>`; deleted vaults are listed because they hold their names."""
    with world.lock:
        lines = [f"{r['type']} {r['id']}" for r in world.resources()]
        lines += [
            f"Microsoft.KeyVault/deletedVaults {row['name']}"
            for _, row in world.store.items(vault.DELETED)
        ]
        return lines
