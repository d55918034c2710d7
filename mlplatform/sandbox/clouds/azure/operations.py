"""Long-running operations: what Azure has accepted and not finished yet.

An operation ends by the clock, not by a thread: each request first settles what is due, so a
restart changes nothing.
"""

from __future__ import annotations

import time
import uuid

from mlplatform.sandbox.clouds.azure import kinds
from mlplatform.sandbox.clouds.azure.answer import Answer, ArmError, not_found
from mlplatform.sandbox.clouds.azure.kinds import deleted
from mlplatform.sandbox.clouds.azure.world import Json, World, now

_SECTION = "operations"
_KEPT = 500
"""Finished operations that can still be asked for, at least."""

BUSY = ("creating", "updating", "deleting", "scaling")


def begin(
    world: World, id_: str, verb: str, error: Json | None = None, *, takes: float = 1.0
) -> str:
    """Start an operation on a resource; the path of its status.

    error: what it shall end with. takes: how many times as long as a transitional state.
    """
    key = str(uuid.uuid4())
    row = {
        "id": id_,
        "verb": verb,
        "due": time.time() + world.delay_s * takes,
        "error": error,
        "start": now(),
        "ended": False,
    }
    world.store.put(_SECTION, key, row)
    if world.delay_s == 0:
        settle(world)
    parts = id_.split("/")
    subscription = parts[2] if len(parts) > 2 else "none"
    return (
        f"/subscriptions/{subscription}/providers/Microsoft.Resources/locations/global"
        f"/operationStatuses/{key}?api-version=2024-03-01"
    )


def settle(world: World) -> None:
    """Finish what is due."""
    moment = time.time()
    for key, row in list(world.store.items(_SECTION)):
        if row["ended"] or row["due"] > moment:
            continue
        # First the effect: an end in between is made up for at the next start.
        _finish(world, row)
        world.store.put(_SECTION, key, {**row, "ended": True})
    _forget_old(world)


def status(world: World, key: str) -> Answer:
    """The answer to a poll."""
    row = world.store.get(_SECTION, key)
    if row is None:
        raise not_found(key)
    if not row["ended"]:
        state, headers = "InProgress", {"Retry-After": "0"}
    else:
        state, headers = ("Failed" if row["error"] else "Succeeded"), {}
    body = {"id": key, "name": key, "status": state, "startTime": row["start"]}
    if state == "Failed":
        body["error"] = row["error"]
    return Answer(status=200, body=body, headers=headers)


def result_of(status_url: str) -> str:
    """The other address of an operation: 202 until it has ended, then what it led to."""
    return status_url.replace("/operationStatuses/", "/operationResults/")


def result(world: World, key: str, url: str) -> Answer:
    """The answer at that address, `url`.

    Raises:
        ArmError: the operation failed, or nobody knows it.
    """
    row = world.store.get(_SECTION, key)
    if row is None:
        raise not_found(key)
    if not row["ended"]:
        return Answer(status=202, headers={"Location": url, "Retry-After": "0"})
    if row["error"]:
        raise ArmError(409, str(row["error"].get("code")), str(row["error"].get("message")))
    found = world.get(row["id"])
    return Answer(status=204 if found is None else 200, body=found)


def _finish(world: World, row: Json) -> None:
    resource = world.get(row["id"])
    if resource is None:
        return
    if row["verb"] == "run":
        kinds.of(str(resource["type"])).after_run(world, resource, row["error"])
    elif row["error"]:
        resource.setdefault("properties", {})["provisioningState"] = "Failed"
        world.put(resource)
    elif row["verb"] in ("delete", "purge"):
        remove(world, resource, purge=row["verb"] == "purge")
    else:
        resource.setdefault("properties", {})["provisioningState"] = "Succeeded"
        world.put(resource)
        kinds.of(str(resource["type"])).after_success(world, resource)


def remove(world: World, resource: Json, *, purge: bool) -> None:
    """Delete a resource with everything below it, parents first: a vault takes its keys along.

    purge: nothing of the resource itself is left to take back.
    """
    for inner in [resource, *world.inside(resource["id"])]:
        kinds.of(str(inner["type"])).after_delete(world, inner)
        world.forget_principal(inner["id"])
        world.delete(inner["id"])
    if purge:
        deleted.purge(world, str(resource["id"]))


def _forget_old(world: World) -> None:
    ended = [(row["due"], key) for key, row in world.store.items(_SECTION) if row["ended"]]
    if len(ended) > 2 * _KEPT:
        for _, key in sorted(ended)[:-_KEPT]:
            world.store.delete(_SECTION, key)
