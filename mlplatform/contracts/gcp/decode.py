"""From the vendor's answer back to the provider's words: outputs, and inputs as they are now.

Declared inputs are never overwritten by spellings of the same value; a refresh walks the declared
structure, so that defaults which the service filled in do not look like drift.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.gcp import names, scalars
from mlplatform.contracts.gcp.plan import Node, Plan


def outputs(plan: Plan, inputs: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the provider shows of the object: inputs, the answer's fields, formulas."""
    shown = {k: v for k, v in _decoded(plan["properties"], answer).items() if v is not None}
    found: dict[str, Any] = {}
    for name, line in plan.get("outputs", {}).items():
        value = answer.get(line["field"])
        if value is not None:
            shown_as = value.rsplit("/", 1)[-1] if line.get("last") else value
            found[name] = _shaped(line.get("shape"), shown_as)
    state = {**shown, **found, **_given(inputs)}
    for name, template in plan.get("formulas", {}).items():
        state[name] = names.fill(template, {**state, **inputs})
    return state


def inputs_now(
    plan: Plan, declared: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, Any]:
    """The declared inputs with what has drifted replaced by what the service has."""
    now = _decoded(plan["properties"], answer)
    return _refresh(plan["properties"], declared, now)


def imported(plan: Plan, named: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that would declare the object as it is."""
    sent = {k: v for k, v in _decoded(plan["properties"], answer).items() if v not in (None, {})}
    return {**sent, **named}


def _shaped(shape: Any, value: Any) -> Any:
    """An output in the shape that the provider's schema has: single objects may stand in lists."""
    if isinstance(shape, list):
        rows = value if isinstance(value, list) else [value]
        return [_shaped(shape[0], row) for row in rows]
    if isinstance(shape, dict) and isinstance(value, Mapping):
        singular = {k: k if k in value else k.removesuffix("s") for k in shape}
        return {
            k: _shaped(inner, value[singular[k]])
            for k, inner in shape.items()
            if singular[k] in value
        }
    if shape in ("integer", "number"):
        number = scalars.as_number(value)
        return value if number is None else number
    return value


def _given(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in inputs.items() if v is not None and not k.startswith("__")}


def _decoded(properties: Mapping[str, Node], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer's fields under the provider's names; None for what the answer lacks."""
    found: dict[str, Any] = {}
    for name, node in properties.items():
        place = node.get("place", "body")
        if place not in ("body", "switch"):
            continue
        value: Any = answer
        for step in node.get("to", [name]):
            value = value.get(step) if isinstance(value, Mapping) else None
        found[name] = None if value is None else _value(node, value)
    return found


def _value(node: Node, value: Any) -> Any:
    convert = node.get("convert", "")
    if convert == "json":
        return json.dumps(value, separators=(",", ":"), sort_keys=True)
    if convert == "live":
        return {True: "LIVE", False: "ARCHIVED"}.get(value)
    if convert == "link":
        return names.short_link(value)
    if convert == "links":
        return [names.short_link(item) for item in value]
    if convert.startswith("keyed:"):
        key = convert.removeprefix("keyed:")
        return [{**_value(node["element"], inner), key: k} for k, inner in sorted(value.items())]
    kind = node["kind"]
    if kind == "object":
        if node.get("boxed"):
            value = value[0] if value else {}
        decoded = _decoded(node["properties"], value)
        return {k: v for k, v in decoded.items() if v is not None}
    if kind == "list":
        return [_value(node["element"], item) for item in value]
    if kind == "map":
        return {k: _value(node["element"], v) for k, v in value.items()}
    if kind in ("integer", "number"):
        number = scalars.as_number(value)
        return value if number is None else number
    return value


def _refresh(
    properties: Mapping[str, Node], declared: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in declared.items():
        node = properties.get(name)
        if node is None or node.get("place", "body") not in ("body", "switch"):
            kept[name] = value
            continue
        current = _current(node, value, now.get(name))
        if current is not None:
            kept[name] = current
    return kept


def _current(node: Node, declared: Any, now: Any) -> Any:
    if now is None:
        # Absent in an answer is the zero value: the JSON mapping leaves those out.
        empty = declared in (None, "", False, 0, [], {})
        return declared if empty or node.get("input_only") else None
    if node["kind"] == "object" and isinstance(declared, Mapping) and isinstance(now, Mapping):
        return _refresh(node["properties"], declared, now)
    if node["kind"] == "list" and isinstance(declared, list) and len(declared) == len(now):
        return [
            _current(node["element"], a, b) if node["element"]["kind"] == "object" else b
            for a, b in zip(declared, now, strict=True)
        ]
    return declared if _same(node, declared, now) else now


def _same(node: Node, declared: Any, now: Any) -> bool:
    if declared == now:
        return True
    if node.get("convert") == "json":
        return bool(json.loads(declared) == json.loads(now))
    if isinstance(declared, dict | list) or isinstance(now, dict | list):
        return False
    if node.get("convert") == "link":
        return names.short_link(str(declared)) == names.short_link(str(now))
    if node.get("convert") == "days" and str(declared).endswith("d"):
        return f"{int(str(declared)[:-1]) * 86_400}s" == str(now)
    if node.get("upper"):
        return str(declared).upper() == str(now).upper()
    return str(declared).lower() == str(now).lower() and isinstance(now, bool) == (
        node["kind"] == "boolean"
    )
