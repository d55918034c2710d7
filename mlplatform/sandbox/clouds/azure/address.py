"""Resource Manager paths: which resource or collection a URL speaks of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Address:
    """One resource (`name` is set) or one collection (`name` is None).

    id: as written in the URL. type: `Namespace/type/subtype`. parent: the id that must exist
    first, empty for what lies directly under a subscription or a tenant.
    """

    id: str
    type: str
    name: str | None
    parent: str

    @property
    def key(self) -> str:
        """Ids are compared without case."""
        return self.id.lower()

    @property
    def kind(self) -> str:
        return self.type.lower()


_WORDS = {
    word.lower(): word
    for word in (
        "Microsoft.Authorization",
        "Microsoft.ContainerRegistry",
        "Microsoft.Insights",
        "Microsoft.KeyVault",
        "Microsoft.MachineLearningServices",
        "Microsoft.ManagedIdentity",
        "Microsoft.OperationalInsights",
        "Microsoft.Storage",
        "Microsoft.Network",
        "autoscaleSettings",
        "batchEndpoints",
        "blobServices",
        "diagnosticSettings",
        "featurestoreEntities",
        "onlineEndpoints",
        "outboundRules",
        "privateDnsZoneGroups",
        "privateDnsZones",
        "privateEndpoints",
        "roleAssignments",
        "storageAccounts",
        "userAssignedIdentities",
        "virtualNetworkLinks",
        "virtualNetworks",
    )
}
"""Words of paths as their services write them."""

GROUP = "Microsoft.Resources/resourceGroups"
SUBSCRIPTION = "Microsoft.Resources/subscriptions"


def parse(path: str) -> Address | None:
    """The address; None when the path is not one of Resource Manager's."""
    parts = _canonical([part for part in path.split("/") if part])
    low = [part.lower() for part in parts]
    whole = "/" + "/".join(parts)
    if "providers" in low:
        at = len(low) - 1 - low[::-1].index("providers")
        return _provided(whole, parts[:at], parts[at + 1 :])
    if not low or low[0] != "subscriptions":
        return None
    if len(parts) <= 2:
        name = parts[1] if len(parts) == 2 else None
        return Address(id=whole, type=SUBSCRIPTION, name=name, parent="")
    if low[2] == "resourcegroups" and len(parts) <= 4:
        name = parts[3] if len(parts) == 4 else None
        return Address(id=whole, type=GROUP, name=name, parent="/" + "/".join(parts[:2]))
    return None


def _canonical(parts: list[str]) -> list[str]:
    """Clients write `resourcegroups` and `autoscalesettings`; answers show the types' own names.

    Only the words of the path are rewritten, never the names between them.
    """
    found = list(parts)
    if len(found) > 2 and found[2].lower() == "resourcegroups":
        found[2] = "resourceGroups"
    at = 0
    for position, part in enumerate(found):
        if part.lower() == "providers":
            found[position] = "providers"
            at = position
    if at:
        for position in range(at + 1, len(found)):
            is_word = position == at + 1 or (position - at) % 2 == 0
            if is_word:
                found[position] = _WORDS.get(found[position].lower(), found[position])
    return found


def _provided(whole: str, scope: list[str], rest: list[str]) -> Address | None:
    if len(rest) < 2:
        return None
    types, names = rest[1::2], rest[2::2]
    collection = len(types) > len(names)
    parent = scope
    if len(types) > 1:
        parent = [*scope, "providers", *rest[: -1 if collection else -2]]
    return Address(
        id=whole,
        type="/".join([rest[0], *types]),
        name=None if collection else names[-1],
        parent="/" + "/".join(parent) if parent else "",
    )
