"""Answers: what an API call returned in, Pulumi properties and outputs out."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlplatform.contracts.aws.encode import filled_in
from mlplatform.contracts.aws.plan import Call, Node, Plan


def part(call: Call, answer: Mapping[str, Any], state: Mapping[str, Any]) -> Any | None:
    """The object in a read call's answer; None when the answer says that there is none.

    From a list the element is taken that has the call's `pick` values.
    """
    if not call.at:
        found: Any = answer
    else:
        found = dig(answer, call.at.removesuffix(".[]").split("."))
    if call.at.endswith("[]"):
        wanted = {key: filled_in(template, state) for key, template in call.pick.items()}
        # A list inside the elements of another (`RouteTables.[].Associations.[]`) comes as lists.
        flat = [e for one in found or () for e in (one if isinstance(one, list) else [one])]
        found = next(
            (e for e in flat if all(e.get(key) == value for key, value in wanted.items())),
            None,
        )
    if not isinstance(found, Mapping):
        return None
    return None if any(found.get(key) == value for key, value in call.gone.items()) else found


def outputs(plan: Plan, call: Call, found: Mapping[str, Any]) -> dict[str, Any]:
    """The properties and outputs that the call shows; what it does not show is not there."""
    out: dict[str, Any] = {}
    for name, path in call.take.items():
        node = plan.properties.get(name)
        value = found if path == "." else dig(found, path.split("."))
        if value is None:
            continue
        out[name] = decode(node, value) if node is not None else raw(value)
    return out


def tags(answer: Any) -> dict[str, str]:
    """Tags as a map, from a map or from a list of key and value under any of AWS's spellings."""
    if isinstance(answer, Mapping):
        return dict(answer)
    out: dict[str, str] = {}
    for entry in answer or ():
        lower = {key.lower().removeprefix("tag"): value for key, value in entry.items()}
        out[lower.get("key", lower.get("name", ""))] = lower["value"]
    return out


def decode(node: Node, value: Any) -> Any:
    """One member's value as its property shows it: the reverse of `encode`."""
    if node.wrap.startswith("member:"):
        if isinstance(value, Mapping):
            value = value.get(node.wrap.removeprefix("member:"))
        return None if value is None else _plain(node, value)
    if node.wrap == "single":
        assert node.element is not None
        return [decode(node.element, value)]
    if node.wrap == "list" and isinstance(value, list):
        return _plain(node, value[0]) if value else None
    return _plain(node, value)


def raw(value: Any) -> Any:
    """A value without a node, made fit for the wire; documents become JSON text."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, Mapping):
        return {key: raw(inner) for key, inner in value.items()}
    return [raw(inner) for inner in value] if isinstance(value, list) else value


def dig(value: Any, path: Sequence[str]) -> Any:
    """The value at a member path, None when any step is missing; `[]` collects over a list."""
    for i, step in enumerate(path):
        if step == "[]":
            found = [dig(element, path[i + 1 :]) for element in value or ()]
            return [one for one in found if one is not None]
        value = value.get(step.removeprefix("$")) if isinstance(value, Mapping) else None
        if value is None:
            return None
    return value


def _plain(node: Node, value: Any) -> Any:
    if node.kind == "object" and isinstance(value, Mapping):
        out = {}
        for name, inner in node.properties.items():
            found = dig(value, inner.api) if inner.role == "api" else None
            # A list spread over a list of structures has no empty form in AWS's answer.
            if found is None or ("[]" in inner.api and not found):
                continue
            out[name] = decode(inner, found)
        return out
    if node.kind == "list" and isinstance(value, list):
        assert node.element is not None
        return [decode(node.element, one) for one in value]
    if node.kind == "map":
        assert node.element is not None
        entries = tags(value) if isinstance(value, list) else value
        return {key: decode(node.element, one) for key, one in entries.items()}
    return _scalar(node, value)


def _scalar(node: Node, value: Any) -> Any:
    value = raw(value)
    if isinstance(value, Mapping | list) and node.kind == "string":
        return json.dumps(value)
    if node.kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if node.kind == "integer" and isinstance(value, str | float):
        return int(float(value))
    if node.kind == "number" and isinstance(value, str):
        return float(value)
    if node.kind == "string" and isinstance(value, float) and value.is_integer():
        return str(int(value))  # as the provider writes numbers that it keeps as text
    if node.kind == "string" and not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
