"""One request to the local AWS, read once: who asks, which service, which operation, with what."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from moto.core.request import Request as MotoRequest
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

from mlplatform.sandbox.clouds.aws import wire

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
KEY_PREFIX = "MLPSANDBOX"

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/,\s]*)/([^/,\s]+)/aws4_request")
_KEY = re.compile(KEY_PREFIX + r"(\d{12})")

# botocore's name of the service where it differs from the name that signs.
_BOTOCORE_NAMES = {"monitoring": "cloudwatch", "email": "ses", "states": "stepfunctions"}
_READING = re.compile(
    r"(Describe|List|Get|Head|Lookup|Search|Query|Scan|Select|Simulate|Verify|Validate|BatchGet"
    r"|BatchCheck|Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateRandom|Sign|Filter|Test)"
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request with its body. ``environ`` is WSGI's; ``now`` is in seconds since 1970."""

    method: str
    path: str
    query: str
    body: bytes
    environ: Mapping[str, Any]
    account: str
    region: str
    service: str
    now: float

    @cached_property
    def operation(self) -> str:
        """The operation's name in the service's model; the method when no operation matches."""
        target = str(self.environ.get("HTTP_X_AMZ_TARGET", ""))
        if target:
            return target.rpartition(".")[2]
        cbor = re.search(r"/operation/([A-Za-z0-9]+)$", self.path)
        if cbor:
            return cbor.group(1)
        content_type = str(self.environ.get("CONTENT_TYPE", ""))
        form = self.body if content_type.startswith("application/x-www-form-urlencoded") else b""
        for text in (form.decode("utf-8", "replace"), self.query):
            action = parse_qs(text).get("Action")
            if action:
                return action[0]
        return self._routed() or self.method

    @property
    def changes_something(self) -> bool:
        """Whether the request may change state, by the operation's name."""
        return not _READING.match(self.operation) and self.method not in ("HEAD", "OPTIONS")

    @cached_property
    def params(self) -> dict[str, Any]:
        """The parameters of a JSON request; ``Refusal`` when the body is no JSON object."""
        return wire.json_object(self.body)

    def for_wsgi(self) -> dict[str, Any]:
        """A fresh WSGI environment with the body and the account in it."""
        return {
            **self.environ,
            "HTTP_X_MOTO_ACCOUNT_ID": self.account,
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.input": io.BytesIO(self.body),
        }

    def _routed(self) -> str:
        """The operation of a REST request, found by moto's router over the service's model."""
        router = get_service_router(botocore_name(self.service, self.path))
        try:
            found, _ = router.match(MotoRequest(self.for_wsgi()))
        except (HTTPException, NotImplementedError):
            return ""
        return str(found.name)


def botocore_name(service: str, path: str = "") -> str:
    """The name of the service's model, which is not always the name that signs."""
    if service == "sagemaker" and path.startswith("/endpoints/"):
        return "sagemaker-runtime"
    return _BOTOCORE_NAMES.get(service, service)


def read(environ: Mapping[str, Any], body: bytes, now: float) -> Call:
    """The call behind a WSGI environment. Account and region come from the credential scope."""
    authorization = str(environ.get("HTTP_AUTHORIZATION", ""))
    query = str(environ.get("QUERY_STRING", ""))
    presigned = parse_qs(query).get("X-Amz-Credential", [""])[0]
    scope = authorization or (f"Credential={presigned}" if presigned else "")
    found = _CREDENTIAL.search(scope)
    key, region, service = found.groups() if found else ("", DEFAULT_REGION, "s3")
    account = _KEY.fullmatch(key)
    return Call(
        method=str(environ["REQUEST_METHOD"]),
        path=str(environ.get("PATH_INFO", "/")),
        query=query,
        body=body,
        environ=environ,
        account=account.group(1) if account else DEFAULT_ACCOUNT,
        region=region or DEFAULT_REGION,
        service=service.lower(),
        now=now,
    )
