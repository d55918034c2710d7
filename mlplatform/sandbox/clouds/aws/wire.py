"""AWS requests and answers on the wire: who asks which service for what, and how errors look.

The protocols of AWS differ in where they name the operation: a header (JSON), the path (CBOR), a
form field (query), or nowhere (REST: method, path and query decide).
"""

from __future__ import annotations

import base64
import json
import re
import struct
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
KEY_PREFIX = "MLPSANDBOX"
"""An access key of this prefix and twelve digits belongs to the account of those digits."""

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d*/([^/]*)/([^/]*)/")
_ACCOUNT_KEY = re.compile(rf"{KEY_PREFIX}(\d{{12}})")
_CBOR_PATH = re.compile(r"/service/[^/]+/operation/(\w+)$")
_RECORDS = re.compile("/(FeatureGroup/|BatchGetRecord$)")
"""Addresses of the online store; it signs its requests as SageMaker does."""
_SERVICES = {"monitoring": "cloudwatch", "servicequotas": "service-quotas"}
"""Names in the credential scope that differ from botocore's name of the service."""
_XML_SERVICES = ("s3", "s3control", "cloudfront", "route53")

Environ = dict[str, Any]
Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers, body."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request with all that the answer depends on; ``to_record`` makes it storable.

    ``account`` is empty for credentials that moto gave out itself (roles, users): moto knows
    whose they are.
    """

    environ: Environ
    body: bytes
    service: str
    region: str
    account: str
    access_key: str
    protocol: str
    operation: str

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        return str(self.environ.get("PATH_INFO", ""))

    def parameters(self) -> dict[str, Any]:
        """What a JSON or query request asks for; ValueError when the body is unreadable."""
        if self.protocol == "query":
            return _query_parameters(self)
        value = json.loads(self.body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("the body is not a JSON object")
        return {name: given for name, given in value.items() if given is not None}

    def text(self) -> str:
        """Address and body as text, to look for words in."""
        query = self.environ.get("QUERY_STRING", "")
        return f"{self.path}?{query}\n{self.body.decode('utf-8', 'replace')}"

    def to_record(self) -> dict[str, Any]:
        return {
            "environ": {
                key: value for key, value in self.environ.items() if isinstance(value, (str, dict))
            },
            "body": base64.b64encode(self.body).decode(),
        }

    def for_moto(self) -> Environ:
        """A WSGI environment that can be read once more."""
        environ = {
            **self.environ,
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": StringIO(),
            "CONTENT_LENGTH": str(len(self.body)),
        }
        if self.account:
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account
        return environ


def from_record(record: dict[str, Any]) -> Request:
    environ = {
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **record["environ"],
    }
    return _request(environ, base64.b64decode(record["body"]))


def from_environ(environ: Environ) -> Request:
    """Read a request from the server, its body included."""
    source = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body = source.read()
        environ = {k: v for k, v in environ.items() if k != "HTTP_TRANSFER_ENCODING"}
        environ["wsgi.input_terminated"] = False
    else:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = source.read(length) if length else b""
    return _request(environ, body)


def _request(environ: Environ, body: bytes) -> Request:
    signed = environ.get("HTTP_AUTHORIZATION", "")
    if "Credential=" not in signed:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        signed = f"Credential={query.get('X-Amz-Credential', [''])[0]}"
    credential = _CREDENTIAL.search(signed)
    key, region, scope = credential.groups() if credential else ("", "", "s3")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    service = _SERVICES.get(scope.lower(), scope.lower())
    if service == "sagemaker" and not target:
        stored = _RECORDS.match(environ.get("PATH_INFO", ""))
        service = "sagemaker-featurestore-runtime" if stored else "sagemaker-runtime"
    own = _ACCOUNT_KEY.fullmatch(key)
    protocol, operation = _operation(environ, body, service, target)
    return Request(
        environ=environ,
        body=body,
        service=service,
        region=region or DEFAULT_REGION,
        account=own.group(1) if own else "",
        access_key=key,
        protocol=protocol,
        operation=operation,
    )


def _operation(environ: Environ, body: bytes, service: str, target: str) -> tuple[str, str]:
    """Protocol and name of the operation."""
    if target:
        return "json", target.rpartition(".")[2]
    path = environ.get("PATH_INFO", "")
    if found := _CBOR_PATH.match(path):
        return "cbor", found.group(1)
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    given = body.decode("utf-8", "replace") if form else environ.get("QUERY_STRING", "")
    action = "" if service in _XML_SERVICES else parse_qs(given).get("Action", [""])[0]
    if action:
        return ("ec2" if service == "ec2" else "query"), action
    protocol = "rest-xml" if service in _XML_SERVICES else "rest-json"
    return protocol, _routed(environ, service) or f"{environ['REQUEST_METHOD']} {path}"


def _routed(environ: Environ, service: str) -> str:
    """The name that the vendor's model gives to a REST request; empty when it knows none."""
    from botocore.exceptions import BotoCoreError
    from moto.core.request import Request as MotoRequest
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import HTTPException

    try:
        operation, _ = get_service_router(service).match(MotoRequest(environ.copy()))
    except (HTTPException, NotImplementedError, BotoCoreError):
        return ""
    return str(operation.name)


def _query_parameters(request: Request) -> dict[str, Any]:
    from moto.core.parse import PROTOCOL_PARSERS
    from moto.core.request import Request as MotoRequest
    from moto.core.utils import get_service_model

    operation = get_service_model(request.service).operation_model(request.operation)
    parser = PROTOCOL_PARSERS["query"](operation, map_type=dict)
    asked = MotoRequest(request.for_moto())
    found = parser.parse(
        {
            "method": asked.method,
            "values": asked.values,
            "headers": asked.headers,
            "body": asked.data,
            "url_path": asked.path,
            "url_params": {},
        }
    )
    return dict(found)


def refusal(request: Request, code: str, message: str, status: int) -> Answer:
    """An error in the protocol of the request."""
    identifier = ("x-amzn-RequestId", "00000000-0000-0000-0000-000000000000")
    if request.protocol in ("json", "rest-json"):
        body = json.dumps({"__type": code, "message": message}).encode()
        kind = f"application/{'x-amz-json-1.1' if request.protocol == 'json' else 'json'}"
        return status, [identifier, ("Content-Type", kind), ("x-amzn-ErrorType", code)], body
    if request.protocol == "cbor":
        body = b"\xa2" + b"".join(map(_cbor, ("__type", code, "message", message)))
        headers = [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]
        return status, [identifier, *headers], body
    told = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if request.protocol == "rest-xml":
        text = f"<Error>{told}</Error>"
    elif request.protocol == "ec2":
        text = f"<Response><Errors><Error>{told}</Error></Errors></Response>"
    else:
        text = f"<ErrorResponse><Error><Type>Sender</Type>{told}</Error></ErrorResponse>"
    body = b"" if request.method == "HEAD" else f"<?xml version='1.0'?>{text}".encode()
    return status, [identifier, ("Content-Type", "text/xml")], body


def json_answer(value: dict[str, Any]) -> Answer:
    return 200, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(value).encode()


def _cbor(text: str) -> bytes:
    content = text.encode()
    return b"\x79" + struct.pack(">H", len(content)) + content
