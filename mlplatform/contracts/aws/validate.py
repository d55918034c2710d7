"""The shape layer: a walk of the inputs along the compiled tree. Everything wrong is reported."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import allowed, unknown_property
from mlplatform.contracts.aws.plan import Node, Plan, Shape
from mlplatform.contracts.paths import join
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WANTED = {
    "list": "a list",
    "map": "a map",
    "object": "an object",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "a string",
}


def problems(plan: Plan, inputs: Mapping[str, Any]) -> list[Problem]:
    """What the service model and the provider's classes say against these inputs."""
    source = f"botocore {plan.service} {plan.create.op}"
    provider = f"pulumi-aws {plan.token}"
    return list(_object(plan.properties, inputs, "", source, provider))


def _object(
    properties: Mapping[str, Node], value: Mapping[str, Any], at: str, source: str, provider: str
) -> Iterator[Problem]:
    for name, inner in value.items():
        if name.startswith("__"):
            continue  # belongs to the engine's bridge
        path, node = join(at, name), properties.get(name)
        if node is None:
            message = unknown_property(name, properties.keys())
            yield Problem(path=path, got=inner, message=message, source=provider)
        else:
            yield from _value(node, inner, path, source, provider)
    for name, node in properties.items():
        if node.required and _absent(node, value.get(name)):
            message = f"missing; allowed: {_described(node)}"
            got = value.get(name)
            yield Problem(path=join(at, name), got=got, message=message, source=source)


def _value(node: Node, value: Any, path: str, source: str, provider: str) -> Iterator[Problem]:
    if is_unknown(value) or _absent(node, value) or value in node.also or node.kind == "any":
        return
    if not _is_kind(node.kind, value):
        message = f"allowed: {_WANTED[node.kind]}"
        yield Problem(path=path, got=value, message=message, source=provider)
    elif node.kind == "object":
        if node.role == "api":
            yield from _object(node.properties, value, path, source, provider)
    elif node.kind in ("list", "map"):
        yield from _collection(node, value, path, source, provider)
    elif node.shape is not None:
        for message in refused(node.shape, value):
            yield Problem(path=path, got=value, message=message, source=_cite(source, node.shape))


def _collection(node: Node, value: Any, path: str, source: str, provider: str) -> Iterator[Problem]:
    assert node.element is not None
    if node.wrap == "single" and len(value) > 1:
        message = "allowed: one element"
        yield Problem(path=path, got=f"{len(value)} elements", message=message, source=source)
    elif node.shape is not None:
        for message in _bounds(node.shape, len(value), "elements"):
            got = f"{len(value)} elements"
            yield Problem(path=path, got=got, message=message, source=_cite(source, node.shape))
    if node.kind == "list":
        for i, inner in enumerate(value):
            yield from _value(node.element, inner, join(path, i), source, provider)
        return
    for key, inner in value.items():
        here = join(path, key)
        if node.key is not None and not is_unknown(key):
            for message in refused(node.key, key):
                text = f"as a key: {message}"
                yield Problem(path=here, got=key, message=text, source=_cite(source, node.key))
        yield from _value(node.element, inner, here, source, provider)


def refused(shape: Shape, value: Any) -> Iterator[str]:
    """What one scalar's constraints say against it; messages that tell what is allowed."""
    if shape.type in ("integer", "long", "float", "double"):
        number = float(value)
        if shape.type in ("integer", "long") and not number.is_integer():
            yield "allowed: a whole number"
        else:
            yield from _bounds(shape, number, "")
        return
    if shape.type != "string":
        return
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if shape.enum and text not in shape.enum:
        plural = "instance types" if "InstanceType" in shape.name else "values"
        yield allowed(shape.enum, text, noun=plural)
        return
    wrong_length = list(_bounds(shape, len(text), "characters"))
    yield from wrong_length
    if not wrong_length and shape.pattern and not _compiled(shape.pattern).fullmatch(text):
        yield f"allowed: text that matches {shape.pattern}"


def _bounds(shape: Shape, number: float, unit: str) -> Iterator[str]:
    low, high = shape.min, shape.max
    if (low is None or number >= low) and (high is None or number <= high):
        return
    words = f" {unit}" if unit else ""
    if low is not None and high is not None:
        yield f"allowed: {low:g} to {high:g}{words}"
    elif low is not None:
        yield f"allowed: at least {low:g}{words}"
    else:
        yield f"allowed: at most {high:g}{words}"


def _absent(node: Node, value: Any) -> bool:
    """The provider treats an empty string as absent; so does AWS where it demands a character.
    Optional lists and maps that are empty are left out as well.
    """
    if value is None or (value == "" and (not node.required or _refuses_empty(node))):
        return True
    return node.kind in ("list", "map") and value in ([], {}) and not node.required


def _refuses_empty(node: Node) -> bool:
    return node.kind == "string" and node.shape is not None and any(refused(node.shape, ""))


def _is_kind(kind: str, value: Any) -> bool:
    """Whether the provider can read the value as this kind; it converts between scalars."""
    if kind == "list":
        return isinstance(value, list | tuple)
    if kind in ("map", "object"):
        return isinstance(value, Mapping)
    if kind == "asset":
        return True
    if kind == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if kind in ("integer", "number"):
        if isinstance(value, bool):
            return False
        if isinstance(value, int | float):
            return kind == "number" or float(value).is_integer()
        return isinstance(value, str) and _NUMBER.fullmatch(value) is not None
    return isinstance(value, str | bool | int | float)


def _described(node: Node) -> str:
    if node.shape is not None and node.shape.enum:
        return allowed(node.shape.enum, "").removeprefix("allowed: ")
    return _WANTED.get(node.kind, "a value")


def _cite(source: str, shape: Shape) -> str:
    return f"{source}, shape {shape.name}"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # The service reads patterns as Java does for whole values: `.` goes over several lines.
    return re.compile(pattern, re.DOTALL)
