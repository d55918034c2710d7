"""One property tree: the provider's properties laid over the API's members, with their constraints.

Every property ends as one of: sent (it has a member path), provider (the provider alone uses it) or
unjudged (the table says why no member is compared). A property that is none of these stops the
compiler, and so does a table line that names a member which the model does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import Shape

from mlplatform.contracts.compile import aws_match as match
from mlplatform.contracts.compile import aws_vendor_model as vendor
from mlplatform.contracts.compile.provider_model import Property


@dataclass
class Node:
    """A compiled property.

    rule: how its member was found; forced: required by the API alone (both for the coverage table).
    """

    kind: str
    rule: str
    api: str = ""
    shape: Shape | None = None
    key: Shape | None = None
    required: bool = False
    forced: bool = False
    wrap: str = ""
    pairs: tuple[str, str] | None = None
    element: Node | None = None
    properties: dict[str, Node] = field(default_factory=dict)
    filled: Any = None
    also: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Exceptions:
    """The table's lines about properties, each by property path without list positions.

    members: member path relative to the parent. provider: used by the provider alone. unjudged:
    path -> reason. filled: what the real provider fills in when the property is absent. also:
    values that the provider takes and the API does not, because it then calls nothing.
    """

    members: Mapping[str, str]
    provider: frozenset[str]
    unjudged: Mapping[str, str]
    filled: Mapping[str, Any]
    also: Mapping[str, list[Any]]


def node(
    path: str, prop: Property, found: tuple[str, str, Shape], lines: Exceptions, nouns: list[str]
) -> Node:
    """The node of a property whose member (path, rule, shape) was found."""
    api, rule, shape = found
    made = _laid(path, prop, shape, lines, nouns, fan_out="[]" in api)
    made.api, made.rule = api, rule
    made.filled, made.also = lines.filled.get(path), lines.also.get(path, [])
    return made


def bare(prop: Property, rule: str) -> Node:
    """A node without an API member: its kinds are checked, nothing else."""
    made = Node(prop.kind, rule)
    if prop.element is not None and prop.element.kind != "object":
        made.element = bare(prop.element, rule)
    elif prop.element is not None:
        made.element = Node("any", rule)
    return made


def members(
    at: str,
    prop: Property,
    shape: Shape,
    lines: Exceptions,
    nouns: Iterable[str],
) -> dict[str, Node]:
    """The nodes of an object's properties against one structure."""
    out: dict[str, Node] = {}
    candidates = vendor.members(shape)
    for name, inner in prop.properties.items():
        path = f"{at}.{name}"
        if path in lines.provider:
            out[name] = bare(inner, "provider")
        elif path in lines.unjudged:
            out[name] = bare(inner, "unjudged")
        else:
            line = lines.members.get(path)
            hit = (line, "table") if line else match.find(name, inner, nouns, candidates)
            if hit is None:
                raise LookupError(
                    f"{path} ({inner.kind}) has no counterpart in {shape.name}: "
                    f"{', '.join(sorted(candidates))}"
                )
            target = vendor.member(shape, hit[0])
            out[name] = node(path, inner, (*hit, target), lines, [match.canonical(name)])
        out[name].required = name in prop.required
    _require(out, shape)
    _no_rivals(at, out)
    return out


def _laid(
    path: str, prop: Property, shape: Shape, lines: Exceptions, nouns: list[str], *, fan_out: bool
) -> Node:
    kind, element = shape.type_name, prop.element
    made = Node(prop.kind, "", shape=shape if vendor.constrains(shape) else None)
    if prop.kind == "list":
        assert element is not None
        if fan_out or (kind != "list" and kind != "structure"):
            made.shape = None
            made.element = _laid(path, element, shape, lines, nouns, fan_out=False)
        elif kind == "list":
            made.element = _laid(path, element, shape.member, lines, nouns, fan_out=False)
        elif element.kind == "object" and not _is_list_holder(shape):
            made.wrap = "single"
            made.element = _laid(path, element, shape, lines, nouns, fan_out=False)
        else:
            ((name, inner),) = vendor.members(shape).items()
            made = _laid(path, prop, inner, lines, nouns, fan_out=False)
            made.wrap = f"member:{name}"
    elif prop.kind == "map":
        assert element is not None
        made.pairs = vendor.pairs(shape) if kind == "list" else None
        if made.pairs:
            pair = vendor.members(shape.member)
            made.key, value = pair[made.pairs[0]], pair[made.pairs[1]]
        else:
            made.key, value = shape.key, shape.value
        made.element = _laid(path, element, value, lines, nouns, fan_out=False)
    elif prop.kind == "object":
        if kind == "list":
            made.wrap, made.shape, shape = "list", None, shape.member
        made.properties = members(path, prop, shape, lines, nouns)
    elif kind == "list":
        made = _laid(path, prop, shape.member, lines, nouns, fan_out=False)
        made.wrap = "list"
    elif kind == "structure" and prop.kind != "any":
        ((name, inner),) = vendor.members(shape).items()
        made = _laid(path, prop, inner, lines, nouns, fan_out=False)
        made.wrap = f"member:{name}"
    else:
        made.shape = shape
    return made


def _is_list_holder(shape: Shape) -> bool:
    inner = list(vendor.members(shape).values())
    return len(inner) == 1 and inner[0].type_name == "list"


def _require(nodes: dict[str, Node], shape: Shape) -> None:
    """Mark what the API requires, unless the provider fills it in."""
    for made in nodes.values():
        if made.api in getattr(shape, "required_members", ()) and made.filled is None:
            made.forced = not made.required
            made.required = True


def _no_rivals(at: str, nodes: dict[str, Node]) -> None:
    """Two properties must not claim one member."""
    claimed: dict[str, str] = {}
    for name, made in nodes.items():
        if made.api and made.api in claimed:
            raise LookupError(f"{at}.{name} and {at}.{claimed[made.api]} both claim {made.api}")
        claimed[made.api] = name
