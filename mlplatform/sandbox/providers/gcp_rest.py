"""Calls of the local Google Cloud: one request, and waiting for a long-running operation.

The answers and the waiting are those of the real services; only the host is another. Throttling
and short outages are tried again, as the real provider does.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.contracts.gcp.encode import Request
from mlplatform.provider.model import Context, NotFound, ProviderError

ADDRESS = "MLP_SANDBOX_GCP_REST_ENDPOINT"
_PATIENCE_S = 60.0
_AGAIN = (429, 502, 503)
"""HTTP statuses to try again. A conflict is not among them: the caller must read anew first."""
_TRIES = 8
_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 2.0


class Refused(ProviderError):  # noqa: N818 - reads as what happened
    """The service refused; `http` is its status."""

    def __init__(self, http_status: int, message: str) -> None:
        super().__init__(message)
        self.http = http_status


class Missing(NotFound):
    """The service does not know the object."""


@dataclass(frozen=True)
class Response:
    """Status, headers and JSON value of an answer."""

    status: int
    headers: Mapping[str, str]
    value: Any


class Rest:
    """The local cloud at the address of the environment; refuses any that is not loopback."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._host, self._port = _loopback(environ.get(ADDRESS, ""))

    def call(self, ctx: Context | None, request: Request) -> Any:
        """The JSON answer; raises Missing or Refused."""
        return self.send(ctx, request).value

    def send(
        self,
        ctx: Context | None,
        request: Request,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request, repeated while the service is busy. content: a body that is no JSON."""
        wait_s = _FIRST_WAIT_S
        for attempt in range(_TRIES):
            answer = self._once(request, content, headers or {})
            if answer.status < 400:
                return answer
            refusal = _refusal(request, answer)
            if answer.status not in _AGAIN or ctx is None or attempt == _TRIES - 1:
                raise refusal
            ctx.wait(wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
        raise AssertionError("the last try returns or raises")

    def wait(self, ctx: Context, operation: Mapping[str, Any], version: str) -> dict[str, Any]:
        """The answer of a long-running operation; raises Refused with its error."""
        wait_s, waited = _FIRST_WAIT_S, 0.0
        while not (operation.get("done") or operation.get("status") == "DONE"):
            if waited > ctx.timeout_s:
                raise ProviderError(f"{operation['name']} is not done after {ctx.timeout_s:.0f} s")
            ctx.wait(wait_s)
            waited += wait_s
            wait_s = min(wait_s * 1.5, _LONGEST_WAIT_S)
            path = f"/{version}/{urllib.parse.quote(str(operation['name']), safe='/@')}"
            if "selfLink" in operation:  # Compute Engine's own form
                path = urllib.parse.urlsplit(str(operation["selfLink"])).path
            operation = self.call(ctx, Request(method="GET", path=path))
        if "error" in operation:
            raise Refused(400, str(operation["error"].get("message", "the operation failed")))
        answer = dict(operation.get("response", {}))
        answer.pop("@type", None)
        return answer

    def _once(
        self, request: Request, content: bytes | None, headers: Mapping[str, str]
    ) -> Response:
        query = f"?{urllib.parse.urlencode(request.query)}" if request.query else ""
        body = content
        sent = {"Authorization": "Bearer local-sandbox", **headers}
        if content is None and request.body is not None:
            body = json.dumps(request.body).encode()
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE_S)
        try:
            connection.request(request.method, request.path + query, body=body, headers=sent)
            answer = connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException) as error:
            value = {"error": {"message": f"no answer: {error}"}}
            return Response(503, {}, value)
        finally:
            connection.close()
        return Response(answer.status, dict(answer.getheaders()), _value(raw))


def _value(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        return {"error": {"message": raw[:200].decode(errors="replace")}}


def _refusal(request: Request, answer: Response) -> ProviderError:
    error = answer.value.get("error", {}) if isinstance(answer.value, dict) else {}
    text = f"{request.method} {request.path}: Error {answer.status}: {error.get('message', '')}"
    if answer.status == 404:
        return Missing(text)
    return Refused(answer.status, text)


def _loopback(address: str) -> tuple[str, int]:
    if not address:
        raise ProviderError(
            f"{ADDRESS} is not set: the sandbox's stand-in for gcp only talks to a local cloud; "
            "start one with `./mlp sandbox up`"
        )
    found = urllib.parse.urlsplit(address)
    host = found.hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ProviderError(
            f"{ADDRESS} is {address}: the sandbox's stand-in for gcp refuses every address that "
            "is not loopback"
        )
    return host, found.port or 80
