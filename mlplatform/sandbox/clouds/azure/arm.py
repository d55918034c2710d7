"""Resource Manager for every type: PUT, PATCH, GET, HEAD, DELETE, lists.

What a type does beyond that stands in `kinds`. Slow types answer with the headers of an
asynchronous operation and pass through `Creating`, `Updating` and `Deleting`.
"""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Mapping
from typing import Any

from mlplatform.sandbox.clouds.azure import kinds, operations
from mlplatform.sandbox.clouds.azure.address import GROUP, SUBSCRIPTION, Address
from mlplatform.sandbox.clouds.azure.answer import (
    Answer,
    ArmError,
    bad_request,
    conflict,
    not_found,
)
from mlplatform.sandbox.clouds.azure.kinds import deleted, fixed
from mlplatform.sandbox.clouds.azure.regions import is_region
from mlplatform.sandbox.clouds.azure.world import DEPLOYER, TENANT, Json, World, now

MAKER = "x-mlp-maker"
"""Header of the sandbox's own providers: which resource of a program made an object."""

_WORKSPACES = "microsoft.machinelearningservices/workspaces"
_TRACKED = ("id", "name", "type", "systemData")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def write(
    world: World,
    address: Address,
    body: Any,
    *,
    patch: bool,
    base: str,
    fail: Json | None,
    maker: str,
) -> Answer:
    """PUT or PATCH. fail: the error that the operation shall end with. maker: who creates it."""
    if not isinstance(body, dict):
        raise bad_request(
            "The request content was invalid and could not be deserialized.",
            code="InvalidRequestContent",
        )
    kind = kinds.of(address.type)
    old = world.get(address.id)
    _check_parent(world, address)
    if patch and old is None:
        raise not_found(address.id)
    _check_free(address, old)
    new = _patched(address, old, body) if patch and old else copy.deepcopy(body)
    for name in _TRACKED:
        new.pop(name, None)
    request = kinds.Write(address=address, old=old, new=new)
    if kind.keeps(world, request):
        return Answer(status=kind.updated, body=old)
    _check_location(request, kind)
    _check_neighbour(world, request)
    fixed.check(request)
    kind.before_write(world, request)
    kind.fill(world, request)
    _fill(world, request)
    runs = old is None and kind.runs_for > 0
    slow = not runs and (kind.slow or fail is not None)
    if kind.has_state:
        state = ("Updating" if old else "Creating") if slow else "Succeeded"
        new.setdefault("properties", {})["provisioningState"] = state
    world.put(new)
    if old is None and maker:
        world.set_maker(new["id"], maker)
    status = kind.updated if old else kind.created
    headers: dict[str, str] = {}
    if runs:
        operations.begin(world, new["id"], "run", fail, takes=kind.runs_for)
    if slow:
        status_url = base + operations.begin(world, new["id"], "put", fail)
        headers = {"Azure-AsyncOperation": status_url, "Retry-After": "0"}
        if status == 202:
            headers["Location"] = base + new["id"] + "?api-version=2024-03-01"
    if patch:
        status = 202 if slow and kind.patchable is not None else 200
        if status == 202:
            headers["Location"] = operations.result_of(headers["Azure-AsyncOperation"])
    return Answer(status=status, body=world.get(new["id"]), headers=headers)


def read(world: World, address: Address, tenant: str = TENANT) -> Answer:
    """GET or HEAD of one resource. tenant: the caller's, to which every subscription belongs."""
    if address.type == SUBSCRIPTION:
        return Answer(status=200, body=_subscription(str(address.name), tenant))
    found = world.get(address.id)
    if found is None:
        raise _absent(world, address)
    maker = world.maker(address.id)
    return Answer(status=200, body=found, headers={MAKER: maker} if maker else {})


def delete(
    world: World, address: Address, query: Mapping[str, str], *, base: str, fail: Json | None
) -> Answer:
    """DELETE; what is not there is no error. What is deleted already can be purged."""
    kind = kinds.of(address.type)
    purge = kind.purged_by is not None and query.get(kind.purged_by.lower(), "").lower() == "true"
    resource = world.get(address.id)
    if resource is None:
        if address.type == GROUP:
            raise _absent(world, address)
        if purge:
            deleted.purge(world, address.id)
        return Answer(status=204)
    _check_free(address, resource)
    kind.before_delete(world, resource)
    if not kind.slow_delete and fail is None:
        operations.remove(world, resource, purge=purge)
        return Answer(status=kind.deleted, body=resource if kind.deleted == 200 else None)
    resource.setdefault("properties", {})["provisioningState"] = "Deleting"
    world.put(resource)
    url = base + operations.begin(world, resource["id"], "purge" if purge else "delete", fail)
    location = operations.result_of(url)
    headers = {"Azure-AsyncOperation": url, "Location": location, "Retry-After": "0"}
    return Answer(status=202, headers=headers)


def _patched(address: Address, old: Json, body: Json) -> Json:
    kind = kinds.of(address.type)
    if kind.patchable is not None:
        for name in body:
            if name not in kind.patchable:
                raise bad_request(
                    f"Could not find member '{name}' on the object of this update; allowed: "
                    f"{', '.join(kind.patchable)}.",
                    code="InvalidRequestContent",
                )
    merged: Json = _merged(old, body)
    return merged


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return copy.deepcopy(new)
    merged = copy.deepcopy(old)
    for name, value in new.items():
        if value is None:
            merged.pop(name, None)
        # Tags are replaced as a whole, everything else is merged.
        elif name == "tags":
            merged[name] = copy.deepcopy(value)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _check_parent(world: World, address: Address) -> None:
    parts = address.id.split("/")
    if len(parts) > 2 and parts[1].lower() == "subscriptions" and not _GUID.fullmatch(parts[2]):
        raise ArmError(
            404, "InvalidSubscriptionId", f"The subscription id '{parts[2]}' is malformed."
        )
    parent = address.parent
    group = "/".join(parts[:5])
    if address.type != GROUP and len(parts) > 4 and parts[3].lower() == "resourcegroups":
        found = world.get(group)
        if found is None:
            raise absent_id(world, group)
        if found["properties"].get("provisioningState") == "Deleting":
            raise conflict(
                f"The resource group '{found['name']}' is in deprovisioning state and cannot "
                "perform this operation.",
                code="ResourceGroupBeingDeleted",
            )
    if "/providers/" not in parent.lower() or world.exists(parent):
        return
    made = kinds.of(address.type).missing_parent(world, address)
    if made is not None:
        world.put(made)
    elif not parent.lower().endswith("/blobservices/default"):
        raise ArmError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{address.type}', because the "
            f"parent resource '{parent}' could not be found.",
        )
    elif not world.exists(parent.rsplit("/", 2)[0]):
        raise absent_id(world, parent.rsplit("/", 2)[0])


def _check_free(address: Address, old: Json | None) -> None:
    """One change at a time."""
    state = str(((old or {}).get("properties") or {}).get("provisioningState", ""))
    if state.lower() in operations.BUSY:
        raise conflict(
            f"The resource '{address.name}' is busy: another operation is in progress "
            f"(provisioning state {state})."
        )


def _check_location(request: kinds.Write, kind: kinds.Kind) -> None:
    old, new = (request.old or {}).get("location"), request.new.get("location")
    if new is None:
        if kind.regional and old is None:
            raise bad_request(
                "The location property is required for this definition.", code="LocationRequired"
            )
        if old is not None:
            request.new["location"] = old
        return
    place = re.sub(r"\s", "", str(new)).lower()
    if not is_region(place):
        raise bad_request(
            f"The provided location '{new}' is not available for resource type "
            f"'{request.address.type}'.",
            code="LocationNotAvailableForResourceType",
        )
    if old is not None and place != old:
        raise conflict(
            f"The resource '{request.address.name}' already exists in location '{old}'. A "
            f"resource with the same name cannot be created in location '{new}'.",
            code="InvalidResourceLocation",
        )
    request.new["location"] = place


def _check_neighbour(world: World, request: kinds.Write) -> None:
    """What belongs to a workspace lies in its region."""
    parent = world.get(request.address.parent) or {}
    if str(parent.get("type", "")).lower() != _WORKSPACES:
        return
    mine, its = request.new.get("location"), parent.get("location")
    if mine is not None and mine != its:
        raise bad_request(
            f"The location '{mine}' is not that of the workspace '{parent['name']}', '{its}'.",
            target="location",
        )


def _fill(world: World, request: kinds.Write) -> None:
    address, old, new = request.address, request.old, request.new
    new["id"] = old["id"] if old else address.id
    new["name"] = address.name
    new["type"] = address.type
    created = ((old or {}).get("systemData") or {}).get("createdAt", now())
    new["systemData"] = {
        "createdBy": DEPLOYER,
        "createdByType": "Application",
        "createdAt": created,
        "lastModifiedBy": DEPLOYER,
        "lastModifiedAt": now(),
    }
    new.setdefault("properties", {})
    identity = new.get("identity")
    if isinstance(identity, dict):
        _fill_identity(world, new["id"], identity)


def _fill_identity(world: World, id_: str, identity: Json) -> None:
    if "systemassigned" in str(identity.get("type", "")).lower():
        identity.update(principalId=world.principal_of(id_), tenantId=TENANT)
    for other in identity.get("userAssignedIdentities") or {}:
        identity["userAssignedIdentities"][other] = {
            "principalId": world.principal_of(other),
            "clientId": world.client_of(other),
        }


def _absent(world: World, address: Address) -> ArmError:
    return absent_id(world, address.id)


def absent_id(world: World, id_: str) -> ArmError:
    parts = id_.split("/")
    group = "/".join(parts[:5])
    if len(parts) >= 5 and parts[3].lower() == "resourcegroups" and not world.exists(group):
        return ArmError(
            404, "ResourceGroupNotFound", f"Resource group '{parts[4]}' could not be found."
        )
    return not_found(id_)


def _subscription(id_: str, tenant: str) -> Json:
    return {
        "id": f"/subscriptions/{id_}",
        "subscriptionId": id_,
        "tenantId": tenant,
        "displayName": "sandbox",
        "state": "Enabled",
        "subscriptionPolicies": {"locationPlacementId": str(uuid.UUID(int=0))},
    }
