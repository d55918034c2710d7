"""Plans of mlgap's own Google types: their properties are fields of the vendor's messages.

mlgap has no provider schema to read, so the table names the field behind each property, and the
discovery document says its type, its enum and its format.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.compile import gcp_documents as documents
from mlplatform.contracts.compile.gcp_tree import Node

_DEEPEST = 8
"""Messages in messages; nothing that people write lies deeper."""
_TEXT = {"kind": "string", "wire": "string"}
_WHOLE = {"kind": "integer", "wire": "integer", "format": "int32"}
_OWN: dict[str, Node] = {
    "string": _TEXT,
    "integer": _WHOLE,
    "map": {"kind": "map", "element": _TEXT},
    "integers": {"kind": "map", "element": _WHOLE},
}
"""What mlgap alone reads, by the word after `=` in the table."""


def plan(lines: Mapping[str, Any]) -> dict[str, Any]:
    """The plan of one mlgap type."""
    doc = documents.document(lines["document"])
    properties = _mirror(doc, lines) if "mirror" in lines else _whole(doc, lines)
    for name, inner in lines.get("maps", {}).items():
        element = {"kind": "object", "properties": _whole(doc, inner)}
        properties[name] = {"kind": "map", "required": True, "element": element}
    for path, reason in lines.get("replace", {}).items():
        *above, name = path.split(".")
        inside = properties
        for step in above:
            inside = inside[step]["properties"]
        inside[name]["replace"] = reason
    return {
        "source": doc.source,
        "service": doc.name,
        "calls": {"update": {}} if lines.get("update") else {},
        "properties": dict(sorted(properties.items())),
        "outputs": {},
    }


def _mirror(doc: documents.Document, lines: Mapping[str, Any]) -> dict[str, Node]:
    """Every field of the message that a caller may set, under its own name."""
    found = _fields(doc, doc.data["schemas"][lines["schema"]], (lines["schema"],))
    for name in lines.get("mirror_without", ()):
        found.pop(name, None)
    for name in lines.get("required", ()):
        found[name]["required"] = True
    for name, path in lines.get("own", {}).items():
        found[name] = dict(_OWN[path])
    return found


def _fields(
    doc: documents.Document, schema: Mapping[str, Any], inside: tuple[str, ...]
) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, field in schema.get("properties", {}).items():
        if documents.computed(field):
            continue
        node = _nested(doc, field, inside)
        if documents.marked(field, "Required"):
            node["required"] = True
        found[name] = node
    return found


def _nested(doc: documents.Document, field: Mapping[str, Any], inside: tuple[str, ...]) -> Node:
    """A field with all that lies in it; a message inside itself may hold anything."""
    if "$ref" in field:
        name = field["$ref"]
        if name in inside or len(inside) > _DEEPEST:
            return {"kind": "any"}
        schema = doc.data["schemas"][name]
        return {"kind": "object", "properties": _fields(doc, schema, (*inside, name))}
    if field.get("type") == "array":
        return {"kind": "list", "element": _nested(doc, field["items"], inside)}
    if "additionalProperties" in field:
        return {"kind": "map", "element": _nested(doc, field["additionalProperties"], inside)}
    if field.get("type") in ("any", "object"):
        return {"kind": "any"}
    return _scalar(field)


def _whole(doc: documents.Document, lines: Mapping[str, Any]) -> dict[str, Node]:
    """The properties, and the objects that mlgap alone reads."""
    found = _properties(doc, lines)
    for name, inner in lines.get("objects", {}).items():
        found[name] = {"kind": "object", "properties": _properties(doc, inner)}
    return found


def _properties(doc: documents.Document, lines: Mapping[str, Any]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, line in sorted(lines["properties"].items()):
        own = line.startswith("=")
        node = dict(_OWN[line[1:]]) if own else _field(doc, lines["schema"], line)
        if name in lines["required"]:
            node["required"] = True
        found[name] = node
    return found


def _field(doc: documents.Document, schema: str, path: str) -> Node:
    """The node of a field; LookupError when the document has none of that name."""
    at: Mapping[str, Any] = doc.data["schemas"][schema]
    for step in path.split("."):
        inner = doc.resolve(at).get("properties", {})
        if step not in inner:
            raise LookupError(f"table line {path!r}: {schema} has no field {step}")
        at = inner[step]
    if at.get("type") == "array":
        return {"kind": "list", "element": _scalar(at["items"])}
    if "additionalProperties" in at:
        return {"kind": "map", "element": _scalar(at["additionalProperties"])}
    return _scalar(at)


def _scalar(field: Mapping[str, Any]) -> Node:
    node: Node = {"kind": field["type"], "wire": field["type"]}
    if "format" in field:
        node["format"] = field["format"]
    if "enum" in field:
        node["enum"] = [v for v in field["enum"] if not v.endswith("UNSPECIFIED")]
    return node
