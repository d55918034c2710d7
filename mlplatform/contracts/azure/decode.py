"""ARM answer -> Pulumi outputs: the inverse of `shape`, lifting what Pulumi flattens.

What has a Pulumi input comes back under that name; everything else (read-only members) keeps its
wire name, which is how the Pulumi classes name their outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import model
from mlplatform.contracts.unknown import UNKNOWN


def outputs(token: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a resource, without what the caller knows better (path parameters)."""
    arm = model.types()[token]
    found = _object(arm.root, answer, lift=arm.flat)
    inner = answer.get("properties")
    if "properties" not in arm.outputs and isinstance(inner, Mapping):
        # Some classes take `properties` and show its members without it, as a key its keyUri.
        found = {**{name: inner[name] for name in arm.outputs if name in inner}, **found}
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


def project(token: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs as inputs: only what can be written, identities as the list that the input is."""
    return _projected(model.types()[token].root, found)


def foresee(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs that a preview can tell: the inputs, and unknown where Azure fills in."""
    arm = model.types()[token]
    known = _foreseen(arm.root, inputs)
    filled = {name: known.get(name, UNKNOWN) for name in arm.outputs}
    return {**filled, "azureApiVersion": arm.api_version}


def foresee_update(
    token: str, inputs: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, Any]:
    """The outputs of an update that a preview can tell: the inputs over what there is."""
    known = foresee(token, inputs)
    return {
        name: before.get(name) if value == UNKNOWN else _settled(value, before.get(name))
        for name, value in known.items()
    }


def _settled(value: Any, before: Any) -> Any:
    """Unknown parts of an object as they were: an update does not change what Azure fills in."""
    if not isinstance(value, Mapping):
        return value
    old = before if isinstance(before, Mapping) else {}
    return {
        key: old.get(key, UNKNOWN) if inner == UNKNOWN else _settled(inner, old.get(key))
        for key, inner in value.items()
    }


def _projected(key: str, found: Mapping[str, Any]) -> dict[str, Any]:
    node = model.node(key)
    if isinstance(node, model.Union):
        chosen = model.choose(node, found.get(node.by))
        if chosen is None:
            return {}
        node = chosen
    return {
        name: _input(field.type, found[name])
        for name, field in node.fields.items()
        if not field.read_only and found.get(name) is not None
    }


def _input(type_: str, value: Any) -> Any:
    if type_ == "{" and isinstance(value, Mapping):
        return sorted(value)
    if type_.startswith("[") and isinstance(value, list):
        return [_input(type_[1:], each) for each in value]
    if type_.startswith("{") and isinstance(value, Mapping):
        return {key: _input(type_[1:], each) for key, each in value.items()}
    if type_.startswith("@") and isinstance(value, Mapping):
        return _projected(type_[1:], value)
    return value


def _foreseen(key: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    node = model.node(key)
    if isinstance(node, model.Union):
        chosen = model.choose(node, inputs.get(node.by))
        if chosen is None:
            return dict(inputs)
        node = chosen
    known = {
        name: _output(node.fields[name].type, value)
        for name, value in inputs.items()
        if name in node.fields and value is not None
    }
    # As the real provider: whatever Azure may fill in is unknown, so that nothing that a program
    # reads from an output is silently absent in a preview.
    return {**dict.fromkeys([*node.ignored, *node.fields], UNKNOWN), **known}


def _output(type_: str, value: Any) -> Any:
    if type_ == "{" and isinstance(value, list | tuple):
        return dict.fromkeys(value, UNKNOWN)
    if type_.startswith("[") and isinstance(value, list | tuple):
        return [_output(type_[1:], each) for each in value]
    if type_.startswith("{") and isinstance(value, Mapping):
        return {key: _output(type_[1:], each) for key, each in value.items()}
    if type_.startswith("@") and isinstance(value, Mapping):
        return _foreseen(type_[1:], value)
    return value
