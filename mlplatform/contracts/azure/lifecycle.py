"""Second layer, life cycle: what Azure does with each changed property.

Azure's create-only marks are unreliable both ways, so three sources stand in this order: the
reviewed table; what the provider itself replaces (path parameters, location, its own short list);
the marks of the vendor's model. A create-only change that the provider does not turn into a
replacement previews as an update and is then refused by Azure: that is `refuse`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlplatform.contracts.azure import model
from mlplatform.contracts.paths import Difference, differences, names, split
from mlplatform.contracts.problem import Change
from mlplatform.contracts.unknown import has_unknown

_KINDS: tuple[Literal["update", "replace", "refuse"], ...] = ("update", "replace", "refuse")

_PROVIDER = "pulumi-azure-native: path parameters and location replace"


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """One change for each differing place. Raises KeyError for a token that is not covered."""
    arm = model.types()[token]
    table = model.lifecycle_table().get(token.partition(":")[2], {})
    found: list[Change] = []
    for difference in differences(old, new):
        steps = names(difference.path)
        if not steps or _same(steps, old, new, difference):
            continue
        found.append(
            _one_way(table, steps, difference, new)
            or _taken_out(table, steps, difference, old)
            or _judge(arm, table, steps, difference, old)
        )
    return found


def _one_way(
    table: Mapping[str, Mapping[str, str]],
    steps: tuple[str, ...],
    difference: Difference,
    new: Mapping[str, Any],
) -> Change | None:
    """Refused by the new value: what it can never become, or what alone it can become."""
    value = _at(new, difference.path)
    if value is None or has_unknown(value):
        return None
    for kind in ("never", "only"):
        entry = table.get(kind, {}).get(".".join(steps))
        if entry is None:
            continue
        values, reason, source = entry.split(" | ")
        listed = str(value).lower() in values.lower().split(", ")
        if listed == (kind == "never"):
            return Change(path=difference.path, kind="refuse", reason=reason, source=source)
    return None


def _taken_out(
    table: Mapping[str, Mapping[str, str]],
    steps: tuple[str, ...],
    difference: Difference,
    old: Mapping[str, Any],
) -> Change | None:
    """Refused where a value that stays goes, or the block that it lies in; its line names the
    values that may go.
    """
    for pattern, entry in table.get("kept", {}).items() if difference.kind == "delete" else ():
        value = _at(old, pattern)
        if not _under(tuple(pattern.split(".")), steps) or value is None:
            continue
        values, reason, source = entry.split(" | ")
        if str(value).lower() not in values.lower().split(", "):
            return Change(path=difference.path, kind="refuse", reason=reason, source=source)
    return None


def _judge(
    arm: model.ArmType,
    table: Mapping[str, Mapping[str, str]],
    steps: tuple[str, ...],
    difference: Difference,
    old: Mapping[str, Any],
) -> Change:
    path = difference.path
    for kind in _KINDS:
        for pattern, entry in table.get(kind, {}).items():
            if _under(steps, tuple(pattern.split("."))):
                reason, _, source = entry.partition(" | ")
                return Change(path=path, kind=kind, reason=reason, source=source)
    if steps[0] in arm.in_path:
        reason = "it is part of the resource id"
        return Change(path=path, kind="replace", reason=reason, source=_PROVIDER)
    if steps == ("location",):
        reason = "a resource cannot move to another region"
        return Change(path=path, kind="replace", reason=reason, source=_PROVIDER)
    # A first value is no change of one: the service may have been filling in its default.
    if difference.kind != "add" and _create_only(arm.root, steps, old):
        reason = (
            "create-only: Azure answers 400 to this update; use a new name, or "
            f'replace_on_changes=["{".".join(steps)}"] with delete_before_replace'
        )
        return Change(path=path, kind="refuse", reason=reason, source=arm.source)
    return Change(path=path, kind="update", reason="updated in place", source=arm.source)


def create_only(token: str) -> list[str]:
    """Every path that Azure refuses to update: what a component gives to `replace_on_changes`."""
    arm = model.types()[token]
    table = model.lifecycle_table().get(token.partition(":")[2], {})
    flagged = set(_flagged(arm.root, "", ()))
    loosened = [tuple(pattern.split(".")) for pattern in table.get("update", {})]
    kept = {
        path for path in flagged if not any(_under(tuple(path.split(".")), p) for p in loosened)
    }
    return sorted(kept | set(table.get("refuse", {})))


def _flagged(key: str, at: str, seen: tuple[str, ...]) -> Iterator[str]:
    if key in seen:
        return
    node = model.node(key)
    if isinstance(node, model.Union):
        for option in node.options.values():
            yield from _flagged(option, at, (*seen, key))
        return
    for name, field in node.fields.items():
        bare = field.type.lstrip("[{")
        if field.create_only:
            yield f"{at}{name}"
        elif bare.startswith("@"):
            yield from _flagged(bare[1:], f"{at}{name}.", (*seen, key))


def _create_only(key: str, steps: tuple[str, ...], value: Any) -> bool:
    """Whether the vendor marks this property, or one that it lies in."""
    node = model.node(key)
    if isinstance(node, model.Union):
        chosen = model.choose(node, value.get(node.by)) if isinstance(value, Mapping) else None
        if chosen is None:
            return False
        node = chosen
    field = node.fields.get(steps[0])
    if field is None:
        return False
    if field.create_only:
        return True
    rest = steps[1:]
    inner = value.get(steps[0]) if isinstance(value, Mapping) else None
    kind = field.type
    while kind[:1] in ("[", "{") and rest:
        if kind[0] == "{":
            inner = inner.get(rest[0]) if isinstance(inner, Mapping) else None
            rest = rest[1:]
        elif isinstance(inner, list):
            inner = inner[0] if inner else None
        kind = kind[1:]
    return bool(rest) and kind.startswith("@") and _create_only(kind[1:], rest, inner)


def _same(
    steps: tuple[str, ...],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    difference: Difference,
) -> bool:
    """Differences in writing only: Azure compares regions, ids and enums without case."""
    before, after = _at(old, difference.path), _at(new, difference.path)
    if has_unknown(after) or not (isinstance(before, str) and isinstance(after, str)):
        return False
    if steps[-1] == "location":
        return _region(before) == _region(after)
    if before.startswith("/subscriptions/"):
        return before.lower() == after.lower()
    return False


def _region(text: str) -> str:
    return re.sub(r"\s", "", text).lower()


def _under(steps: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return steps[: len(pattern)] == pattern


def _at(value: Any, path: str) -> Any:
    for step in split(path):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
