"""Requests: Pulumi properties in, parameters of an API call out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlplatform.contracts.aws.plan import Call, Node, Plan

_TEMPLATE = re.compile(r"\{(\w+)\}")
_WHOLE = re.compile(r"-?\d+(\.0+)?")


def request(plan: Plan, call: Call, state: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call, from the state (inputs, outputs, `id`, `region`, `account`...).

    Raises LookupError when a template needs a value that the state does not have.
    """
    params: dict[str, Any] = {}
    for path, value in call.params.items():
        put(params, path.split("."), filled_in(value, state))
    for name, path in call.send.items():
        node, value = plan.properties[name], state.get(name)
        if path and _sends(node, value):
            put(params, path.split("."), encode(node, value))
    for dotted, path in call.sub.items():
        found = _nested(plan.properties, state, dotted.split("."))
        if found is not None:
            put(params, path.split("."), encode(*found))
    return params


def filled_in(value: Any, state: Mapping[str, Any]) -> Any:
    """A constant or template with the state's values; `{x}` alone keeps the value's type."""
    if isinstance(value, Mapping):
        return {key: filled_in(inner, state) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [filled_in(inner, state) for inner in value]
    if not isinstance(value, str):
        return value
    whole = _TEMPLATE.fullmatch(value)
    if whole:
        return _needed(whole[1], state)
    return _TEMPLATE.sub(lambda m: str(_needed(m[1], state)), value)


def encode(node: Node, value: Any, position: int = 0) -> Any:
    """One property's value as its member of the request takes it.

    position: where the value stands in its list; made-up names count with it.
    """
    if node.wrap.startswith("member:"):
        return {node.wrap.removeprefix("member:"): _plain(node, value, position)}
    if node.wrap == "single":
        assert node.element is not None
        return encode(node.element, value[0]) if value else {}
    made = _plain(node, value, position)
    return [made] if node.wrap == "list" else made


def put(params: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Store a value at a member path; `A.[].B` makes one element of A for each value."""
    head, rest = path[0].removeprefix("$"), path[1:]
    if not rest:
        params[head] = value
    elif rest[0] == "[]":
        inner: list[dict[str, Any]] = params.setdefault(head, [])
        for one in value:
            element: dict[str, Any] = {}
            put(element, rest[1:], one)
            inner.append(element)
    else:
        put(params.setdefault(head, {}), rest, value)


def is_absent(value: Any) -> bool:
    """The provider sends neither nothing nor an empty string."""
    return value is None or value == ""


def _sends(node: Node, value: Any) -> bool:
    """The provider leaves out optional lists and maps that are empty, too."""
    empty = node.kind in ("list", "map") and not value and not node.required
    return not is_absent(value) and not empty


def _plain(node: Node, value: Any, position: int) -> Any:
    if node.kind == "object":
        return _members(node, value, position)
    if node.kind == "list":
        assert node.element is not None
        return [encode(node.element, v, i) for i, v in enumerate(value) if v is not None]
    if node.kind == "map":
        assert node.element is not None
        entries = {key: encode(node.element, v) for key, v in sorted(value.items())}
        if node.pairs is None:
            return entries
        return [{node.pairs[0]: key, node.pairs[1]: v} for key, v in entries.items()]
    return _scalar(node, value)


def _members(node: Node, value: Mapping[str, Any], position: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, inner in node.properties.items():
        given = value.get(name)
        if is_absent(given) and inner.filled is not None:
            made_up = inner.filled
            given = made_up.replace("{n}", str(position + 1)) if _is_text(made_up) else made_up
        if inner.role == "api" and _sends(inner, given):
            put(out, inner.api, encode(inner, given))
    return out


def _scalar(node: Node, value: Any) -> Any:
    api = node.shape.type if node.shape is not None else ""
    if api in ("integer", "long") and _WHOLE.fullmatch(str(value)):
        return int(float(value))
    if api in ("float", "double") and not isinstance(value, bool):
        return float(value)
    if api == "boolean":
        return value in (True, "true")
    if api == "string" and isinstance(value, bool):
        return "true" if value else "false"
    if api == "string" and isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value


def _needed(name: str, state: Mapping[str, Any]) -> Any:
    value = state.get(name)
    if value is None:
        raise LookupError(f"no value for {name}")
    return value


def _nested(
    properties: Mapping[str, Node], state: Mapping[str, Any], path: Sequence[str]
) -> tuple[Node, Any] | None:
    node, value = properties[path[0]], state.get(path[0])
    for name in path[1:]:
        if not isinstance(value, Mapping):
            return None
        node, value = node.properties[name], value.get(name)
    return None if is_absent(value) else (node, value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
