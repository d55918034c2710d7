"""Requests against the service's model, worded as the services word it.

botocore's own check on the client's side knows types, required members and minima only; the
model also has enums, patterns and maxima, which the services hold. Patterns cover the whole value.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import regex
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.utils import get_service_model

from mlplatform.sandbox.clouds.aws.refusal import Refusal
from mlplatform.sandbox.clouds.aws.request import Call, botocore_name

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}
_CHECKED = ("json", "query")


def checked(call: Call) -> dict[str, Any]:
    """The request's parameters, when they satisfy the model; ``Refusal`` with all violations.

    Only for services with the JSON and query protocols; for others the answer is empty.
    """
    try:
        model = get_service_model(botocore_name(call.service, call.path))
        protocol = model.protocol
        if protocol not in _CHECKED:
            return {}
        operation = model.operation_model(call.operation)
    except (UnknownServiceError, OperationNotFoundError):
        text = f"{call.service} has no operation {call.operation}"
        raise Refusal("UnknownOperationException", text) from None
    params = call.params if protocol == "json" else _query_params(call, operation)
    if operation.input_shape is None:
        return params
    found = list(violations(operation.input_shape, params))
    if found:
        code = "ValidationException" if protocol == "json" else "ValidationError"
        plural = "s" if len(found) > 1 else ""
        raise Refusal(code, f"{len(found)} validation error{plural} detected: {'; '.join(found)}")
    return params


def violations(shape: Any, value: Any, at: str = "") -> Iterator[str]:
    """What the shape says against the value, one sentence each."""
    if getattr(shape, "is_document_type", False):
        return
    kind = shape.type_name
    wanted = _KINDS.get(kind)
    if wanted and (not isinstance(value, wanted) or (kind != "boolean" and value is True)):
        yield f"Value of type {type(value).__name__} at '{at}' is no {kind}"
    elif kind == "structure":
        yield from _structure(shape, value, at)
    elif kind == "list":
        yield from _bounds(shape, len(value), value, at, "length")
        for number, item in enumerate(value, start=1):
            yield from violations(shape.member, item, f"{at}.{number}.member")
    elif kind == "map":
        yield from _bounds(shape, len(value), value, at, "length")
        for key, item in value.items():
            yield from violations(shape.key, key, f"{at}.{key}.key")
            yield from violations(shape.value, item, f"{at}.{key}.value")
    elif kind == "string":
        yield from _string(shape, value, at)
    elif kind in ("integer", "long", "float", "double"):
        yield from _bounds(shape, value, value, at, "value")


def _structure(shape: Any, value: Mapping[str, Any], at: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _failed(None, _join(at, name), "Member must not be null")
    for name, item in value.items():
        if name not in shape.members:
            yield f"Unknown member {name} at '{at or 'the request'}'"
        elif item is not None:
            yield from violations(shape.members[name], item, _join(at, name))


def _string(shape: Any, value: str, at: str) -> Iterator[str]:
    yield from _bounds(shape, len(value), value, at, "length")
    if shape.enum and value not in shape.enum:
        yield _failed(value, at, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield _failed(value, at, f"Member must satisfy regular expression pattern: {pattern}")


def _bounds(shape: Any, number: float, value: Any, at: str, noun: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and number < float(low):
        yield _failed(value, at, f"Member must have {noun} greater than or equal to {low}")
    if high is not None and number > float(high):
        yield _failed(value, at, f"Member must have {noun} less than or equal to {high}")


def _failed(value: Any, at: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{at}' failed to satisfy constraint: {constraint}"


def _join(at: str, name: str) -> str:
    member = name[:1].lower() + name[1:]
    return f"{at}.{member}" if at else member


def _query_params(call: Call, operation: Any) -> dict[str, Any]:
    request = MotoRequest(call.for_wsgi())
    parsed = PROTOCOL_PARSERS["query"](operation).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": {},
        }
    )
    return dict(parsed)


@functools.cache
def _compiled(pattern: str) -> Any:
    # Java writes characters beyond the basic plane as surrogate pairs, which Python has not.
    return regex.compile(
        pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"), regex.DOTALL
    )
