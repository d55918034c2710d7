"""Bytes on the wire: JSON in, and answers and errors in the format of the asked service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from mlplatform.sandbox.clouds.aws.refusal import Refusal

_QUERY = frozenset({"iam", "sts", "autoscaling", "elasticloadbalancing", "sns", "rds"})
_XML = "text/xml"
_JSON = "application/x-amz-json-1.1"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request; ``Refusal`` (SerializationException) when it is none."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal("SerializationException", "the request's body is not a JSON object")
    return found


def result(value: dict[str, Any], request_id: str) -> Answer:
    """A successful answer of a JSON service."""
    return _answer(200, _JSON, json.dumps(value).encode(), request_id)


def error(
    refusal: Refusal, *, service: str, content_type: str, cbor: bool, request_id: str
) -> Answer:
    """The refusal as the clients of ``service`` expect it for a request of this content type."""
    code, message = refusal.code, refusal.message
    if cbor:
        body = b"\xa2" + b"".join(map(_cbor_text, ("__type", code, "message", message)))
        return _answer(
            refusal.status, "application/cbor", body, request_id, ("smithy-protocol", "rpc-v2-cbor")
        )
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service in ("s3", "s3-control"):
        text = f"<Error>{inner}<RequestId>{request_id}</RequestId></Error>"
    elif service == "ec2":
        text = (
            f"<Response><Errors><Error>{inner}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    elif service in _QUERY or content_type.startswith("application/x-www-form-urlencoded"):
        side = "Sender" if refusal.status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{side}</Type>{inner}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        return _answer(refusal.status, _JSON, body, request_id, ("x-amzn-ErrorType", code))
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    return _answer(refusal.status, _XML, body, request_id)


def _answer(
    status: int, content_type: str, body: bytes, request_id: str, *more: tuple[str, str]
) -> Answer:
    headers = (
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
        *more,
    )
    return Answer(status=status, headers=headers, body=body)


def _cbor_text(text: str) -> bytes:
    """A text string in CBOR (RFC 8949, major type 3 with a four-byte length)."""
    content = text.encode()
    return b"\x7a" + len(content).to_bytes(4, "big") + content
