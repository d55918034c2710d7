"""Bounds, machines and traffic of what serves or computes, in the words of the spec."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from mlplatform.review import watched
from mlplatform.review.changes import Change

Fact = Literal["scaling", "machine", "traffic"]
Facts = dict[tuple[Fact, str], str]
"""(what, of which variant; empty where there is one only) -> the value as text."""

_HASH = re.compile(r"-[0-9a-f]{6}$")
"""Deployments on Azure carry six digits of what they are made of."""
_ROLES = re.compile(r"-(scaling|autoscale|invocations|target|config|deployments|traffic)$")


_TOLD = re.compile(
    "|".join([*sum(watched.BOUNDS, ()), *watched.MACHINES, *watched.WEIGHTS, *watched.TRAFFIC])
)


def touched(change: Change) -> bool:
    """Whether a changed property can say anything about serving."""
    return any(
        _TOLD.search(prop.path)
        or isinstance(prop.old, Mapping | list)
        or isinstance(prop.new, Mapping | list)
        for prop in change.properties
    )


def facts(change: Change, inputs: Mapping[str, Any], *, component: str) -> Facts:
    """What the inputs of a resource say about serving. component: the owner's name, which the
    resource's own name starts with.
    """
    own = ""
    if component and change.name.startswith(component):
        own = _ROLES.sub("", change.name.removeprefix(component)).strip("-")
    if change.type.endswith((":Endpoint", "Policy", "ScheduledAction")):
        own = ""
    return dict(_walk(inputs, _variant(inputs, own)))


def _walk(value: Mapping[str, Any], variant: str) -> Iterator[tuple[tuple[Fact, str], str]]:
    for low, high in watched.BOUNDS:
        if low in value and high in value:
            yield ("scaling", variant), f"{_text(value[low])}..{_text(value[high])}"
            break
    machine = [_text(value[name]) for name in watched.MACHINES if value.get(name) is not None]
    if machine:
        yield ("machine", variant), " + ".join(machine)
    for name in watched.WEIGHTS:
        if name in value:
            yield ("traffic", variant), _text(value[name])
    for name in watched.TRAFFIC:
        shares = value.get(name)
        if isinstance(shares, Mapping):
            for key in sorted(shares):
                yield ("traffic", _HASH.sub("", key)), _text(shares[key])
        elif shares is not None:
            yield ("traffic", variant), _text(shares)
    for key, inner in value.items():
        if key in watched.TRAFFIC or key in ("tags", "labels"):
            continue
        if isinstance(inner, Mapping):
            by_name = key in ("deployments", "variants")
            for name, one in inner.items() if by_name else ((key, inner),):
                if isinstance(one, Mapping):
                    yield from _walk(one, name if by_name else variant)
        elif isinstance(inner, list):
            for one in inner:
                if isinstance(one, Mapping):
                    yield from _walk(one, _variant(one, variant))


def _variant(value: Mapping[str, Any], otherwise: str) -> str:
    if isinstance(named := value.get("variantName"), str):
        return named
    if isinstance(resource := value.get("resourceId"), str) and "/variant/" in resource:
        return resource.rpartition("/variant/")[2]
    if isinstance(deployment := value.get("deploymentName"), str):
        return _HASH.sub("", deployment)
    return otherwise


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
