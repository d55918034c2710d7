"""Requests and answers judged by botocore's service model, more strictly than botocore does.

botocore checks types, required members and minima. The model also carries enums, patterns and
maxima, which the services enforce; violations are worded as they word them: ``2 validation errors
detected: Value 'x' at 'endpointName' failed to satisfy constraint: ...; Value ...``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import regex

from mlplatform.sandbox.clouds.aws.errors import ServiceError

STRICT_SERVICES = {
    "sagemaker": "ValidationException",
    "application-autoscaling": "ValidationException",
    "kms": "ValidationException",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "ecr": "InvalidParameterException",
    "service-quotas": "IllegalArgumentException",
}
"""Services of which every request is judged, also where moto answers; and their error code."""

_JAVA_SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
"""A range of surrogate pairs, as Java writes the code points above the first plane."""
_NUMBERS = ("integer", "long", "float", "double")
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
    "blob": (str,),
}


@cache
def model(service: str) -> Any:
    """botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


def knows(service: str, operation: str) -> bool:
    return operation in model(service).operation_names


def check_request(service: str, operation: str, parameters: dict[str, Any]) -> None:
    """Raise what the service would answer to an illegal request, with all problems at once."""
    shape = model(service).operation_model(operation).input_shape
    problems = list(violations(shape, parameters)) if shape else []
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        code = STRICT_SERVICES.get(service, "ValidationException")
        raise ServiceError(code, f"{count}: {'; '.join(problems)}")


def check_answer(service: str, operation: str, answer: dict[str, Any]) -> None:
    """Refuse an answer of our own that the vendor's model does not allow: a bug of this cloud."""
    shape = model(service).operation_model(operation).output_shape
    problems = list(violations(shape, answer)) if shape else []
    if problems:
        raise AssertionError(f"{service} {operation} answers: {'; '.join(problems)}")


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """What is wrong with a value. Raises ``SerializationException`` for a wrong type."""
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return
    if not _is_a(kind, value):
        found = type(value).__name__
        raise ServiceError("SerializationException", f"{path or '$'}: {found} is not a {kind}")
    if kind == "structure":
        yield from _members(shape, value, path)
    elif kind == "list":
        yield from _limits(shape.metadata, len(value), value, path, "length ")
        for index, item in enumerate(value, start=1):
            yield from violations(shape.member, item, f"{path}.{index}.member")
    elif kind == "map":
        yield from _limits(shape.metadata, len(value), value, path, "length ")
        for key, item in value.items():
            yield from violations(shape.key, key, f"{path}.key")
            yield from violations(shape.value, item, f"{path}.{key}.member")
    elif kind == "string":
        yield from _text(shape, value, path)
    elif kind in _NUMBERS:
        yield from _limits(shape.metadata, value, value, path, "value ")


def _is_a(kind: str, value: Any) -> bool:
    """Python counts booleans as integers; the services do not."""
    return isinstance(value, _PYTHON_TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")


def _members(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _problem("null", _under(path, name), "Member must not be null")
    for name, item in value.items():
        if name not in shape.members:
            yield _problem("given", _under(path, name), "Member must be known to the service")
        elif item is not None:
            yield from violations(shape.members[name], item, _under(path, name))


def _text(shape: Any, value: str, path: str) -> Iterator[str]:
    quoted = f"'{value}'"
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield _problem(quoted, path, f"Member must satisfy enum value set: [{allowed}]")
        return
    yield from _limits(shape.metadata, len(value), value, path, "length ")
    pattern = shape.metadata.get("pattern")
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        rule = f"Member must satisfy regular expression pattern: {pattern}"
        yield _problem(quoted, path, rule)


def _limits(
    metadata: dict[str, Any], size: float, value: Any, path: str, what: str
) -> Iterator[str]:
    shown = f"'{value}'"
    if "min" in metadata and size < metadata["min"]:
        rule = f"Member must have {what}greater than or equal to {metadata['min']}"
        yield _problem(shown, path, rule)
    if "max" in metadata and size > metadata["max"]:
        rule = f"Member must have {what}less than or equal to {metadata['max']}"
        yield _problem(shown, path, rule)


def _problem(shown: str, path: str, rule: str) -> str:
    return f"Value {shown} at '{path}' failed to satisfy constraint: {rule}"


def _under(path: str, name: str) -> str:
    own = name[0].lower() + name[1:]
    return f"{path}.{own}" if path else own


@cache
def _compiled(pattern: str) -> Any:
    """The pattern over the whole text; None when no engine at hand can read it.

    ``.`` also stands for a line break: the services take descriptions of several lines.
    """
    pattern = pattern.replace(_JAVA_SURROGATES, r"\U00010000-\U0010FFFF")
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:
        pass
    try:
        return regex.compile(pattern, regex.DOTALL)
    except regex.error:
        return None
