"""Long-running operations: what they will do is stored with them, so a restart carries on.

An operation is settled when its time has come: its effect is applied once, by name, and its
answer kept. Source: google.longrunning.Operations.
"""

from __future__ import annotations

import time
from typing import Any

from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World


def start(
    world: World,
    name: str,
    *,
    effect: str,
    given: Document,
    metadata: Document | None = None,
    slow: float = 1.0,
) -> Document:
    """A new operation that will apply `effect` (a key of `world.effects`) to `given`.

    slow: how many delays it takes. With a delay of 0 it is done at once.
    """
    world.operations[name] = {
        "name": name,
        "effect": effect,
        "given": given,
        "due": time.time() + world.delay_s * slow,
        "metadata": metadata,
        "done": False,
    }
    world.pending.add(name)
    return poll(world, name)


def poll(world: World, name: str) -> Document:
    """The operation as a client sees it; settles it when its time has come."""
    stored = world.operations.get(name)
    if stored is None:
        raise Refusal("NOT_FOUND", f"Operation {name} was not found.")
    if not stored["done"] and time.time() >= stored["due"]:
        stored = _settle(world, stored)
    return _shown(stored)


def settle_all(world: World) -> None:
    """Apply everything whose time has come, in the order of the times."""
    waiting = [world.operations[name] for name in world.pending]
    due = [stored for stored in waiting if time.time() >= stored["due"]]
    for stored in sorted(due, key=lambda o: float(o["due"])):
        _settle(world, stored)


def given_to(world: World, effect: str) -> list[Document]:
    """What the operations that are under way and will apply `effect` were given."""
    waiting = (world.operations[name] for name in world.pending)
    return [stored["given"] for stored in waiting if stored["effect"] == effect]


def listed(world: World, owner: str) -> list[Document]:
    """All operations of one object."""
    prefix = f"{owner}/operations/"
    return [poll(world, name) for name in world.operations if name.startswith(prefix)]


def cancel(world: World, name: str) -> Document:
    """Ask for an end: an operation that is not done ends as CANCELLED and has no effect."""
    stored = world.operations.get(name)
    if stored is None:
        raise Refusal("NOT_FOUND", f"Operation {name} was not found.")
    if not stored["done"]:
        error = Refusal("CANCELLED", "The operation was cancelled.").operation_error()
        world.operations[name] = {**stored, "done": True, "error": error}
        world.pending.discard(name)
    return {}


def _settle(world: World, stored: Document) -> Document:
    try:
        stored = {
            **stored,
            "done": True,
            "response": world.effects[stored["effect"]](stored["given"]),
        }
    except Refusal as refusal:
        stored = {**stored, "done": True, "error": refusal.operation_error()}
    world.operations[stored["name"]] = stored
    world.pending.discard(stored["name"])
    return stored


def _shown(stored: Document) -> Document:
    shown: dict[str, Any] = {"name": stored["name"], "done": stored["done"]}
    for key in ("metadata", "response", "error"):
        if stored.get(key) is not None:
            shown[key] = stored[key]
    return shown
