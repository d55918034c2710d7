"""Values as the Pulumi engine sends them: protobuf Structs to plain dictionaries and back.

The wire knows one number type (a double), secrets and unknowns as reserved strings and signatures,
and assets as objects with a signature. Providers see plain JSON-like values: an integral number is
an ``int``, a secret is its bare value (``secrets`` marks it again on the way back), an unknown
stays the reserved string and an asset stays the object that it is.

Source of the reserved strings: ``sdk/go/common/resource/plugin/rpc.go`` and
``sdk/go/common/resource/sig/sig.go`` of pulumi/pulumi.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Stands for a string that is not known before the update runs."""

UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""Every marker of an unknown, one for each kind of value."""

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

HIDDEN = "[secret]"
"""Stands in messages for what may not be told; the engine's own word."""

_EXACT_INTEGER_LIMIT = 2**53
"""Above this a double skips integers, so a number there is left as the float that it is."""


class Secret(str):
    """Text that the program marked as secret: it is the text, but never quotes itself.

    So a message with ``{value!r}`` is safe although it may be cut before anybody masks it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


def is_unknown(value: Any) -> bool:
    """Whether ``value`` itself is not known yet."""
    return isinstance(value, str) and value in UNKNOWNS


def has_unknown(value: Any) -> bool:
    """Whether ``value`` or anything inside it is not known yet."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return is_unknown(value)


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The plain dictionary that a Struct from the engine stands for."""
    return {key: _plain(value) for key, value in struct.fields.items()}


def to_struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """The Struct for the engine.

    Raises:
        ValueError: a value that the engine cannot keep: a number that is no finite double, an
            integer that a double cannot hold exactly, or a Python type that JSON does not have.
            The message names the property.
    """
    struct = struct_pb2.Struct()
    for key, value in values.items():
        _fill(struct.fields[key], value, key)
    return struct


def decode_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Provider configuration with its objects and lists decoded.

    The engine carries every property of a provider resource as a string; objects and lists are
    JSON text. Only those are decoded here: ``"123456789012"`` may be an account and must stay text.
    """
    return {key: _decoded(value) for key, value in config.items()}


def _decoded(value: Any) -> Any:
    if not (isinstance(value, str) and value[:1] in ("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _plain(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return _object(from_struct(value.struct_value))
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    return None


def _number(value: float) -> int | float:
    if value.is_integer() and abs(value) <= _EXACT_INTEGER_LIMIT:
        return int(value)
    return value


def _object(value: dict[str, Any]) -> Any:
    signature = value.get(SIGNATURE)
    if signature == SECRET:
        return _guarded(value.get("value"))
    if signature == _OUTPUT:
        return value.get("value", UNKNOWN)
    return value


def _guarded(value: Any) -> Any:
    if isinstance(value, str):
        return value if is_unknown(value) else Secret(value)
    if isinstance(value, list):
        return [_guarded(item) for item in value]
    if isinstance(value, dict):
        return {key: _guarded(item) for key, item in value.items()}
    return value


def _fill(target: struct_pb2.Value, value: Any, path: str) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, int | float):
        target.number_value = _double(value, path)
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _fill(target.struct_value.fields[key], item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        target.list_value.SetInParent()
        for index, item in enumerate(value):
            _fill(target.list_value.values.add(), item, f"{path}[{index}]")
    else:
        raise ValueError(f"{path}: a {type(value).__name__} cannot be sent to the engine")


def _double(value: int | float, path: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        # The engine writes its state as JSON, which has neither NaN nor infinity.
        raise ValueError(f"{path}: {value!r:.40} is no finite number")
    if number != value:
        raise ValueError(f"{path}: {value} is too large to be kept exactly; send it as text")
    return number
