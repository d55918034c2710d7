"""Lays one provider type over one discovery schema: a node for every property, none left out.

The general rule is "same name", with the singular and plural forms that the Terraform bridge makes
(`lifecycleRules` for `rule`). A candidate counts only when its shape fits the property's kind, for
a match of names alone is silently wrong at times. Where the rule fails a line of the table decides,
and what neither maps is written down as unmapped, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.compile import gcp_documents as documents
from mlplatform.contracts.compile.provider_model import Property

Node = dict[str, Any]


class Tree:
    """The nodes of one type; `table` holds the type's reviewed lines."""

    def __init__(
        self,
        doc: documents.Document,
        method: Mapping[str, Any],
        root: Mapping[str, Any],
        table: Mapping[str, Any],
        url: frozenset[str],
    ) -> None:
        self._doc = doc
        self._method = method
        self._root = root
        self._table = table
        self._url = url

    def properties(self, inputs: Mapping[str, Property], required: frozenset[str]) -> Node:
        """Nodes of the top-level inputs."""
        nodes = {
            name: self._node(name, prop, name, self._root, required)
            for name, prop in inputs.items()
        }
        self._require(self._root, nodes, "")
        return dict(sorted(nodes.items()))

    def _node(
        self,
        name: str,
        prop: Property,
        path: str,
        schema: Mapping[str, Any],
        required: frozenset[str],
    ) -> Node:
        node: Node = {"kind": prop.kind}
        if name in required:
            node["required"] = True
        if path in self._table.get("replace", {}):
            node["replace"] = self._table["replace"][path]
        if path in self._table.get("local", ()) or path == "deletionPolicy":
            return {**node, **self._unsent(prop), "place": "local"}
        if path in self._table.get("switch", {}):
            return {**node, "place": "switch"}
        if path in self._url and path not in self._table.get("fields", {}):
            # The caller's own name stands in the URL even when the object repeats it.
            return {**node, "place": "url"}
        found = self._field(name, prop, path, schema)
        if found is None:
            if path in self._method.get("parameters", {}):
                return {**node, **self._unsent(prop), "place": "query"}
            return {**node, **self._unsent(prop), "place": "none"}
        to, field, by = found
        if to != [name]:
            node["to"] = to
        if by == "table":
            node["by"] = "table"
        if path in self._table.get("convert", {}):
            node["convert"] = self._table["convert"][path]
        if path in self._table.get("upper", ()):
            node["upper"] = True
        if documents.computed(field):
            node["computed"] = True
        if documents.marked(field, "Immutable") and "replace" not in node:
            node["replace"] = "the document says immutable [D]"
        return {**node, **self._inside(prop, field, path)}

    def _inside(self, prop: Property, field: Mapping[str, Any], path: str) -> Node:
        schema = self._doc.resolve(field)
        if prop.kind == "object":
            boxed = {"boxed": True} if schema.get("type") == "array" else {}
            return {**boxed, "properties": self._object(prop, self._item(schema), path)}
        if prop.kind == "list":
            assert prop.element is not None
            keyed, _, key = self._table.get("convert", {}).get(path, "").partition(":")
            element = schema["additionalProperties"] if keyed == "keyed" else self._item(schema)
            inside = {"kind": prop.element.kind, **self._inside(prop.element, element, path)}
            if keyed == "keyed":
                inside["properties"][key] = {"kind": "string", "place": "key", "required": True}
            return {"element": inside}
        if prop.kind == "map":
            assert prop.element is not None
            value = schema.get("additionalProperties", {})
            return {
                "element": {"kind": prop.element.kind, **self._inside(prop.element, value, path)}
            }
        if self._table.get("convert", {}).get(path) == "json":
            return {"kind": "json"}
        return self._scalar({**schema, **field}, path)

    def _object(self, prop: Property, schema: Mapping[str, Any], path: str) -> Node:
        nodes = {
            name: self._node(name, inner, f"{path}.{name}", schema, prop.required)
            for name, inner in prop.properties.items()
        }
        self._require(schema, nodes, f"{path}.")
        return dict(sorted(nodes.items()))

    def _require(self, schema: Mapping[str, Any], nodes: Mapping[str, Node], path: str) -> None:
        """Marks as required what the API requires, even where the provider calls it optional."""
        for field_name, field in schema.get("properties", {}).items():
            if not documents.required(field, self._method) or documents.computed(field):
                continue
            for name, node in nodes.items():
                same = node.get("to", [name])[0] == field_name and node.get("place") is None
                if same and f"{path}{name}" not in self._table.get("optional", ()):
                    node["required"] = True

    def _scalar(self, field: Mapping[str, Any], path: str) -> Node:
        """What the document says about one value; the API's own type is kept as `wire`."""
        converted = path in self._table.get("convert", {})
        node: Node = {"wire": "string" if converted else field.get("type", "string")}
        for key in ("format", "pattern"):
            if key in field:
                node[key] = field[key]
        for key in ("minimum", "maximum"):
            if key in field:
                node[key] = float(field[key])
        values = self._table.get("values", {}).get(path)
        if values is not None:
            node["enum"], node["enum_by"] = values, "table"
        elif "enum" in field:
            node["enum"] = [v for v in field["enum"] if not v.endswith("UNSPECIFIED")]
            retired = field.get("enumDeprecated", [])
            texts = field.get("enumDescriptions", [])
            node_retired = {
                value: " ".join(texts[i].split())
                for i, value in enumerate(field["enum"])
                if i < len(retired) and retired[i]
            }
            if node_retired:
                node["retired"] = node_retired
        return node

    def _field(
        self, name: str, prop: Property, path: str, schema: Mapping[str, Any]
    ) -> tuple[list[str], Mapping[str, Any], str] | None:
        """(path of fields, the last one's description, by which rule) for a property."""
        line = self._table.get("fields", {}).get(path)
        if line is not None:
            return self._by_table(path, line, schema)
        fields = schema.get("properties", {})
        lower = {key.lower(): key for key in fields}
        for candidate in _forms(name):
            found = lower.get(candidate.lower())
            if found is not None and self._fits(prop, fields[found], path):
                return [found], fields[found], "rule"
        return None

    def _by_table(
        self, path: str, line: str, schema: Mapping[str, Any]
    ) -> tuple[list[str], Mapping[str, Any], str]:
        field: Mapping[str, Any] = schema
        to = line.split(".")
        for step in to:
            inner = self._item(self._doc.resolve(field)).get("properties", {})
            if step not in inner:
                raise LookupError(f"table line {path} = {line!r}: the document has no field {step}")
            field = inner[step]
        return to, field, "table"

    def _fits(self, prop: Property, field: Mapping[str, Any], path: str) -> bool:
        """Can a value of this kind become this field, by the conversions that encode knows?"""
        if path in self._table.get("convert", {}):
            return True
        schema = self._doc.resolve(field)
        if prop.kind == "list":
            assert prop.element is not None
            return schema.get("type") == "array" and self._fits(prop.element, schema["items"], "")
        if prop.kind == "map":
            return "additionalProperties" in schema
        item = self._item(schema)
        if prop.kind == "object":
            return "properties" in item
        if prop.kind == "any":
            return True
        if "properties" in item or "additionalProperties" in item:
            return False
        return (prop.kind == "boolean") == (item.get("type") == "boolean")

    def _item(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The element of an array; the bridge shows an array of at most one as an object."""
        schema = self._doc.resolve(schema)
        return self._doc.resolve(schema["items"]) if schema.get("type") == "array" else schema

    def _unsent(self, prop: Property) -> Node:
        """The shape of what never reaches the API, so that a misspelt key in it is still seen."""
        if prop.kind == "object":
            return {
                "properties": {
                    name: {
                        "kind": inner.kind,
                        **({"required": True} if name in prop.required else {}),
                        **self._unsent(inner),
                    }
                    for name, inner in prop.properties.items()
                }
            }
        if prop.element is not None:
            return {"element": {"kind": prop.element.kind, **self._unsent(prop.element)}}
        return {}


def _forms(name: str) -> list[str]:
    """The names under which the API may know a property: the bridge makes lists plural."""
    singular = re.sub(r"ies$", "y", name) if name.endswith("ies") else re.sub(r"s$", "", name)
    forms = [name, f"{name}s", singular, re.sub(r"(x|ch|ss)es$", r"\1", name), f"{name}es"]
    return list(dict.fromkeys(forms))
