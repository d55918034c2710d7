"""Life cycle: what the service does with each changed property - update, replace or refuse.

An object without an update call is replaced by any change; what stands in its URL names it; the
rest is said by the discovery document ("Immutable.") or by the reviewed table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts import paths
from mlplatform.contracts.gcp import names
from mlplatform.contracts.gcp import plan as plans
from mlplatform.contracts.gcp.plan import Node, Plan
from mlplatform.contracts.gcp.rules import network, tables
from mlplatform.contracts.problem import Change

_SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
_TABLE = "gcp:bigquery/table:Table"
_ONLINE_STORE = "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore"
_STORE_KINDS = ("bigtable", "optimized")


def changes(
    token: str, plan: Plan, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    """One change for every place where the inputs differ."""
    for difference in paths.differences(old, new):
        steps = paths.names(difference.path)
        nodes = list(plans.node_at(plan, steps))
        if not nodes or _same(nodes[-1][1], difference.path, old, new):
            continue
        yield _judge(token, plan, difference.path, nodes, old, new)


def _judge(
    token: str,
    plan: Plan,
    path: str,
    nodes: list[tuple[str, Node]],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Change:
    source = plan["source"]
    refused = _refused(token, nodes[0][0], old, new)
    if refused is not None:
        return Change(path=path, kind="refuse", reason=refused, source="rule: in-place limits")
    if token == _SUBNETWORK and nodes[0][0] == "ipCidrRange" and network.grown(old, new):
        reason = "a range that only grows is expanded in place"
        return Change(path=path, kind="update", reason=reason, source=source)
    for _, node in nodes:
        if "replace" in node:
            return Change(path=path, kind="replace", reason=node["replace"], source=source)
    inside = _fixed_inside(nodes[-1][1], _at(old, path), _at(new, path))
    if inside is not None:
        return Change(path=path, kind="replace", reason=inside, source=source)
    place = nodes[0][1].get("place", "body")
    if place == "local":
        return Change(path=path, kind="update", reason="only the provider reads it", source=source)
    if place == "url":
        return Change(path=path, kind="replace", reason="names the object", source=source)
    if place != "switch" and "update" not in plan.get("calls", {}):
        reason = "the service has no update call for it"
        return Change(path=path, kind="replace", reason=reason, source=source)
    return Change(path=path, kind="update", reason="changed in place", source=source)


def _fixed_inside(node: Node, old: Any, new: Any) -> str | None:
    """Why a block that comes or goes needs a new object: something in it is said once only."""
    if (old is None) == (new is None):
        return None
    return _fixed(node, new if old is None else old)


def _fixed(node: Node, value: Any) -> str | None:
    if value in (None, "", False, 0):
        return None  # the bridge has no "absent" for scalars
    if "replace" in node:
        return str(node["replace"])
    if "element" in node:
        values = value if isinstance(value, list) else ()
        found = (_fixed(node["element"], one) for one in values)
    else:
        properties = node.get("properties", {}) if isinstance(value, Mapping) else {}
        found = (_fixed(inner, value.get(name)) for name, inner in properties.items())
    return next((reason for reason in found if reason is not None), None)


def _refused(token: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """Changes that the service rejects and that a new object would not mend either."""
    if token == "gcp:storage/bucket:Bucket" and name == "retentionPolicy":
        before = old.get("retentionPolicy") or {}
        after = new.get("retentionPolicy") or {}
        if before.get("isLocked") and (
            not after.get("isLocked")
            or _seconds(after.get("retentionPeriod")) < _seconds(before.get("retentionPeriod"))
        ):
            # cloud.google.com/storage/docs/bucket-lock: a locked policy can only be lengthened.
            return "a locked retention policy can be lengthened only, never shortened or removed"
    if token == _TABLE and name == "schema":
        return tables.shrinking(old, new)
    if token == _ONLINE_STORE and name in _STORE_KINDS and (name in old) != (name in new):
        # aiplatform FeatureOnlineStore.storage_type: chosen at creation; views live in the store.
        return "a store keeps its kind of storage; make another store beside it"
    if token == _ONLINE_STORE and name == "encryptionSpec":
        # aiplatform featureOnlineStores.patch, updateMask: no such field among the updatable ones.
        return "a store keeps its key; take it away first, its rows are in BigQuery"
    return None


def _seconds(value: Any) -> int:
    text = str(value if value is not None else 0)
    return int(text) if text.isdigit() else 0


def _same(node: Node, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Spellings of one value: 1 and "1" in 64-bit fields, `us-central1` and `US-CENTRAL1`."""
    before, after = _at(old, path), _at(new, path)
    if isinstance(before, dict | list) or isinstance(after, dict | list):
        return False
    if before is None or after is None:
        # The bridge has no "absent" for scalars: leaving out and zero are one state.
        return before in (None, "", False, 0) and after in (None, "", False, 0)
    if node.get("convert") == "link":
        return names.short_link(str(before)) == names.short_link(str(after))
    if node.get("upper"):
        return str(before).upper() == str(after).upper()
    return node["kind"] != "boolean" and str(before) == str(after)


def _at(values: Mapping[str, Any], path: str) -> Any:
    found: Any = values
    for step in paths.split(path):
        if isinstance(found, Mapping) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return found
