"""GET of a list: direct children, or everything of a type below a scope."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlplatform.sandbox.clouds.azure import kinds, pages
from mlplatform.sandbox.clouds.azure.address import GROUP, SUBSCRIPTION, Address
from mlplatform.sandbox.clouds.azure.answer import Answer
from mlplatform.sandbox.clouds.azure.arm import absent_id
from mlplatform.sandbox.clouds.azure.world import Json, World


def collection(world: World, address: Address, query: Mapping[str, str], url: str) -> Answer:
    """GET of a list, one page of it. url: what was asked, without its query."""
    if address.type == SUBSCRIPTION:
        return Answer(status=200, body={"value": []})
    if address.type == GROUP:
        found = world.of_type(GROUP, address.parent)
    else:
        found = _listed(world, address)
    filter_ = query.get("$filter", "")
    wanted = re.search(r"principalId eq '([^']+)'|assignedTo\('([^']+)'\)", filter_)
    if wanted:
        principal = (wanted[1] or wanted[2]).lower()
        found = [r for r in found if r["properties"].get("principalId", "").lower() == principal]
    if query.get("isdefault", "").lower() == "true":
        found = [r for r in found if r["properties"].get("isDefault")]
    if "listviewtype" in query:
        found = _viewed(found, query["listviewtype"])
    return pages.page(found, query, url)


def _viewed(found: list[Json], view: str) -> list[Json]:
    """Of what can be archived, the part that is asked for (azure-ai-ml, ListViewType)."""
    wanted = {"ActiveOnly": (False,), "ArchivedOnly": (True,)}.get(view, (False, True))
    return [r for r in found if bool(r["properties"].get("isArchived")) in wanted]


def _listed(world: World, address: Address) -> list[Json]:
    """Direct children; below a subscription or a group, everything of the type."""
    scope = address.parent
    if scope.lower().count("/providers/") and not world.exists(scope):
        if kinds.of(address.type).missing_parent(world, address) is not None:
            return []  # versions of an asset that has none yet
        raise absent_id(world, scope)
    below = address.key + "/"
    children = [
        r
        for r in world.of_type(address.type, scope)
        if str(r["id"]).lower().startswith(below) and "/" not in str(r["id"])[len(below) :]
    ]
    wide = address.type.count("/") == 1 and scope.count("/") <= 4
    return world.of_type(address.type, scope) if wide else children
