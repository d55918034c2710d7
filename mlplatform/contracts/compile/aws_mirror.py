"""Properties of a type that shows a create request of AWS as it is, with camelCase names."""

from __future__ import annotations

from botocore.model import Shape

from mlplatform.contracts.compile import aws_vendor_model as vendor
from mlplatform.contracts.compile.provider_model import DEEPEST, Property, Resource

_KINDS = {
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "string": "string",
    "timestamp": "string",
    "blob": "string",
}


def mirrored(shape: Shape) -> Resource:
    """What such a type takes, read from the request's shape; it gives an ARN."""
    whole = _property(shape)
    return Resource(whole.properties, whole.required, {"arn": Property("string")})


def _property(shape: Shape, depth: int = 0) -> Property:
    kind = _KINDS.get(shape.type_name)
    if depth > DEEPEST:
        return Property("any")
    if kind is not None:
        return Property(kind)
    if shape.type_name == "map" or vendor.pairs(shape):
        values = _property(shape.value, depth + 1) if shape.type_name == "map" else None
        return Property("map", values or Property("string"))
    if shape.type_name == "list":
        return Property("list", _property(shape.member, depth + 1))
    members = {_camel(name): _property(inner, depth + 1) for name, inner in shape.members.items()}
    required = frozenset(map(_camel, shape.required_members))
    return Property("object", None, dict(sorted(members.items())), required)


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
