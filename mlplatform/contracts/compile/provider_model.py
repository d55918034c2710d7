"""What an ordinary Pulumi provider takes: a tree of properties, read from its package's classes.

The classes are generated from the provider's own schema, so their annotations say for every
property its name on the wire, its type, and whether the provider requires it.
"""

from __future__ import annotations

import collections.abc
import enum
import importlib
import importlib.util
import inspect
import re
import typing
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pulumi

_SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}
DEEPEST = 12
"""Provider types may refer to themselves; no request nests deeper than this."""


@dataclass(frozen=True)
class Property:
    """One property type: a scalar, asset or any; a list or map of `element`; an object."""

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


def resource(package: str, module_name: str, class_name: str) -> Resource:
    """The inputs and outputs of `<package>.<module_name>.<class_name>`, both in order of names."""
    place = f"{package}.{module_name}"
    module = importlib.import_module(place)
    taken, shown = _nested(f"{place}._inputs"), _nested(f"{place}.outputs")
    # The plain Args name belongs to a nested type where one is called like the resource's
    # arguments.
    args = getattr(module, f"{class_name}InitArgs", None) or getattr(module, f"{class_name}Args")
    shape = _object(args, taken, 0)
    outputs = {
        name: _property(getter.__annotations__["return"], shown, 0)
        for name, getter in sorted(_getters(getattr(module, class_name)).items())
        if name not in shape.properties
    }
    return Resource(shape.properties, shape.required, outputs)


def _nested(place: str) -> ModuleType | None:
    """The module of nested types; a module of flat resources has none."""
    return importlib.import_module(place) if importlib.util.find_spec(place) else None


def _object(cls: type, nested: ModuleType | None, depth: int) -> Property:
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


def _property(annotation: Any, nested: ModuleType | None, depth: int) -> Property:
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return _named(annotation, nested, depth)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is pulumi.Output:
        return _property(arguments[0], nested, depth)
    if origin is typing.Union:
        # An input is a union of its plain type and what may become it: the plain type is first.
        return _property(next(a for a in arguments if a is not type(None)), nested, depth)
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


def _named(name: str, nested: ModuleType | None, depth: int) -> Property:
    cls = getattr(nested, name.rpartition(".")[2], None)
    if cls is None or depth >= DEEPEST:
        return Property("any")
    return Property("string") if _is_enum(cls) else _object(cls, nested, depth + 1)


def _is_enum(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, enum.Enum)
