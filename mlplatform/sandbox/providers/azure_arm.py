"""Calls to the local Resource Manager, with waiting for long-running operations."""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import ssl
import threading
import urllib.parse
from typing import Any

from mlplatform.provider.model import Context, NotFound, ProviderError

_TIMEOUT_S = 60
_RETRIES = 6
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0
MAKER = "x-mlp-maker"
"""Header that tells which resource of a program made an object; see `AzureNative.create`."""


class ArmFailure(ProviderError):  # noqa: N818 - reads as what happened
    """Azure refused. created: something exists all the same."""

    def __init__(self, message: str, *, status: int, code: str, created: bool = False) -> None:
        super().__init__(message)
        self.status, self.code, self.created = status, code, created


class Arm:
    """One client for all threads: each thread has connections of its own."""

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        given = os.environ if environ is None else environ
        self.endpoint = loopback(given.get("MLP_SANDBOX_AZURE_ARM_ENDPOINT"))
        self.blob_endpoint = loopback(given.get("MLP_SANDBOX_AZURE_BLOB_ENDPOINT"))
        self._token = given.get("MLP_SANDBOX_AZURE_TOKEN", "")
        self._tls = ssl.create_default_context(cafile=given.get("MLP_SANDBOX_AZURE_CA"))
        self._local = threading.local()

    def call(
        self,
        ctx: Context,
        method: str,
        path: str,
        *,
        api_version: str,
        body: Any = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], Any]:
        """One request; throttles and server errors are tried again.

        Raises:
            NotFound: status 404.
            ArmFailure: any other refusal.
        """
        asked = {"api-version": api_version, **(query or {})}
        text = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in asked.items()}
        url = f"{urllib.parse.quote(path)}?{urllib.parse.urlencode(text)}"
        content = None if body is None else json.dumps(body).encode()
        sent = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            **(headers or {}),
        }
        for attempt in range(_RETRIES):
            status, got, answer = self.send(self.endpoint, method, url, content, sent)
            if status in (408, 429) or status >= 500:
                ctx.wait(float(got.get("retry-after", 0)) or _FIRST_PAUSE_S * 2**attempt)
                continue
            break
        value = json.loads(answer) if answer else None
        if status >= 400:
            raise _refusal(method, path, status, value)
        return status, got, value

    def write(self, ctx: Context, path: str, api_version: str, body: Any, **options: Any) -> None:
        """PUT, and wait until it is done.

        Raises:
            ArmFailure: refused, or accepted and then failed (`created`).
        """
        _, headers, _ = self.call(ctx, "PUT", path, api_version=api_version, body=body, **options)
        self._wait(ctx, headers, f"PUT {path}", created=True)

    def remove(self, ctx: Context, path: str, api_version: str) -> None:
        """DELETE, and wait until it is gone."""
        try:
            _, headers, _ = self.call(ctx, "DELETE", path, api_version=api_version)
        except NotFound:
            return
        self._wait(ctx, headers, f"DELETE {path}", created=False)

    def _wait(self, ctx: Context, headers: dict[str, str], what: str, *, created: bool) -> None:
        operation = headers.get("azure-asyncoperation")
        pause = _FIRST_PAUSE_S
        waited = 0.0
        while operation is not None:
            url = urllib.parse.urlsplit(operation)
            version = dict(urllib.parse.parse_qsl(url.query))["api-version"]
            _, _, answer = self.call(ctx, "GET", url.path, api_version=version)
            status = answer["status"]
            if status == "Succeeded":
                return
            if status in ("Failed", "Canceled"):
                error = answer.get("error") or {}
                text = f"{what}: {error.get('message', status)} ({error.get('code', status)})"
                raise ArmFailure(
                    text, status=200, code=str(error.get("code", status)), created=created
                )
            if waited > ctx.timeout_s:
                text = f"{what}: not done after {ctx.timeout_s:g} s"
                raise ArmFailure(text, status=0, code="Timeout", created=created)
            ctx.wait(pause)
            waited += pause
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def send(
        self,
        endpoint: str,
        method: str,
        url: str,
        content: bytes | None,
        headers: dict[str, str],
    ) -> tuple[int, dict[str, str], bytes]:
        """One exchange; a connection that the other side has closed is opened anew."""
        for fresh in (False, True):
            connection = self._connection(endpoint, fresh=fresh)
            try:
                connection.request(method, url, content, headers)
                answer = connection.getresponse()
                got = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, got, answer.read()
            except (http.client.HTTPException, OSError) as error:
                # A PUT or DELETE may be sent twice: both say what shall be, not what to add.
                if fresh:
                    raise ProviderError(
                        f"{method} {url.partition('?')[0]}: the local Azure does not answer "
                        f"({type(error).__name__})"
                    ) from error
        raise AssertionError("the second round returns or raises")

    def _connection(self, endpoint: str, *, fresh: bool) -> http.client.HTTPSConnection:
        known: dict[str, http.client.HTTPSConnection] = self._local.__dict__.setdefault("by", {})
        if fresh and endpoint in known:
            known.pop(endpoint).close()
        if endpoint not in known:
            host = endpoint.removeprefix("https://")
            known[endpoint] = http.client.HTTPSConnection(
                host, context=self._tls, timeout=_TIMEOUT_S
            )
        return known[endpoint]


def loopback(endpoint: str | None) -> str:
    """The endpoint, when it is on this machine.

    Raises:
        ProviderError: it is missing or elsewhere: a stand-in never speaks to a real cloud.
    """
    if not endpoint:
        raise ProviderError("the stand-in for azure-native runs inside the sandbox only")
    host = urllib.parse.urlsplit(endpoint).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local or not endpoint.startswith("https://"):
        raise ProviderError(f"got the address {endpoint}, allowed: https on this machine only")
    return endpoint.rstrip("/")


def _refusal(method: str, path: str, status: int, value: Any) -> ProviderError:
    error = (value or {}).get("error") or {}
    code, message = str(error.get("code", status)), str(error.get("message", ""))
    if status == 404:
        return NotFound(f"{method} {path}: {message} ({code})")
    return ArmFailure(f"{method} {path}: {message} ({code})", status=status, code=code)
