"""Vertex AI's messages and methods, from compiled field numbers (wire.json) to descriptors.

Both fronts meet here: a gRPC message and a REST request become the same JSON request, and a JSON
answer becomes a gRPC message or REST JSON. The JSON reader of protobuf checks names, enums and
forms on the way, as the service's own front does.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    json_format,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.rpc import status_pb2
from google.type import interval_pb2, latlng_pb2, money_pb2

from mlplatform.sandbox.clouds.gcp.refusal import Refusal

_BORROWED = (
    any_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
    status_pb2,
    interval_pb2,
    latlng_pb2,
    money_pb2,
)
_FIELD = descriptor_pb2.FieldDescriptorProto
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Method:
    """One method. path: `/package.Service/Method`; result: what an operation brings."""

    path: str
    version: str
    request: str
    response: str
    result: str
    http: tuple[tuple[str, str, str], ...]

    @property
    def name(self) -> str:
        """`DeployModel`."""
        return self.path.rpartition("/")[2]

    @property
    def service(self) -> str:
        """`EndpointService`."""
        return self.path.split("/")[1].rpartition(".")[2]


@functools.cache
def _compiled() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "wire.json").read_text())
    return found


@functools.cache
def methods() -> dict[str, Method]:
    """Every method by its gRPC path."""
    return {
        path: Method(
            path,
            path.split(".")[3],
            m["request"],
            m["response"],
            m.get("result", ""),
            tuple((verb, uri, body) for verb, uri, body in m["http"]),
        )
        for path, m in _compiled()["methods"].items()
    }


def rest_method(http: str, path: str) -> tuple[Method, str, str, str] | None:
    """(method, variable, its value, body field) that a REST call is for."""
    version = path.split("/")[1] if path.count("/") else ""
    for verb, pattern, variable, body, method in _rest_routes().get(version, ()):
        if verb == http:
            match = pattern.fullmatch(path)
            if match is not None:
                return method, variable, match[1], body
    return None


def request_from_rest(
    method: Method, variable: str, value: str, body_field: str, query: Mapping[str, str], body: Any
) -> dict[str, Any]:
    """The request in JSON, checked; a Refusal like the service's for what it cannot read."""
    asked: dict[str, Any] = dict(body) if body_field == "*" else {}
    if body_field not in ("", "*"):
        asked[body_field] = body
    for key, text in query.items():
        if not key.startswith("$") and key not in ("alt", "key", "prettyPrint"):
            _set(asked, key, _query_value(method.request, key, text))
    _set(asked, variable, value)
    return checked(method.request, asked)


def checked(message: str, value: Any) -> dict[str, Any]:
    """A JSON value as the message writes it: camelCase, enum names, no unknown field."""
    made = _class(message)()
    try:
        json_format.ParseDict(value, made, descriptor_pool=_pool())
    except json_format.ParseError as error:
        raise Refusal("INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from None
    return _as_json(made)


def answer(message: str, value: Any) -> dict[str, Any]:
    """A stored JSON value as one version shows it, without the fields it does not know."""
    return _as_json(_filled(message, value))


def decode(message: str, content: bytes) -> dict[str, Any]:
    """The JSON request of a gRPC message."""
    made = _class(message)()
    made.ParseFromString(content)
    return _as_json(made)


def encode(message: str, value: Any) -> bytes:
    """The bytes of a gRPC answer."""
    content: bytes = _filled(message, value).SerializeToString()
    return content


def known(message: str) -> bool:
    """Has the compiled data this message?"""
    return message in _compiled()["messages"] or message.startswith("google.protobuf.")


def _filled(message: str, value: Any) -> Any:
    made = _class(message)()
    json_format.ParseDict(value, made, ignore_unknown_fields=True, descriptor_pool=_pool())
    return made


def _as_json(message: Any) -> dict[str, Any]:
    found: dict[str, Any] = json_format.MessageToDict(message, descriptor_pool=_pool())
    return found


def _set(at: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for step in parents:
        at = at.setdefault(step, {})
    at[last] = value


def _query_value(message: str, key: str, text: str) -> Any:
    """A query parameter as the JSON reader takes it: flags without quotes, masks in camelCase."""
    if key in ("updateMask", "update_mask", "readMask", "read_mask"):
        return re.sub(r"_([a-z])", lambda m: m[1].upper(), text)
    plain = key.replace("_", "").lower()
    for _, name, kind, *_ in _compiled()["messages"][message]["fields"]:
        if name.replace("_", "") == plain and kind == _FIELD.TYPE_BOOL and text in _FLAGS:
            return _FLAGS[text]
    return text


@functools.cache
def _rest_routes() -> dict[str, list[tuple[str, re.Pattern[str], str, str, Method]]]:
    """Per version: verb, path, variable, body field, method; custom verbs first."""
    routes: dict[str, list[tuple[str, re.Pattern[str], str, str, Method]]] = {}
    for method in methods().values():
        for verb, uri, body in method.http:
            variable = re.search(r"\{([\w.]+)=([^}]*)\}", uri)
            if variable is None:
                continue
            inside = re.escape(variable[2]).replace(r"\*\*", ".+").replace(r"\*", "[^/:]+")
            start, end = (re.escape(t) for t in uri.split(variable[0], 1))
            row = (verb, re.compile(f"{start}({inside}){end}"), variable[1], body, method)
            routes.setdefault(uri.split("/")[1], []).append(row)
    for rows in routes.values():
        rows.sort(key=lambda row: ":" not in row[1].pattern.rpartition(")")[2])
    return routes


@functools.cache
def _class(message: str) -> Any:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(message))


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    files = [module.DESCRIPTOR for module in _BORROWED]
    for file in files:
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        pool.Add(proto)
    packages = sorted({_package(name) for name in _compiled()["messages"]})
    for package in packages:
        made = _file(package, [file.name for file in files])
        pool.Add(made)
    return pool


def _package(name: str) -> str:
    return ".".join(name.split(".")[:4])


def _file(package: str, dependencies: list[str]) -> descriptor_pb2.FileDescriptorProto:
    """All messages and enums of one API version as one file."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto", package=package, syntax="proto3", dependency=dependencies
    )
    nested: dict[str, Any] = {package: file}
    for name in sorted(n for n in _compiled()["messages"] if _package(n) == package):
        _message(name, nested, file)
    for name, values in sorted(_compiled()["enums"].items()):
        if _package(name) == package:
            owner = nested[name.rpartition(".")[0]]
            enum = owner.enum_type.add()
            enum.name = name.rpartition(".")[2]
            if len(set(values.values())) < len(values):
                enum.options.allow_alias = True
            for value, number in sorted(values.items(), key=lambda v: int(v[1])):
                enum.value.add(name=value, number=number)
    return file


def _message(name: str, nested: dict[str, Any], file: Any) -> None:
    owner_name, _, short = name.rpartition(".")
    owner = nested[owner_name]
    message = (owner.message_type if owner is file else owner.nested_type).add()
    message.name = short
    nested[name] = message
    compiled = _compiled()["messages"][name]
    if compiled.get("map"):
        message.options.map_entry = True
    oneofs: dict[str, int] = {}
    for number, field_name, kind, repeated, type_name, oneof in compiled["fields"]:
        field = message.field.add(name=field_name, number=number, type=kind)
        field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
        if type_name:
            field.type_name = f".{type_name}"
        if oneof:
            # A oneof of one field whose name starts with _ is how proto3 writes `optional`.
            if oneof not in oneofs:
                oneofs[oneof] = len(oneofs)
                message.oneof_decl.add(name=oneof)
            field.oneof_index = oneofs[oneof]
            field.proto3_optional = oneof == f"_{field_name}"


def message_fields(message: str) -> list[tuple[str, str]]:
    """(name, message type or empty) of a message's fields."""
    return [(row[1], row[4]) for row in _compiled()["messages"][message]["fields"]]
