"""The calls of a type: what the table says about them, completed by rule and verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.compile import aws_match as match
from mlplatform.contracts.compile import aws_tree as tree
from mlplatform.contracts.compile import aws_vendor_model as vendor
from mlplatform.contracts.compile import provider_model as provider

_Json = dict[str, Any]


def read(
    service: str,
    line: Any,
    known: provider.Resource,
    nodes: Mapping[str, tree.Node],
    entry: Mapping[str, Any],
) -> _Json:
    """A read call with `take`: property or output -> path in the answer, below `at`."""
    call = normal(line)
    shape = vendor.operation(service, call["op"]).output_shape
    if shape is None:
        return call
    if call.get("at"):
        shape = vendor.member(shape, call["at"])
    nouns = match.nouns(normal(entry["create"])["op"], entry.get("noun"))
    take = dict(call.get("take", {}))
    candidates = vendor.members(shape)
    if not call.pop("only_taken", False):
        wanted = {**{o: provider.Property("string") for o in known.outputs}, **known.inputs}
        for name, prop in wanted.items():
            if name in take or name in ("tags", "tagsAll"):
                continue
            made = nodes.get(name)
            if made is not None and made.rule in ("provider", "unjudged"):
                continue
            if made is not None and made.api.split(".")[-1] in candidates and made.api:
                take[name] = made.api.split(".")[-1]
            elif made is None and (hit := match.find(name, prop, nouns, candidates)):
                take[name] = hit[0]
    if call.pop("attributes", False):
        take |= {n: made.api.split(".")[-1] for n, made in nodes.items() if "$" in made.api}
    for path in [*take.values(), *call.get("keep", {}).values(), *call.get("gone", {})]:
        if path not in ("", "."):
            vendor.member(shape, path)
    call["take"] = {name: path for name, path in sorted(take.items()) if path}
    return call


def tags(entry: Mapping[str, Any], header: _Json, known: provider.Resource) -> dict[str, _Json]:
    if "tags" not in known.inputs:
        return {}
    scheme = entry.get("tags", header.get("tags"))
    if scheme is None:
        raise LookupError(
            f"{entry['create']}: the type has tags and the table says no calls for them"
        )
    return {what: normal(line) for what, line in scheme.items()}


def attribute_calls(nodes: Mapping[str, tree.Node], entry: Mapping[str, Any]) -> list[_Json]:
    """One call for each attribute, where the API sets the attributes of an object one by one."""
    line = entry.get("attribute_call")
    if line is None:
        return []
    return [
        {
            "op": line["op"],
            "on": "update",
            "params": {**line["params"], line["name"]: made.api.split("$")[1]},
            "send": {name: line["value"]},
        }
        for name, made in nodes.items()
        if "$" in made.api and name not in line["fixed"]
    ]


def verify(service: str, call: _Json, known: provider.Resource) -> None:
    """Every operation, member and property that a call names must exist."""
    shape = vendor.operation(service, call["op"]).input_shape
    for path in [*call.get("params", {}), *call.get("send", {}).values()]:
        if path:
            vendor.member(shape, path)
    names = [*call["send"], *call.get("when", {}), *call.get("absent", [])]
    for name in [*names, *(path.split(".")[0] for path in call.get("sub", {}))]:
        if name not in known.inputs:
            raise LookupError(f"{call['op']}: no property {name}")


def normal(line: Any) -> _Json:
    call = {"op": line} if isinstance(line, str) else dict(line)
    call.setdefault("params", {})
    call.setdefault("send", {})
    return call


def many(line: Any) -> list[Any]:
    return [] if line is None else line if isinstance(line, list) else [line]
