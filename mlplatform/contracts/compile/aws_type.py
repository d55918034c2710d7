"""Compiling one type: its property tree, its calls and its life cycle, as plain JSON data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.model import Shape

from mlplatform.contracts.compile import aws_calls as calls_of
from mlplatform.contracts.compile import aws_match as match
from mlplatform.contracts.compile import aws_tree as tree
from mlplatform.contracts.compile import aws_vendor_model as vendor
from mlplatform.contracts.compile import provider_model as provider
from mlplatform.contracts.compile.aws_mirror import mirrored

# Settings that pulumi-aws gives to many types and that no AWS call carries.
COMMON_PROVIDER = frozenset(
    {"region", "namePrefix", "bucketPrefix", "skipDestroy", "timeouts", "forceDestroy"}
)
# A change of these makes the provider build a new object (region: pulumi-aws 7, per-resource
# region).
_NAMING = frozenset({"region", "namePrefix", "bucketPrefix"})
_KNOWN_KEYS = frozenset(
    [
        "service",
        "noun",
        "root",
        "id",
        "import",
        "auto_name",
        "create",
        "calls",
        "read",
        "delete",
        "wait",
        "members",
        "judged_by",
        "provider",
        "unjudged",
        "filled",
        "put",
        "tags",
        "replace",
        "update",
        "outputs",
        "defaults",
        "also",
        "attribute_call",
    ]
)
OWN = "mlgap"
"""Stem of the table of this project's own types."""
_REFERENCE = re.compile(r"\{(\w+)\}")
_Json = dict[str, Any]


@dataclass(frozen=True)
class Compiled:
    """The data of one type, the shapes it refers to, and its tree (for the coverage table)."""

    data: _Json
    shapes: dict[str, Shape]
    nodes: dict[str, tree.Node]


def compile_type(module: str, name: str, entry: Mapping[str, Any], header: _Json) -> Compiled:
    """One type from the provider's classes, the service model and its table entry."""
    surplus = set(entry) - _KNOWN_KEYS
    if surplus:
        raise LookupError(f"{module}.{name}: unknown table keys {sorted(surplus)}")
    service = str(entry.get("service", header["service"]))
    create = calls_of.normal(entry["create"])
    if module == OWN:
        # A type of this project's own provider has the API's members as its properties.
        token = f"{OWN}:aws:{name}"
        shape = vendor.operation(service, create["op"]).input_shape
        known = mirrored(shape)
    else:
        token = f"aws:{module}/{name[0].lower()}{name[1:]}:{name}"
        known = provider.resource("pulumi_aws", module, name)
    nodes = _tree(known, service, create, entry)
    shapes: dict[str, Shape] = {}
    calls = [calls_of.normal(c) for c in entry.get("calls", [])] + calls_of.attribute_calls(
        nodes, entry
    )
    sent = _sent(nodes, create, calls, entry)
    create["send"] = {**sent, **create.get("send", {})}
    tags = calls_of.tags(entry, header, known)
    reads = [
        calls_of.read(service, r, known, nodes, entry) for r in calls_of.many(entry.get("read"))
    ]
    deletes = [calls_of.normal(c) for c in calls_of.many(entry.get("delete"))]
    for call in [create, *calls, *reads, *deletes, *tags.values()]:
        calls_of.verify(service, call, known)
    data: _Json = {
        "token": token,
        "service": service,
        "id": entry["id"],
        "properties": {n: _json(made, shapes) for n, made in nodes.items()},
        "outputs": list(known.outputs),
        "create": create,
        "calls": calls,
        "read": reads,
        "delete": deletes,
        "lifecycle": _lifecycle(service, nodes, create, calls, deletes, entry),
    }
    for key in ("import", "auto_name", "wait", "defaults"):
        if key in entry:
            data[key] = entry[key]
    if "outputs" in entry:
        data["formulas"] = entry["outputs"]
    if "tags" in known.inputs:
        data["tags"] = tags
    return Compiled(data, shapes, nodes)


def _tree(
    known: provider.Resource, service: str, create: _Json, entry: Mapping[str, Any]
) -> dict[str, tree.Node]:
    lines = tree.Exceptions(
        members=entry.get("members", {}),
        also=entry.get("also", {}),
        provider=COMMON_PROVIDER | frozenset(entry.get("provider", ())),
        unjudged=entry.get("unjudged", {}),
        filled=entry.get("filled", {}),
    )
    judged = dict(entry.get("judged_by", {}))
    for call in entry.get("calls", []):
        for prop, path in call.get("send", {}).items():
            if call.get("on") != "update":
                judged.setdefault(prop, f"{call['op']}.{path}")
    shape = vendor.operation(service, create["op"]).input_shape
    nouns = match.nouns(create["op"], entry.get("noun"))
    nodes: dict[str, tree.Node] = {}
    for name, prop in known.inputs.items():
        if name in lines.provider:
            nodes[name] = tree.bare(prop, "provider")
        elif name in lines.unjudged:
            nodes[name] = tree.bare(prop, "unjudged")
        else:
            found = _find(name, prop, service, shape, nouns, judged, lines, entry.get("root"))
            nodes[name] = tree.node(name, prop, found, lines, nouns)
        nodes[name].required = name in known.required or (
            nodes[name].api in getattr(shape, "required_members", ())
            and nodes[name].filled is None
            and name not in judged
            and "auto_name" not in entry
        )
    return nodes


def _find(
    name: str,
    prop: provider.Property,
    service: str,
    shape: Shape,
    nouns: list[str],
    judged: Mapping[str, str],
    lines: tree.Exceptions,
    root: str | None,
) -> tuple[str, str, Shape]:
    """(member path, rule, shape) of a top-level property; the path is empty for other calls'
    own.
    """
    if name in judged:
        operation, _, path = judged[name].partition(".")
        other = vendor.operation(service, operation).input_shape
        return path, "own call", vendor.member(other, path)
    if name in lines.members:
        path = lines.members[name]
        return path, "table", vendor.member(shape, path)
    for prefix in filter(None, (root, "")) if root else ("",):
        place = vendor.member(shape, prefix) if prefix else shape
        hit = match.find(name, prop, nouns, vendor.members(place))
        if hit:
            path = f"{prefix}.{hit[0]}" if prefix else hit[0]
            return path, hit[1], vendor.member(shape, path)
    if root and (hit := match.find(name, prop, nouns, vendor.members(shape))):
        return hit[0], hit[1], vendor.member(shape, hit[0])
    attributes = vendor.members(shape).get("Attributes")
    if attributes is not None and attributes.type_name == "map" and prop.kind != "map":
        return f"Attributes.${name[0].upper()}{name[1:]}", "attribute", attributes.value
    raise LookupError(
        f"{name} ({prop.kind}) has no counterpart in {shape.name}: "
        f"{', '.join(sorted(vendor.members(shape)))}"
    )


def _sent(
    nodes: Mapping[str, tree.Node], create: _Json, calls: list[_Json], entry: Mapping[str, Any]
) -> dict[str, str]:
    """Top-level property -> member path of the create request."""
    elsewhere = {p for c in calls if c.get("on") != "update" for p in c["send"]}
    elsewhere |= set(entry.get("judged_by", {}))
    return {
        name: made.api
        for name, made in nodes.items()
        if made.api and name not in elsewhere and name not in create.get("send", {})
    }


def _lifecycle(
    service: str,
    nodes: Mapping[str, tree.Node],
    create: _Json,
    calls: list[_Json],
    deletes: list[_Json],
    entry: Mapping[str, Any],
) -> _Json:
    """Property path -> {kind, source}; the longest path that a change starts with decides."""
    templates = [entry["id"], *(v for call in deletes for v in _strings(call.get("params", {})))]
    keys = {name for text in templates for name in _REFERENCE.findall(str(text))}
    out: _Json = {}
    for name, made in nodes.items():
        via = [
            c["op"]
            for c in calls
            if c.get("on") != "create" and name in {*c["send"], *c.get("when", {})}
        ]
        # A key names the object, so even a call that carries it addresses another object.
        if name in keys and not any(name in c.get("send", {}) for c in deletes):
            kind, source = "replace", "it is part of the object's identity"
        elif name in _NAMING:
            kind, source = "replace", "pulumi-aws: forces a new object"
        elif via:
            kind, source = "update", f"botocore {service} {via[0]}"
        elif made.rule in ("provider", "unjudged") or any(name in c["send"] for c in deletes):
            kind, source = "update", "used by the provider, not part of the object in AWS"
        elif name == "tags":
            kind, source = "update", f"botocore {service}: tag calls"
        elif entry.get("put") and name in create["send"]:
            kind, source = "update", f"botocore {service} {create['op']} overwrites"
        else:
            kind, source = "replace", f"botocore {service}: no call changes it"
        out[name] = {"kind": kind, "source": source}
    for kind in ("replace", "update"):
        for path, source in entry.get(kind, {}).items():
            out[path] = {"kind": kind, "source": source}
    return out


def _json(made: tree.Node, shapes: dict[str, Shape]) -> _Json:
    out: _Json = {"kind": made.kind}
    if made.api:
        out["api"] = made.api
    if made.rule in ("provider", "unjudged"):
        out["role"] = made.rule
    for key, shape in (("shape", made.shape), ("key", made.key)):
        if shape is not None:
            shapes[shape.name] = shape
            out[key] = shape.name
    for key in ("required", "wrap", "pairs", "filled", "also"):
        if getattr(made, key):
            out[key] = getattr(made, key)
    if made.element is not None:
        out["element"] = _json(made.element, shapes)
    if made.properties:
        out["properties"] = {n: _json(inner, shapes) for n, inner in made.properties.items()}
    return out


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [s for inner in value.values() for s in _strings(inner)]
    if isinstance(value, list):
        return [s for inner in value for s in _strings(inner)]
    return [value] if isinstance(value, str) else []
