"""Shape: does every property exist, has it the right form, is what is required there?

A value that is not known yet counts as present and is skipped. An empty text is how a Pulumi
program says "absent" to this provider, so it passes where a closed set or pattern would refuse it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import allowed, unknown_property
from mlplatform.contracts import paths
from mlplatform.contracts.gcp import scalars
from mlplatform.contracts.gcp.plan import Node, Plan, get
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown


def shape(plan: Plan, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Every problem of shape in one resource's inputs."""
    yield from _object(plan["properties"], inputs, "", plan["source"])
    places, location = plan.get("locations"), inputs.get("location")
    known = isinstance(location, str) and not is_unknown(location)
    if places and known and location not in places:
        message = allowed(places, location, noun="locations")
        yield Problem(path="location", got=location, message=message, source=plan["source"])


def message(token: str, field: str, value: Any, at: str) -> Iterator[Problem]:
    """Every problem of shape in a value that has to be that field of another type."""
    plan = get(token)
    yield from _value(plan["properties"][field], value, at, plan["source"])


def _object(
    properties: Mapping[str, Node], value: Mapping[str, Any], at: str, source: str
) -> Iterator[Problem]:
    for name, inner in value.items():
        if name.startswith("__") or inner is None:
            continue
        path = paths.join(at, name)
        node = properties.get(name)
        if node is None:
            known = [n for n, p in properties.items() if not p.get("computed")]
            message = unknown_property(name, known)
            yield Problem(path=path, got=inner, message=message, source="pulumi_gcp")
        elif node.get("place") == "none":
            message = "the provider knows the property but the service has no such field"
            yield Problem(path=path, got=inner, message=message, source=source)
        elif node.get("computed"):
            message = "the service sets this field; it cannot be an input"
            yield Problem(path=path, got=inner, message=message, source=source)
        else:
            yield from _value(node, inner, path, source)
    for name, node in properties.items():
        if node.get("required") and value.get(name) is None:
            yield Problem(path=paths.join(at, name), got=None, message="required", source=source)


def _value(node: Node, value: Any, path: str, source: str) -> Iterator[Problem]:
    if is_unknown(value):
        return
    kind = node["kind"]
    if kind == "object":
        if isinstance(value, Mapping):
            yield from _object(node.get("properties", {}), value, path, source)
        else:
            yield Problem(path=path, got=value, message="allowed: an object", source=source)
    elif kind == "list":
        if isinstance(value, list):
            for index, inner in enumerate(value):
                yield from _value(node["element"], inner, paths.join(path, index), source)
        else:
            yield Problem(path=path, got=value, message="allowed: a list", source=source)
    elif kind == "map":
        if isinstance(value, Mapping):
            for key, inner in value.items():
                yield from _value(node["element"], inner, paths.join(path, key), source)
        else:
            yield Problem(path=path, got=value, message="allowed: a map", source=source)
    elif kind == "json":
        yield from _json(value, path, source)
    elif kind == "asset":
        # A policy pack sees the SDK's own objects here, a provider the wire form, an object.
        if isinstance(value, str | int | float | list):
            message = "allowed: a file, such as pulumi.FileAsset(path)"
            yield Problem(path=path, got=value, message=message, source="pulumi_gcp")
    elif kind != "any":
        yield from scalars.problems(node, value, path, source)


def _json(value: Any, path: str, source: str) -> Iterator[Problem]:
    try:
        json.loads(value)
    except (TypeError, ValueError):
        yield Problem(path=path, got=value, message="allowed: JSON text", source=source)
