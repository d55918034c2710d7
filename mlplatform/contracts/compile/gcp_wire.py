"""The wire form of Vertex AI's gRPC messages and methods, taken from google-cloud-aiplatform.

The library builds its message classes at import, which takes seconds; the local cloud must be up
sooner. So the field numbers and types of the messages, and the HTTP rule of every method, are
compiled here into JSON from which the cloud makes descriptors in milliseconds.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_VERSIONS = ("v1", "v1beta1")
_SERVICES = (
    "dataset_service",
    "deployment_resource_pool_service",
    "endpoint_service",
    "feature_online_store_admin_service",
    "feature_registry_service",
    "job_service",
    "metadata_service",
    "model_monitoring_service",
    "model_service",
    "persistent_resource_service",
    "pipeline_service",
    "schedule_service",
    "tensorboard_service",
)
_WELL_KNOWN = re.compile(r"google\.(protobuf|rpc|api|type|longrunning|iam)\.")


def render() -> str:
    """The JSON text: `methods`, `messages`, `enums`; one line each."""
    methods: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    enums: dict[str, Any] = {}
    for version in _VERSIONS:
        for service in _SERVICES:
            for path, method, descriptors in _methods(version, service):
                methods[path] = method
                for descriptor in descriptors:
                    _collect(descriptor, messages, enums)
    parts = {"methods": methods, "messages": messages, "enums": enums}
    blocks = (f'"{name}": {_block(part)}' for name, part in parts.items())
    return "{" + ",\n".join(blocks) + "}\n"


def _block(part: Mapping[str, Any]) -> str:
    rows = (
        f'"{name}": {json.dumps(value, separators=(",", ":"))}'
        for name, value in sorted(part.items())
    )
    return "{\n" + ",\n".join(rows) + "\n}"


def _methods(version: str, service: str) -> Iterator[tuple[str, dict[str, Any], list[Any]]]:
    """gRPC path, rule and message descriptors of every method of one service."""
    package = f"google.cloud.aiplatform_{version}.services.{service}"
    try:
        client = importlib.import_module(f"{package}.client")
        base = importlib.import_module(f"{package}.transports.rest_base")
        grpc = importlib.import_module(f"{package}.transports.grpc")
    except ModuleNotFoundError:
        return
    transport_class = next(v for k, v in vars(grpc).items() if k.endswith("ServiceGrpcTransport"))
    rules = next(
        v for k, v in vars(base).items() if k.startswith("_Base") and k.endswith("Transport")
    )
    source = inspect.getsource(client)
    for path, serializer, deserializer in _stubs(transport_class):
        name = path.rpartition("/")[2]
        rule = getattr(rules, f"_Base{name}", None)
        if rule is None or "aiplatform" not in path:
            continue
        request = serializer.__self__
        answer = getattr(deserializer, "__self__", None)
        result = _operation_result(source, name, client)
        types: list[Any] = [t for t in (request, answer, result) if hasattr(t, "pb")]
        out = {
            "request": request.pb().DESCRIPTOR.full_name,
            "response": _full_name(answer),
            "http": [
                [r["method"].upper(), r["uri"], r.get("body", "")] for r in rule._get_http_options()
            ],
        }
        if result is not None:
            out["result"] = _full_name(result)
        yield path, out, [t.pb().DESCRIPTOR for t in types]


def _stubs(transport_class: Any) -> list[tuple[str, Any, Any]]:
    """gRPC path, serializer and deserializer of every stub that a transport would make."""
    recorder = _Recorder()
    transport = transport_class.__new__(transport_class)
    transport._logged_channel, transport._stubs = recorder, {}
    for name, value in vars(transport_class).items():
        if name in ("operations_client", "kind", "grpc_channel") or not isinstance(value, property):
            continue
        try:
            getattr(transport, name)
        except AttributeError:
            continue  # a mixin that needs a real channel
    return recorder.calls


class _Recorder:
    """Stands in for a channel and notes which stubs a transport would make."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, Any]] = []

    def unary_unary(self, path: str, request_serializer: Any, response_deserializer: Any) -> None:
        self.calls.append((path, request_serializer, response_deserializer))

    def unary_stream(self, *args: Any, **kwargs: Any) -> None:
        """Streams of predictions are no part of the local cloud."""

    stream_stream = unary_stream


def _operation_result(source: str, name: str, client: Any) -> Any:
    """The class that a long-running method ends with, as the client passes it to from_gapic."""
    python_name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    body = re.search(rf"    def {python_name}\(.*?(?=\n    def |\Z)", source, re.DOTALL)
    found = body and re.search(
        r"from_gapic\(\s*response,\s*self\._transport\.operations_client,\s*([\w.]+)", body.group(0)
    )
    if not found:
        return None
    module, _, attribute = found.group(1).partition(".")
    at = getattr(client, module)
    for step in attribute.split("."):
        at = getattr(at, step)
    return at


def _full_name(cls: Any) -> str:
    if cls is None:
        return "google.protobuf.Empty"
    return str((cls.pb() if hasattr(cls, "pb") else cls).DESCRIPTOR.full_name)


def _collect(descriptor: Any, messages: dict[str, Any], enums: dict[str, Any]) -> None:
    """A message and everything that it uses; [number, name, type, repeated, type name, oneof]."""
    if descriptor.full_name in messages or _WELL_KNOWN.match(descriptor.full_name):
        return
    rows: list[Any] = []
    messages[descriptor.full_name] = {
        "fields": rows,
        **({"map": 1} if descriptor.GetOptions().map_entry else {}),
    }
    for field in descriptor.fields:
        kind = field.message_type or field.enum_type
        oneof = field.containing_oneof
        rows.append(
            [
                field.number,
                field.name,
                field.type,
                int(field.label == field.LABEL_REPEATED),
                kind.full_name if kind is not None else "",
                oneof.name if oneof is not None else "",
            ]
        )
        if field.message_type is not None:
            _collect(field.message_type, messages, enums)
        elif field.enum_type is not None:
            enums[field.enum_type.full_name] = {
                value.name: value.number for value in field.enum_type.values
            }
