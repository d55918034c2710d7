"""The compiled plan of one type, loaded from its JSON file at first use.

A plan says everything that run time needs: the property tree with constraints, the calls that
create, read, change and delete the object, how a change is carried out, and what comes out.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Shape:
    """Constraints of a value: the API's type, and any enum, pattern (whole text) and bounds."""

    name: str
    type: str
    enum: frozenset[str] = frozenset()
    pattern: str = ""
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One property: its kind, its member path in the request, and how the two convert.

    kind: string, integer, number, boolean, list, map, object, asset or any. role: `api`; `provider`
    when no AWS call carries it; `unjudged` when the service model is not asked. wrap: `list` puts
    the value in a list of one, `single` takes the only element of a list, `member:X` puts it under
    member X. filled: what the real provider sends when the property is absent. also: further
    values that the provider takes.
    """

    kind: str
    api: tuple[str, ...] = ()
    role: str = "api"
    shape: Shape | None = None
    key: Shape | None = None
    required: bool = False
    wrap: str = ""
    pairs: tuple[str, str] | None = None
    element: Node | None = None
    properties: Mapping[str, Node] = field(default_factory=dict)
    filled: Any = None
    also: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One API call.

    params: member path -> constant, or template such as `{id}` that the state fills. send: property
    -> member path. sub: nested property path -> member path. when: property values that the call is
    for. absent: properties whose removal the call is for. on: `both`, or `update` alone. at, pick,
    take, keep: where in the answer the object stands, which element of a list it is, which outputs
    it shows, and what only later calls need. gone: values of the answer that mean "deleted".
    optional: error codes that mean "not set". whole: the call replaces the complete set of tags.
    """

    op: str
    params: Mapping[str, Any] = field(default_factory=dict)
    send: Mapping[str, str] = field(default_factory=dict)
    sub: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    on: Literal["both", "update"] = "both"
    at: str = ""
    pick: Mapping[str, str] = field(default_factory=dict)
    take: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """States after a call: `path` in the first read's answer leaves `pending` and reaches
    `ready`.
    """

    path: str
    reason: str = ""
    pending: tuple[str, ...] = ()
    ready: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoName:
    """The property that gets a made-up name when the program gives none, and the name's grammar."""

    property: str
    max: int
    lower: bool = False
    plain: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A compiled type; see the module."""

    token: str
    service: str
    id: str
    import_id: str
    properties: Mapping[str, Node]
    outputs: tuple[str, ...]
    formulas: Mapping[str, str]
    defaults: Mapping[str, Any]
    auto_name: AutoName | None
    create: Call
    calls: tuple[Call, ...]
    read: tuple[Call, ...]
    delete: tuple[Call, ...]
    tags: Mapping[str, Call]
    wait: Mapping[str, Wait]
    lifecycle: Mapping[str, Mapping[str, str]]


def tokens() -> frozenset[str]:
    """The type tokens that have a plan."""
    return frozenset(_index())


@functools.cache
def plan(token: str) -> Plan:
    """The plan of a type; LookupError when the contracts do not cover it."""
    name = _index().get(token)
    if name is None:
        raise LookupError(f"no contract covers {token}")
    data = json.loads((_DATA / "types" / f"{name}.json").read_text(encoding="utf-8"))
    shapes = _shapes(data["service"])
    return Plan(
        token=token,
        service=data["service"],
        id=data["id"],
        import_id=data.get("import", "{id}"),
        properties={n: _node(line, shapes) for n, line in data["properties"].items()},
        outputs=tuple(data["outputs"]),
        formulas=data.get("formulas", {}),
        defaults=data.get("defaults", {}),
        auto_name=AutoName(**data["auto_name"]) if "auto_name" in data else None,
        create=_call(data["create"]),
        calls=tuple(_call(line) for line in data["calls"]),
        read=tuple(_call(line) for line in data["read"]),
        delete=tuple(_call(line) for line in data["delete"]),
        tags={what: _call(line) for what, line in data.get("tags", {}).items()},
        wait={what: Wait(**_tuples(line)) for what, line in data.get("wait", {}).items()},
        lifecycle=data["lifecycle"],
    )


@functools.cache
def _index() -> dict[str, str]:
    found: dict[str, str] = json.loads((_DATA / "index.json").read_text(encoding="utf-8"))
    return found


@functools.cache
def _shapes(service: str) -> dict[str, Shape]:
    lines = json.loads((_DATA / "shapes" / f"{service}.json").read_text(encoding="utf-8"))
    return {
        name: Shape(
            name,
            line["type"],
            frozenset(line.get("enum", ())),
            line.get("pattern", ""),
            line.get("min"),
            line.get("max"),
        )
        for name, line in lines.items()
    }


def _node(line: Mapping[str, Any], shapes: Mapping[str, Shape]) -> Node:
    pairs = line.get("pairs")
    return Node(
        kind=line["kind"],
        api=tuple(line["api"].split(".")) if "api" in line else (),
        role=line.get("role", "api"),
        shape=shapes[line["shape"]] if "shape" in line else None,
        key=shapes[line["key"]] if "key" in line else None,
        required=line.get("required", False),
        wrap=line.get("wrap", ""),
        pairs=(pairs[0], pairs[1]) if pairs else None,
        element=_node(line["element"], shapes) if "element" in line else None,
        properties={n: _node(inner, shapes) for n, inner in line.get("properties", {}).items()},
        filled=line.get("filled"),
        also=tuple(line.get("also", ())),
    )


def _call(line: Mapping[str, Any]) -> Call:
    return Call(**_tuples(line))


def _tuples(line: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in line.items()}
