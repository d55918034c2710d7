"""What the Pulumi AWS provider takes: a tree of properties, read from the Args classes of
pulumi_aws.

The classes are generated from the provider's own schema, so their annotations say for every
property its name on the wire, its type, and whether the provider requires it.
"""

from __future__ import annotations

import collections.abc
import enum
import functools
import importlib
import inspect
import re
import typing
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from botocore.model import Shape

from mlplatform.contracts.compile import aws_vendor_model as vendor

_SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}
_API_KINDS = {
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "string": "string",
    "timestamp": "string",
    "blob": "string",
}
_DEEPEST = 12  # recursive provider types exist; no API nests deeper than this


@dataclass(frozen=True)
class Property:
    """One property type: a scalar, asset or any; a list or map of `element`; an object."""

    kind: str
    element: Property | None = None
    properties: dict[str, Property] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Resource:
    """A resource class: what goes in, and the names of what only comes out."""

    inputs: dict[str, Property]
    required: frozenset[str]
    outputs: tuple[str, ...]


def resource(module_name: str, class_name: str) -> Resource:
    """The inputs and outputs of `pulumi_aws.<module>.<Class>`."""
    module = importlib.import_module(f"pulumi_aws.{module_name}")
    nested = importlib.import_module(f"pulumi_aws.{module_name}._inputs")
    # The plain Args name belongs to a nested type where one is called like the resource's
    # arguments.
    args = getattr(module, f"{class_name}InitArgs", None) or getattr(module, f"{class_name}Args")
    shape = _object(args, nested, 0)
    outputs = set(_getters(getattr(module, class_name))) - set(shape.properties)
    return Resource(shape.properties, shape.required, tuple(sorted(outputs)))


def mirrored(shape: Shape) -> Resource:
    """The properties of a type that shows a create request as it is, with camelCase names."""
    whole = _mirror(shape)
    return Resource(whole.properties, whole.required, ("arn",))


def _mirror(shape: Shape, depth: int = 0) -> Property:
    kind = _API_KINDS.get(shape.type_name)
    if depth > _DEEPEST:
        return Property("any")
    if kind is not None:
        return Property(kind)
    if shape.type_name == "map" or vendor.pairs(shape):
        values = _mirror(shape.value, depth + 1) if shape.type_name == "map" else None
        return Property("map", values or Property("string"))
    if shape.type_name == "list":
        return Property("list", _mirror(shape.member, depth + 1))
    members = {_camel(name): _mirror(inner, depth + 1) for name, inner in shape.members.items()}
    required = frozenset(map(_camel, shape.required_members))
    return Property("object", None, dict(sorted(members.items())), required)


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]


def _object(cls: type, nested: ModuleType, depth: int) -> Property:
    getters = _getters(cls)
    python_names = {
        parameter.name
        for parameter in inspect.signature(cls).parameters.values()
        if parameter.default is inspect.Parameter.empty
    }
    required = {name for name, getter in getters.items() if getter.__name__ in python_names}
    properties = {
        name: _property(getter.__annotations__["return"], nested, depth)
        for name, getter in getters.items()
    }
    return Property("object", None, dict(sorted(properties.items())), frozenset(required))


def _getters(cls: type) -> dict[str, Any]:
    """Wire name -> getter function, for every property of an Args or resource class."""
    found: dict[str, Any] = {}
    for attribute, value in vars(cls).items():
        if isinstance(value, property) and value.fget is not None:
            found[getattr(value.fget, "_pulumi_name", attribute)] = value.fget
    return found


def _property(annotation: Any, nested: ModuleType, depth: int) -> Property:
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return _named(annotation, nested, depth)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Union:
        return _property(_first(arguments), nested, depth)
    if origin is collections.abc.Sequence:
        return Property("list", _property(arguments[0], nested, depth))
    if origin is collections.abc.Mapping:
        return Property("map", _property(arguments[1], nested, depth))
    if annotation in _SCALARS:
        return Property(_SCALARS[annotation])
    name = getattr(annotation, "__name__", "")
    if re.search("Asset|Archive", name):
        return Property("asset")
    return Property("string" if _is_enum(annotation) else "any")


def _named(name: str, nested: ModuleType, depth: int) -> Property:
    cls = getattr(nested, name.rpartition(".")[2], None)
    if cls is None or depth >= _DEEPEST:
        return Property("any")
    return Property("string") if _is_enum(cls) else _object(cls, nested, depth + 1)


def _first(arguments: tuple[Any, ...]) -> Any:
    """The plain type of a union `Input[T]` = T | Awaitable[T] | Output[T]."""
    return next(a for a in arguments if a is not type(None))


@functools.cache
def _is_enum(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, enum.Enum)
