"""Long-running operations of Azure ML: write, wait, and never more than one at a time.

Azure ML refuses a change of a resource that is being changed (409). After a kill the former change
may still be going on, so every write first waits until the resource is at rest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from mlplatform.contracts.azure import types
from mlplatform.gaps.plugin.azure.cloud import AzureCloud, AzureError
from mlplatform.provider.model import Context, NotFound, ProviderError

API_VERSION = types()["azure-native:machinelearningservices:OnlineEndpoint"].api_version

_MOVING = frozenset({"creating", "updating", "deleting", "scaling"})
"""Provisioning states that end by themselves (azure-ai-ml, DeploymentProvisioningState)."""
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 15.0
_GROWTH = 1.5
_CONFLICT = 409
_CONFLICT_TRIES = 6

Json = dict[str, Any]


class OperationFailedError(ProviderError):
    """Azure accepted the change and could not finish it, or it took too long."""


class Work:
    """The calls of one operation of the engine, with one deadline for all of them."""

    def __init__(self, ctx: Context, cloud: AzureCloud, api_version: str = API_VERSION) -> None:
        self._ctx = ctx
        self._cloud = cloud
        self._api_version = api_version
        self._end = time.monotonic() + ctx.timeout_s

    def get(self, path: str) -> Json | None:
        """What Azure shows; None when it is not there."""
        try:
            _, found = self._cloud.call(self._ctx, "GET", path, self._api_version)
        except NotFound:
            return None
        answer: Json = found
        return answer

    def children(self, path: str) -> list[Json]:
        """The resources of a collection, page by page; none when its parent is gone."""
        page = self.get(path)
        found: list[Json] = []
        while page is not None:
            found += page["value"]
            url = page.get("nextLink")
            page = self._cloud.follow(self._ctx, url) if url else None
        return found

    def at_rest(self, path: str) -> Json | None:
        """The resource once nothing changes it any more; None when it is gone."""
        for _ in self._pauses(path):
            found = self.get(path)
            if found is None or state(found).lower() not in _MOVING:
                return found
            self._ctx.status(f"{name(path)} is {state(found)}")
        raise AssertionError("pauses end by raising")

    def write(self, method: str, path: str, body: Json) -> None:
        """PUT or PATCH, and wait until it is done.

        Raises:
            AzureError: refused; nothing was changed.
            OperationFailedError: accepted, and then failed.
        """
        for attempt, _ in enumerate(self._pauses(path), start=1):
            try:
                headers, _ = self._cloud.call(self._ctx, method, path, self._api_version, body)
            except AzureError as error:
                if not _is_busy(error, attempt):
                    raise
                self.at_rest(path)
                continue
            self._wait(headers, f"{method} {path}", path)
            return

    def delete(self, path: str) -> None:
        """DELETE, and wait until it is gone; what is not there is done."""
        for attempt, _ in enumerate(self._pauses(path), start=1):
            if self.at_rest(path) is None:
                return
            try:
                headers, _ = self._cloud.call(self._ctx, "DELETE", path, self._api_version)
            except NotFound:
                return
            except AzureError as error:
                if not _is_busy(error, attempt):
                    raise
                continue
            self._wait(headers, f"DELETE {path}", path)
            return

    def purge(self, path: str) -> None:
        """DELETE what is deleted already, and wait until nothing is left to take back."""
        query = "forceToPurge=true"
        headers, _ = self._cloud.call(self._ctx, "DELETE", path, API_VERSION, query=query)
        self._wait(headers, f"purge of {path}", path)

    def _wait(self, headers: dict[str, str], what: str, path: str) -> None:
        lower = {name.lower(): value for name, value in headers.items()}
        url = lower.get("azure-asyncoperation")
        if url is None:
            return
        for _ in self._pauses(what):
            answer = self._cloud.follow(self._ctx, url)
            if answer["status"] == "Succeeded":
                return
            if answer["status"] in ("Failed", "Canceled"):
                error = answer.get("error") or {}
                text = error.get("message", answer["status"])
                raise OperationFailedError(f"{what}: {text} ({error.get('code', 'Failed')})")
            self._ctx.status(f"{what.partition(' ')[0]} {name(path)} is {answer['status']}")

    def _pauses(self, what: str) -> Iterator[None]:
        """One turn after another, with longer pauses between them each time.

        Raises:
            OperationFailedError: at the deadline.
            Cancelled: at once, when the engine cancels.
        """
        pause_s = _FIRST_PAUSE_S
        while True:
            yield
            left_s = self._end - time.monotonic()
            if left_s <= 0:
                raise OperationFailedError(
                    f"{what} took longer than {self._ctx.timeout_s:g} seconds; the next update "
                    "goes on from there"
                )
            self._ctx.wait(min(pause_s, left_s))
            pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)


def _is_busy(error: AzureError, attempt: int) -> bool:
    """Whether to try again: a name that somebody else has is a conflict too, and stays one."""
    return error.status == _CONFLICT and attempt < _CONFLICT_TRIES


def state(resource: Json) -> str:
    """The provisioning state."""
    return str((resource.get("properties") or {}).get("provisioningState", ""))


def name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
