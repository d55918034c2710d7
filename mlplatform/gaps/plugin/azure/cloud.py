"""One Azure subscription: its settings, who the credentials belong to, and calls to its API.

Calls go over plain `requests`; credentials come from azure-identity's DefaultAzureCredential, and
another cloud than the public one from ARM_METADATA_HOSTNAME, as for pulumi-azure-native. Both are
imported with the first call, so that a preview loads neither.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mlplatform.gaps.plugin.fields import Text, check_texts, unknown_names
from mlplatform.provider.model import Context, Failure, NotFound, ProviderError

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_SETTINGS = {
    "subscription_id": Text(
        pattern=_GUID,
        longest=36,
        allowed="the GUID of an Azure subscription",
        source="REST reference Subscriptions Get",
    ),
    "tenant_id": Text(
        pattern=_GUID,
        longest=36,
        allowed="the GUID of the subscription's tenant",
        source="REST reference Subscriptions Get",
    ),
}
_PUBLIC_CLOUD = "https://management.azure.com"
_METADATA = "https://{}/metadata/endpoints?api-version=2022-09-01"
_SUBSCRIPTION_API = "2022-12-01"
_TIMEOUT_S = 60
_TRIES = 8
_LONGEST_PAUSE_S = 30.0
_TOKEN_MARGIN_S = 300


class AzureError(ProviderError):
    """Azure refused a call.

    Attributes:
        status: HTTP status.
        code: Azure's error code, such as `BadRequest`.
        detail: the service's own text.
    """

    def __init__(self, what: str, status: int, code: str, detail: str) -> None:
        super().__init__(f"{what}: {detail} ({code})")
        self.status = status
        self.code = code
        self.detail = detail


class AzureCloud:
    """Settings and calls of one subscription; safe for many threads."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.subscription_id: str = config["subscription_id"]
        self.tenant_id: str = config["tenant_id"]
        self._lock = threading.Lock()
        self._verifying = threading.Lock()
        self._local = threading.local()
        self._endpoint = ""
        self._authority: str | None = None
        self._credential: Any = None
        self._token = ""
        self._token_ends = 0.0
        self._verified = False
        self._busy: dict[str, threading.Lock] = {}

    @staticmethod
    def check(config: Mapping[str, Any]) -> list[Failure]:
        """All that is wrong with the settings."""
        return [
            *unknown_names(config, _SETTINGS, "azure."),
            *check_texts(config, _SETTINGS, "azure."),
        ]

    def verify(self, warn: Callable[[str], None]) -> None:
        """Nothing: asking needs a token, and a preview gets along without one. See `call`."""
        del warn

    @contextmanager
    def alone(self, id_: str) -> Iterator[None]:
        """One change at a time for what is read, changed and written back."""
        with self._lock:
            lock = self._busy.setdefault(id_.lower(), threading.Lock())
        with lock:
            yield

    def call(
        self,
        ctx: Context,
        method: str,
        path: str,
        api_version: str,
        body: Any = None,
        query: str = "",
    ) -> tuple[dict[str, str], Any]:
        """One call; the headers and the body of the answer. Throttles and outages are tried again.

        query: what follows the API version in the address, encoded already.

        Raises:
            NotFound: status 404.
            AzureError: Azure refused.
            ProviderError: wrong subscription, no credentials, no way to Azure.
        """
        self._verify(ctx)
        return self._send(ctx, method, path, api_version, body, query)

    def follow(self, ctx: Context, url: str) -> Any:
        """GET the status of a long-running operation; only at the API's own address."""
        if not url.startswith(self._endpoint + "/"):
            raise ProviderError(f"Azure answered with an operation elsewhere: {url}")
        return self._exchange(ctx, "GET", url, None)[1]

    def _send(
        self, ctx: Context, method: str, path: str, api_version: str, body: Any, query: str = ""
    ) -> tuple[dict[str, str], Any]:
        url = f"{self._base()}{path}?api-version={api_version}" + (f"&{query}" if query else "")
        return self._exchange(ctx, method, url, body)

    def _exchange(
        self, ctx: Context, method: str, url: str, body: Any
    ) -> tuple[dict[str, str], Any]:
        import requests

        what = f"{method} {url.partition('?')[0].removeprefix(self._endpoint)}"
        failure = ""
        for attempt in range(_TRIES):
            try:
                answer = self._session().request(
                    method,
                    url,
                    json=body,
                    headers={"Authorization": f"Bearer {self._bearer()}"},
                    timeout=_TIMEOUT_S,
                )
            except requests.RequestException as error:
                # Safe to send again: GET, PUT, PATCH and DELETE say what shall be.
                failure = f"{what}: {type(error).__name__}: {error}"
                ctx.wait(min(0.2 * 2**attempt, _LONGEST_PAUSE_S))
                continue
            if answer.status_code in (408, 429) or answer.status_code >= 500:
                failure = str(_refusal(what, answer))
                asked = answer.headers.get("Retry-After", "")
                ctx.wait(float(asked) if asked.isdigit() else min(0.2 * 2**attempt, 30))
                continue
            if answer.status_code == 404:
                raise NotFound(str(_refusal(what, answer)))
            if answer.status_code >= 400:
                raise _refusal(what, answer)
            return dict(answer.headers), answer.json() if answer.content else None
        raise ProviderError(f"{failure}; tried {_TRIES} times")

    def _session(self) -> Any:
        import requests

        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        return self._local.session

    def _base(self) -> str:
        """The address of Resource Manager in the cloud that the environment names."""
        with self._lock:
            if self._endpoint:
                return self._endpoint
            host = os.environ.get("ARM_METADATA_HOSTNAME", "")
            endpoint = _PUBLIC_CLOUD
            if host:
                import requests

                try:
                    answer = requests.get(_METADATA.format(host), timeout=_TIMEOUT_S)
                    answer.raise_for_status()
                    found = answer.json()
                    cloud = found[0] if isinstance(found, list) else found
                    endpoint = str(cloud["resourceManager"])
                    self._authority = str(cloud["authentication"]["loginEndpoint"])
                except (requests.RequestException, ValueError, KeyError, IndexError) as error:
                    raise ProviderError(
                        f"no cloud metadata from {host} (ARM_METADATA_HOSTNAME): {error}"
                    ) from error
            self._endpoint = endpoint.rstrip("/")
            return self._endpoint

    def _bearer(self) -> str:
        endpoint = self._base()
        with self._lock:
            if self._token and time.time() < self._token_ends - _TOKEN_MARGIN_S:
                return self._token
            from azure.core.exceptions import AzureError as SdkError
            from azure.identity import DefaultAzureCredential

            if self._credential is None:
                options = {"authority": self._authority} if self._authority else {}
                self._credential = DefaultAzureCredential(**options)
            try:
                token = self._credential.get_token(f"{endpoint}/.default")
            except (SdkError, ValueError) as error:
                text = str(error).strip().split("\n")[0]
                raise ProviderError(f"no Azure credentials: {text}") from error
            self._token, self._token_ends = str(token.token), float(token.expires_on)
            return self._token

    def _verify(self, ctx: Context) -> None:
        """The subscription must be one that the credentials see, in the tenant of the settings."""
        if self._verified:
            return
        with self._verifying:
            if self._verified:
                return
            path = f"/subscriptions/{self.subscription_id}"
            try:
                _, found = self._send(ctx, "GET", path, _SUBSCRIPTION_API, None)
            except NotFound:
                raise ProviderError(
                    f"the Azure credentials do not see subscription {self.subscription_id}; "
                    "nothing was changed"
                ) from None
            if str(found.get("tenantId", "")).lower() != self.tenant_id.lower():
                raise ProviderError(
                    f"subscription {self.subscription_id} belongs to tenant "
                    f"{found.get('tenantId')}, but this stack is for tenant {self.tenant_id}; "
                    "nothing was changed"
                )
            self._verified = True


def _refusal(what: str, answer: Any) -> AzureError:
    try:
        error = answer.json().get("error") or {}
    except (ValueError, AttributeError):
        error = {}
    code = str(error.get("code", answer.status_code))
    return AzureError(what, answer.status_code, code, str(error.get("message", answer.reason)))
