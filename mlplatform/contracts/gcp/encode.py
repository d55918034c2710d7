"""From provider inputs to the vendor's REST request, by the compiled plan.

The inputs must have passed `check`: a value of the wrong form raises, it is not reported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlplatform.contracts.gcp import names, scalars
from mlplatform.contracts.gcp.plan import Node, Plan
from mlplatform.contracts.unknown import is_unknown

_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP call relative to the service's host. operation: the answer is a long-running one."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    operation: bool = False


def body(plan: Plan, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The object as the API writes it; unknown values keep their marker."""
    out: dict[str, Any] = {}
    _fill(out, plan["properties"], {**plan.get("defaults", {}), **inputs})
    return out


def create(plan: Plan, inputs: Mapping[str, Any]) -> Request:
    """The call that makes the object. `inputs` must name the project, and the location if any."""
    call = plan["calls"]["create"]
    query: dict[str, str] = {}
    if plan.get("bodyless"):
        return _request(call, plan, inputs, query, {})
    content: Any = body(plan, inputs)
    identity = plan.get("identity")
    if "wrap" in plan:
        beside = {k: names.fill(v, inputs) for k, v in plan.get("beside", {}).items()}
        content = {plan["wrap"]: content, **beside}
    elif plan.get("named_in_body") and identity:
        content["name"] = inputs[identity]
    elif "identity" in call and identity:
        query[call["identity"]] = str(inputs[identity])
    for path, template in plan.get("reference", {}).items():
        _put(content, path.split("."), names.fill(template, inputs))
    for name, node in plan["properties"].items():
        if node.get("place") == "query" and inputs.get(name) is not None:
            query[name] = _query_text(inputs[name])
    return _request(call, plan, inputs, query, content)


def read(plan: Plan, inputs: Mapping[str, Any]) -> Request:
    """The call that reads the object."""
    return _request(plan["calls"]["read"], plan, inputs, {}, None)


def delete(plan: Plan, inputs: Mapping[str, Any]) -> Request:
    """The call that removes the object; LookupError when the service has none."""
    if "delete" not in plan["calls"]:
        raise LookupError("the service has no call that removes it")
    call = plan["calls"]["delete"]
    query = {
        key: _query_text(inputs[name])
        for key, name in plan.get("delete_query", {}).items()
        if inputs.get(name) is not None
    }
    return _request(call, plan, inputs, query, {} if call["method"] == "POST" else None)


def update(plan: Plan, inputs: Mapping[str, Any], changed: Collection[str]) -> Request | None:
    """The call that changes the given top-level properties; None when none of them is sent.

    A property that is no longer set is cleared: by the mask alone, or by null where the service
    merges (storage).
    """
    call = plan["calls"]["update"]
    nodes = plan["properties"]
    sent = [n for n in changed if n in nodes and nodes[n].get("place", "body") == "body"]
    if not sent:
        return None
    full = body(plan, inputs)
    fields = sorted({nodes[name].get("to", [name])[0] for name in sent})
    if call["mask"] == "none":
        content: dict[str, Any] = {}
        for name in sent:
            _merge(content, nodes[name].get("to", [name]), full)
        return _request(call, plan, inputs, {}, content)
    content = {name: full[name] for name in fields if name in full}
    mask = ",".join(fields)
    if call["mask"] == "body":
        return _request(call, plan, inputs, {}, {plan["wrap"]: content, "updateMask": mask})
    return _request(call, plan, inputs, {"updateMask": mask}, content)


def switch(plan: Plan, name: str, on: bool, inputs: Mapping[str, Any]) -> Request:
    """The call that turns a switched property on or off."""
    call = plan["switch"][name]["on" if on else "off"]
    return _request(call, plan, inputs, {}, {})


def read_policy(plan: Plan, inputs: Mapping[str, Any]) -> Request:
    """The call that reads the IAM policy which a binding is part of."""
    call, option = plan["policy"]["read"], plan["policy"]["options"]
    # Version 3 is the one that carries conditions (cloud.google.com/iam/docs/policies).
    if option:
        content: Any = {} if call["method"] == "POST" else None
        return _request(call, plan, inputs, {option: "3"}, content)
    return _request(call, plan, inputs, {}, {"options": {"requestedPolicyVersion": 3}})


def write_policy(plan: Plan, inputs: Mapping[str, Any], policy: Mapping[str, Any]) -> Request:
    """The call that writes the whole policy back; its etag makes a lost race fail."""
    wrapped = {"policy": policy} if plan["policy"]["wrapped"] else policy
    return _request(plan["policy"]["write"], plan, inputs, {}, wrapped)


def _request(
    call: Mapping[str, Any],
    plan: Plan,
    inputs: Mapping[str, Any],
    query: dict[str, str],
    content: Any,
) -> Request:
    if call.get("project"):
        query["project"] = str(inputs["project"])
    return Request(
        method=call["method"],
        path=names.url(call["path"], plan, inputs),
        query=query,
        body=content,
        operation=bool(call.get("operation")),
    )


def _fill(out: dict[str, Any], properties: Mapping[str, Node], value: Mapping[str, Any]) -> None:
    for name, inner in value.items():
        node = properties.get(name)
        if node is None or inner is None or node.get("place", "body") != "body":
            continue
        *parents, last = node.get("to", [name])
        at = out
        for step in parents:
            at = at.setdefault(step, {})
        at[last] = _value(node, inner)


def _value(node: Node, value: Any) -> Any:
    if is_unknown(value):
        return value
    convert = node.get("convert", "")
    if convert == "json":
        return json.loads(value)
    if convert == "live":
        return {"LIVE": True, "ARCHIVED": False}.get(value)
    if convert == "days":
        days = re.fullmatch(r"(\d+)d", value)
        return f"{int(days[1]) * _DAY_S}s" if days else value
    if convert.startswith("keyed:"):
        key = convert.removeprefix("keyed:")
        return {item[key]: _value(node["element"], item) for item in value}
    kind = node["kind"]
    if kind == "object":
        out: dict[str, Any] = {}
        _fill(out, node["properties"], value)
        if convert == "enabled":  # that it is there turns it on
            out["enable"] = True
        return [out] if node.get("boxed") else out
    if kind == "list":
        return [_value(node["element"], item) for item in value]
    if kind == "map":
        return {key: _value(node["element"], item) for key, item in value.items()}
    return _scalar(node, value)


def _scalar(node: Node, value: Any) -> Any:
    wire = node.get("wire", node["kind"])
    if wire == "boolean":
        return value in (True, "true")
    if wire in ("integer", "number"):
        number = scalars.as_number(value)
        return value if number is None else number
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(scalars.as_number(value))
    return value.upper() if node.get("upper") and isinstance(value, str) else value


def _merge(content: dict[str, Any], to: list[str], full: Mapping[str, Any]) -> None:
    """Copy one (possibly nested) field of the full body; null where the full body has none."""
    at, found = content, full
    for step in to[:-1]:
        at = at.setdefault(step, {})
        found = found.get(step, {})
    at[to[-1]] = found.get(to[-1])


def _put(content: dict[str, Any], steps: list[str], value: str) -> None:
    *parents, last = steps
    for step in parents:
        content = content.setdefault(step, {})
    content[last] = value


def _query_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
