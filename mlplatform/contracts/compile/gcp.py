"""Compiles the Google contract: discovery documents and pulumi_gcp in, one JSON a module out.

For each type of the table it writes a plan: the calls that make, read, change and remove the
object, and a tree that says for every provider property where it stands in the request. Run it by
`python -m mlplatform.contracts.compile gcp`; it also writes docs/coverage/gcp.md and, for the local
cloud, the wire form of the Vertex AI messages.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlplatform.contracts.compile import gcp_coverage, gcp_gaps, gcp_wire
from mlplatform.contracts.compile import gcp_documents as documents
from mlplatform.contracts.compile.gcp_tree import Node, Tree
from mlplatform.contracts.compile.provider_model import Property, Resource, resource

_ROOT = Path(__file__).resolve().parents[3]
_CONTRACT = _ROOT / "mlplatform" / "contracts" / "gcp"
_COVERAGE = _ROOT / "docs" / "coverage" / "gcp.md"
_WIRE = _ROOT / "mlplatform" / "sandbox" / "clouds" / "gcp" / "wire.json"

_NESTED = ("object", "list", "map")
_VERBS = ("create", "read", "update", "delete")
_KEPT = (
    "name",
    "id",
    "id_prefix",
    "wide",
    "parent",
    "identity",
    "named_in_body",
    "wrap",
    "beside",
    "bodyless",
    "reference",
    "defaults",
    "auto_name",
    "delete_query",
    "no_project",
    "kept_on_delete",
    "kept_unless",
    "fingerprint",
    "gone",
    "formulas",
    "member_of",
    "own_labels",
)


def main(*, check: bool) -> int:
    """Write everything, or with `check` name what is stale and return 1."""
    files = compiled()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    if check:
        for path in stale:
            print(f"stale: {path.relative_to(_ROOT)}")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path.relative_to(_ROOT)}")
    return 0


def compiled() -> dict[Path, str]:
    """Every generated file and its text."""
    table = tomllib.loads((_CONTRACT / "table.toml").read_text(encoding="utf-8"))
    modules: dict[str, dict[str, Any]] = {}
    for token, lines in sorted(table["types"].items()):
        module = token.split(":")[1].partition("/")[0]
        name = lines.get("document", table["modules"][module])
        modules.setdefault(module, {})[token] = plan(token, lines, documents.document(name))
    files = {
        _CONTRACT / "data" / f"{module}.json": _text(plans) for module, plans in modules.items()
    }
    gaps = {token: gcp_gaps.plan(lines) for token, lines in sorted(table["gaps"].items())}
    files[_CONTRACT / "data" / "gcp.json"] = _text(gaps)
    plans = {token: plan for group in modules.values() for token, plan in group.items()} | gaps
    files[_COVERAGE] = gcp_coverage.render(plans)
    files[_WIRE] = gcp_wire.render()
    return files


def plan(token: str, lines: Mapping[str, Any], doc: documents.Document) -> dict[str, Any]:
    """Everything that the run time needs to know about one type."""
    package, place, name = token.split(":")
    model = resource(f"pulumi_{package}", place.partition("/")[0], name)
    kept = {key: lines[key] for key in _KEPT if key in lines}
    head = {"source": doc.source, "service": doc.name, **kept}
    if "places" in lines:
        listed = documents.document(lines["places"]).data["endpoints"]
        head["locations"] = sorted({endpoint["location"] for endpoint in listed})
    if "policy" in lines:
        return {**head, "policy": _policy(doc, lines), "properties": _member(model)}
    methods = {verb: doc.method(lines[verb]) for verb in _VERBS if verb in lines}
    create = methods["create"]
    schema = _object_schema(doc, create, lines)
    tree = Tree(doc, create, schema, lines, _url_properties(model.inputs, lines))
    return {
        **head,
        "calls": {verb: _call(doc, lines[verb], verb, lines) for verb in methods},
        **({"switch": _switch(doc, lines)} if "switch" in lines else {}),
        "properties": tree.properties(model.inputs, model.required),
        "outputs": _outputs(doc, methods, model, lines),
    }


def _object_schema(
    doc: documents.Document, create: Mapping[str, Any], lines: Mapping[str, Any]
) -> Mapping[str, Any]:
    if lines.get("bodyless") or "request" not in create:
        return {}
    schema = doc.resolve(create["request"])
    if "wrap" in lines:
        schema = doc.resolve(schema["properties"][lines["wrap"]])
    return schema


def _url_properties(inputs: Mapping[str, Property], lines: Mapping[str, Any]) -> frozenset[str]:
    """Inputs that only say where the object is; the templates of the table name them."""
    templates = " ".join(str(lines.get(key, "")) for key in ("name", "parent", "beside"))
    named = set(re.findall(r"\{(\w+)\}", templates))
    return frozenset(name for name in inputs if name in named or name == "project")


def _call(
    doc: documents.Document, name: str, verb: str, lines: Mapping[str, Any]
) -> dict[str, Any]:
    """One method: where to send it, and how an update says which fields it changes."""
    method = doc.method(name)
    call: dict[str, Any] = {
        "method": method["httpMethod"],
        "path": doc.prefix + _path(method["path"], verb, lines),
    }
    if method.get("response", {}).get("$ref", "").endswith("Operation"):
        call["operation"] = True
    parameters = method.get("parameters", {})
    names = {n for n, p in parameters.items() if p["location"] == "query"}
    # `requestId` makes a call safe to repeat; it names nothing.
    identities = sorted(n for n in names if n.endswith("Id") and n != "requestId")
    if identities and verb == "create":
        call["identity"] = identities[0]
    if "project" in names:
        call["project"] = True
    if verb == "update":
        request = doc.resolve(method["request"]).get("properties", {})
        call["mask"] = (
            "query" if "updateMask" in names else "body" if "updateMask" in request else "none"
        )
    return call


def _path(path: str, verb: str, lines: Mapping[str, Any]) -> str:
    """The URL with what the run time fills in: `{self}`, `{parent}` or an input's name."""
    whole = "{parent}" if verb == "create" and "parent" in lines else "{self}"
    for parameter, name in lines.get("path", {}).items():
        path = re.sub(rf"\{{\+?{parameter}\}}", f"{{{name}}}", path)
    return re.sub(r"\{\+\w+\}", whole, path)


def _switch(doc: documents.Document, lines: Mapping[str, Any]) -> dict[str, Any]:
    """Properties that two further calls turn on and off."""
    return {
        name: {
            word: _call(doc, method, "switch", lines)
            for word, method in zip(("on", "off"), methods, strict=True)
        }
        for name, methods in lines["switch"].items()
    }


def _outputs(
    doc: documents.Document,
    methods: Mapping[str, Any],
    model: Resource,
    lines: Mapping[str, Any],
) -> dict[str, Any]:
    """Provider output -> field of the answer and shape, for outputs that are not inputs too."""
    answer = doc.resolve((methods.get("read") or methods["create"]).get("response", {}))
    fields = answer.get("properties", {})
    found = {name: name for name in model.outputs if name in fields} | lines.get("outputs", {})
    outputs: dict[str, Any] = {}
    for name, line in sorted(found.items()):
        field, _, last = line.partition("|")
        prop = model.outputs.get(name)
        outputs[name] = {
            "field": field,
            **({"last": True} if last else {}),
            **({"shape": _shape(prop)} if prop is not None and prop.kind in _NESTED else {}),
        }
    return outputs


def _shape(prop: Property) -> Any:
    """Lists, maps and objects of an output; the bridge shows many single objects as lists."""
    if prop.kind == "object":
        return {name: _shape(inner) for name, inner in prop.properties.items()}
    if prop.kind in ("list", "map") and prop.element is not None:
        return [_shape(prop.element)] if prop.kind == "list" else "map"
    return prop.kind


def _policy(doc: documents.Document, lines: Mapping[str, Any]) -> dict[str, Any]:
    """The two calls that read and write the policy of the object that a binding belongs to.

    options: where the read says that it wants conditions; wrapped: the write holds the policy in
    a field `policy`.
    """
    read, write = (f"{lines['policy']}.{verb}" for verb in ("getIamPolicy", "setIamPolicy"))
    detail = doc.method(read)
    version = [n for n in detail.get("parameters", {}) if "equestedPolicyVersion" in n]
    return {
        "read": _call(doc, read, "read", lines),
        "write": _call(doc, write, "write", lines),
        "options": version[0] if version else "",
        "wrapped": "policy" in doc.resolve(doc.method(write)["request"]).get("properties", {}),
    }


def _member(model: Resource) -> Node:
    """A binding has no object of its own: every change of it is another binding."""
    text = {"kind": "string", "wire": "string"}
    nodes: Node = {}
    for name, prop in sorted(model.inputs.items()):
        node: Node = {"kind": prop.kind, "replace": "a binding is its member, role and object"}
        if name in model.required:
            node["required"] = True
        if name == "condition":
            node["properties"] = {
                inner: {**text, **({"required": True} if inner in prop.required else {})}
                for inner in sorted(prop.properties)
            }
        else:
            node.update(wire="string", place="body" if name in ("role", "member") else "url")
        nodes[name] = node
    return nodes


def _text(value: Any) -> str:
    """JSON that a reviewer can read: one line for what fits into one."""
    return _render(value, "") + "\n"


def _render(value: Any, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(flat) + len(indent) <= 110:
        return flat
    inner = indent + " "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + _render(v, inner) for v in value) + f"\n{indent}]"
    rows = (f"{inner}{json.dumps(k)}: {_render(v, inner)}" for k, v in value.items())
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
