"""Secrets on their way through a provider: marked for the engine, hidden in words.

A provider sees a secret's bare value (``values.Secret``). What it answers is marked again wherever
the request had a secret under the same name, as the engine does for providers that know of none
(annotateSecrets in provider_plugin.go of pulumi/pulumi). No message holds a secret: neither a
reason to refuse, nor an error of a cloud that repeats what it was sent, nor a line of progress.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from google.protobuf import struct_pb2

from mlplatform.provider.values import HIDDEN, SECRET, SIGNATURE

_SHORTEST = 3
"""Characters; the engine's own filter leaves shorter texts alone, for they are in every word."""
_REPEATED = frozenset({"effectiveLabels", "pulumiLabels"})
"""Outputs that pulumi-gcp marks for every object. They repeat ``labels``: a secret in there is
marked there too, and else such words as "dev" would be hidden in every name of a message."""


class Hidden:
    """The secrets of one request."""

    def __init__(self, *structs: struct_pb2.Struct) -> None:
        found = {text for struct in structs for text in _texts_in(struct, secret=False)}
        written = {form for text in found if len(text) >= _SHORTEST for form in _forms(text)}
        self._texts = sorted(written, key=len, reverse=True)  # one may be a part of another

    def mask(self, message: str) -> str:
        """The message without them."""
        for text in self._texts:
            message = message.replace(text, HIDDEN)
        return message


def mark(answer: struct_pb2.Struct, request: struct_pb2.Struct) -> struct_pb2.Struct:
    """The answer, with a secret mark on each property that has one, or holds one, in the request.

    A list with a secret in it is secret as a whole, for its items have no names.
    """
    for name, given in request.fields.items():
        if name not in answer.fields:
            continue
        shown = answer.fields[name]
        if _is_object(shown) and _is_object(given):
            mark(shown.struct_value, given.struct_value)
        elif _holds_secret(given) and not _is_secret(shown):
            _wrap(shown)
    return answer


def mark_all(answer: struct_pb2.Struct, request: struct_pb2.Struct) -> struct_pb2.Struct:
    """The answer of a function: all of it is secret when any of its arguments holds a secret."""
    if any(_holds_secret(value) for value in request.fields.values()):
        for value in answer.fields.values():
            if not _is_secret(value):
                _wrap(value)
    return answer


def _wrap(value: struct_pb2.Value) -> None:
    bare = struct_pb2.Value()
    bare.CopyFrom(value)
    value.struct_value.Clear()
    value.struct_value.fields[SIGNATURE].string_value = SECRET
    value.struct_value.fields["value"].CopyFrom(bare)


def _signature(value: struct_pb2.Value) -> str:
    if value.WhichOneof("kind") != "struct_value" or SIGNATURE not in value.struct_value.fields:
        return ""
    return str(value.struct_value.fields[SIGNATURE].string_value)


def _is_secret(value: struct_pb2.Value) -> bool:
    return _signature(value) == SECRET


def _is_object(value: struct_pb2.Value) -> bool:
    return value.WhichOneof("kind") == "struct_value" and not _signature(value)


def _holds_secret(value: struct_pb2.Value) -> bool:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        inner = value.struct_value.fields.values()
        return _is_secret(value) or any(_holds_secret(one) for one in inner)
    if kind == "list_value":
        return any(_holds_secret(one) for one in value.list_value.values)
    return False


def _texts_in(struct: struct_pb2.Struct, *, secret: bool) -> Iterator[str]:
    for name, value in struct.fields.items():
        if name != SIGNATURE and name not in _REPEATED:
            yield from _texts(value, secret=secret)


def _texts(value: struct_pb2.Value, *, secret: bool) -> Iterator[str]:
    """Every text and number that is, or lies in, a secret."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        yield from _texts_in(value.struct_value, secret=secret or _is_secret(value))
    elif kind == "list_value":
        for one in value.list_value.values:
            yield from _texts(one, secret=secret)
    elif secret and kind == "string_value":
        yield value.string_value
    elif secret and kind == "number_value":
        yield f"{value.number_value:.17g}"


def _forms(text: str) -> set[str]:
    """The text as messages write it: as it is, in Python's quotes, in JSON."""
    return {
        text,
        repr(text)[1:-1],
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
    }
