"""ARM answer -> Pulumi outputs: the inverse of `shape`, lifting what Pulumi flattens.

What has a Pulumi input comes back under that name; everything else (read-only members) keeps its
wire name, which is how the Pulumi classes name their outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import model


def outputs(token: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a resource, without what the caller knows better (path parameters)."""
    arm = model.types()[token]
    found = _object(arm.root, answer, lift=arm.flat)
    return {**found, "id": answer.get("id"), "azureApiVersion": arm.api_version}


def _object(key: str, wire: Mapping[str, Any], *, lift: bool = False) -> dict[str, Any]:
    node = model.node(key)
    if isinstance(node, model.Union):
        chosen = model.choose(node, wire.get(node.by, _dotted(wire, node.by)))
        return _fields(chosen, wire, lift) if chosen is not None else dict(wire)
    return _fields(node, wire, lift)


def _fields(node: model.Node, wire: Mapping[str, Any], lift: bool) -> dict[str, Any]:
    inner = wire.get("properties")
    lift = lift or any(field.inside for field in node.fields.values())
    box: Mapping[str, Any] = inner if lift and isinstance(inner, Mapping) else {}
    found: dict[str, Any] = {}
    taken: set[tuple[bool, str]] = set()
    for name, field in node.fields.items():
        holder = box if field.inside else wire
        taken.add((field.inside, field.wire))
        if field.wire in holder:
            found[name] = _value(field.type, holder[field.wire])
    for key, value in wire.items():
        if (False, key) not in taken and not (lift and key == "properties"):
            found.setdefault(key, value)
    for key, value in box.items():
        if (True, key) not in taken:
            found.setdefault(key, value)
    return found


def _value(type_: str, wire: Any) -> Any:
    if type_.startswith("[") and isinstance(wire, list):
        return [_value(type_[1:], each) for each in wire]
    if type_.startswith("{") and len(type_) > 1 and isinstance(wire, Mapping):
        return {key: _value(type_[1:], each) for key, each in wire.items()}
    if type_.startswith("@") and isinstance(wire, Mapping):
        return _object(type_[1:], wire)
    return wire


def _dotted(wire: Mapping[str, Any], by: str) -> Any:
    """`odata.type` on the wire is `odataType` in Pulumi."""
    plain = by.lower()
    return next((v for k, v in wire.items() if k.replace(".", "").lower() == plain), None)
