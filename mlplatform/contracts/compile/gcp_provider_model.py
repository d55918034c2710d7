"""What the Pulumi Google provider takes: a tree of properties, read from pulumi_gcp's classes.

The classes are generated from the provider's own schema, so their annotations say for every
property its name on the wire, its type, and whether the provider requires it.
"""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import re
import typing
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pulumi

_SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}
_DEEPEST = 12
"""Provider types may refer to themselves; no request nests deeper than this."""


@dataclass(frozen=True)
class Property:
    """One property type: a scalar or asset; a list or map of `element`; an object."""

    kind: str
    element: Property | None = None
    properties: dict[str, Property] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Resource:
    """A resource class: what goes in, and what only comes out."""

    inputs: dict[str, Property]
    required: frozenset[str]
    outputs: dict[str, Property]


def resource(token: str) -> Resource:
    """The inputs and outputs of a type token such as `gcp:storage/bucket:Bucket`."""
    package, place, class_name = token.split(":")
    module_name = place.partition("/")[0]
    module = importlib.import_module(f"pulumi_{package}.{module_name}")
    nested = importlib.import_module(f"pulumi_{package}.{module_name}._inputs")
    shape = _object(getattr(module, f"{class_name}Args"), nested, 0)
    shown = importlib.import_module(f"pulumi_{package}.{module_name}.outputs")
    outputs = {
        name: _property(getter.__annotations__["return"], shown, 0)
        for name, getter in sorted(_getters(getattr(module, class_name)).items())
        if name not in shape.properties
    }
    return Resource(shape.properties, shape.required, outputs)


def _object(cls: type, nested: ModuleType, depth: int) -> Property:
    getters = _getters(cls)
    without_default = {
        parameter.name
        for parameter in inspect.signature(cls).parameters.values()
        if parameter.default is inspect.Parameter.empty
    }
    properties = {
        name: _property(getter.__annotations__["return"], nested, depth)
        for name, getter in sorted(getters.items())
    }
    required = {name for name, getter in getters.items() if getter.__name__ in without_default}
    return Property("object", None, properties, frozenset(required))


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
        cls = getattr(nested, annotation.rpartition(".")[2], None)
        if cls is None or depth >= _DEEPEST:
            return Property("any")
        return _object(cls, nested, depth + 1)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is pulumi.Output:
        return _property(arguments[0], nested, depth)
    if origin is typing.Union:
        return _property(next(a for a in arguments if a is not type(None)), nested, depth)
    if origin is collections.abc.Sequence:
        return Property("list", _property(arguments[0], nested, depth))
    if origin is collections.abc.Mapping:
        return Property("map", _property(arguments[1], nested, depth))
    if annotation in _SCALARS:
        return Property(_SCALARS[annotation])
    name = getattr(annotation, "__name__", "")
    return Property("asset" if re.search("Asset|Archive", name) else "any")
