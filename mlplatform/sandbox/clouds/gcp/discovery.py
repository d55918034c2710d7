"""Discovery documents as the local cloud reads them: routes, and strict checks of bodies."""

from __future__ import annotations

import functools
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlplatform.contracts.gcp import documents
from mlplatform.sandbox.clouds.gcp.refusal import Refusal

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Route:
    """One method: its id without the service's name, HTTP verb, path pattern, description."""

    method: str
    http: str
    pattern: re.Pattern[str]
    detail: Mapping[str, Any]


@functools.cache
def load(name: str) -> Mapping[str, Any]:
    """A bundled document such as `iam.v1`, or one of our own; LookupError when there is none."""
    written = documents.own(name)
    if written is not None:
        found: Mapping[str, Any] = json.loads(written.read_text(encoding="utf-8"))
        return found
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or spec.origin is None:
        raise LookupError("google-api-python-client is not installed")
    path = Path(spec.origin).parent / "discovery_cache" / "documents" / f"{name}.json"
    document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@functools.cache
def routes(name: str) -> tuple[Route, ...]:
    """Every method of a document; custom verbs first, for `[^/]+` would swallow them."""
    document = load(name)
    prefix = "/" + document.get("servicePath", "")
    found = [
        Route(method, detail["httpMethod"], _pattern(prefix, detail), detail)
        for method, detail in _methods(document, "")
    ]
    return tuple(sorted(found, key=lambda route: "}:" not in route.detail["path"]))


def find(name: str, http: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The method that answers a request, and what its path parameters are."""
    for route in routes(name):
        if route.http == http:
            match = route.pattern.fullmatch(path)
            if match is not None:
                return route, match.groupdict()
    return None


def schema(name: str, ref: Mapping[str, Any]) -> Schema:
    """The schema that a reference names, or the inline schema itself."""
    found: Schema = load(name)["schemas"][ref["$ref"]] if "$ref" in ref else ref
    return found


def check(name: str, ref: Mapping[str, Any], value: Any, at: str = "") -> None:
    """Refuse what the service's JSON reader would refuse: unknown fields, enums, wrong forms."""
    at_schema = schema(name, ref)
    if value is None or at_schema.get("type") == "any":
        return
    if "properties" in at_schema:
        if not isinstance(value, dict):
            raise _invalid(at, value)
        for key, inner in value.items():
            field = at_schema["properties"].get(key)
            if field is None:
                where = f" at '{at}'" if at else ""
                raise Refusal(
                    "INVALID_ARGUMENT",
                    f'Invalid JSON payload received. Unknown name "{key}"{where}: '
                    "Cannot find field.",
                )
            check(name, field, inner, f"{at}.{key}" if at else key)
    elif "additionalProperties" in at_schema:
        if not isinstance(value, dict):
            raise _invalid(at, value)
        for key, inner in value.items():
            check(name, at_schema["additionalProperties"], inner, f"{at}[{key}]")
    elif at_schema.get("type") == "array":
        if not isinstance(value, list):
            raise _invalid(at, value)
        for index, inner in enumerate(value):
            check(name, at_schema["items"], inner, f"{at}[{index}]")
    elif not _scalar_fits(at_schema, value):
        raise _invalid(at, value)


def _scalar_fits(at_schema: Schema, value: Any) -> bool:
    kind = at_schema.get("type")
    if isinstance(value, dict | list):
        return kind == "object"
    if "enum" in at_schema:
        return value in at_schema["enum"]
    return kind != "boolean" or isinstance(value, bool)


def marked(field: Schema, word: str) -> bool:
    """Do the opening words of a field's description hold `Required.`, `Output only.`, ...?"""
    opening = str(field.get("description", ""))[:70]
    return re.match(rf"(?:\W*[A-Z][a-z ]+\.\s*){{0,2}}?\W*{word}\b[.;:]", opening) is not None


def without_output_fields(name: str, ref: Mapping[str, Any], value: Any) -> Any:
    """A copy of a request body without what only the service sets."""
    at_schema = schema(name, ref)
    if isinstance(value, list):
        return [without_output_fields(name, at_schema.get("items", {}), v) for v in value]
    if not isinstance(value, dict) or "properties" not in at_schema:
        return value
    fields = at_schema["properties"]
    return {
        key: without_output_fields(name, fields[key], inner)
        for key, inner in value.items()
        if key in fields and not marked(fields[key], "Output only")
    }


def _methods(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, inner in node.get("resources", {}).items():
        for method, detail in inner.get("methods", {}).items():
            yield f"{prefix}{name}.{method}", detail
        yield from _methods(inner, f"{prefix}{name}.")


def _pattern(prefix: str, detail: Mapping[str, Any]) -> re.Pattern[str]:
    def group(hole: re.Match[str]) -> str:
        parameter = detail["parameters"][hole[2]]
        inside = parameter.get("pattern", "").strip("^$") or "[^/]+"
        return f"(?P<{hole[2]}>{inside})"

    escaped = re.escape(prefix + detail["path"])
    return re.compile(re.sub(r"\\\{(\\\+)?(\w+)\\\}", group, escaped))


def _invalid(at: str, value: Any) -> Refusal:
    return Refusal("INVALID_ARGUMENT", f"Invalid value at '{at}': {value!r:.100}")
