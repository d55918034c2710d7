"""Whose blob a request speaks of, and how the blob service refuses."""

from __future__ import annotations

import base64
import datetime
import email.utils
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from mlplatform.sandbox.clouds.azure.answer import Answer
from mlplatform.sandbox.clouds.azure.world import World

_ACCOUNTS = "Microsoft.Storage/storageAccounts"
_VERSION = "2024-11-04"


class BlobError(Exception):
    """A refusal in the blob service's own form."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self) -> Answer:
        text = (
            '<?xml version="1.0" encoding="utf-8"?>'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
        )
        headers = {"x-ms-error-code": self.code, "Content-Type": "application/xml"}
        return Answer(status=self.status, body=text.encode(), headers=common(headers))


@dataclass(frozen=True, kw_only=True)
class BlobRequest:
    """One request, with header and query names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Place:
    account: str
    container: str
    blob: str

    @property
    def key(self) -> str:
        return f"{self.account}/{self.container}/{self.blob}"


def place_of(world: World, request: BlobRequest) -> Place:
    parts = urllib.parse.unquote(request.path).lstrip("/").split("/")
    account = _named_account(request.headers)
    if account is None:
        account, parts = parts[0], parts[1:]
    if not account_id(world, account):
        raise BlobError(404, "ResourceNotFound", f"The account '{account}' does not exist.")
    container = parts[0] if parts else ""
    return Place(account=account, container=container, blob="/".join(parts[1:]))


def _named_account(headers: Mapping[str, str]) -> str | None:
    """The account in the host or in the user part of the URL; None when it is in the path."""
    host = headers.get("host", "").partition(":")[0]
    if ".blob." in host:
        return host.partition(".")[0]
    kind, _, text = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    user = base64.b64decode(text).decode().partition(":")[0]
    return user.partition(".")[0] if ".blob." in user else None


def account_id(world: World, account: str) -> str | None:
    found = world.of_type(_ACCOUNTS)
    return next((str(r["id"]) for r in found if r["name"] == account), None)


def container_id(world: World, place: Place) -> str:
    account = account_id(world, place.account)
    return f"{account}/blobServices/default/containers/{place.container}"


def require_container(world: World, place: Place) -> None:
    if not world.exists(container_id(world, place)):
        raise BlobError(404, "ContainerNotFound", "The specified container does not exist.")


def common(headers: dict[str, str]) -> dict[str, str]:
    when = datetime.datetime.now(datetime.UTC)
    return {
        "x-ms-version": _VERSION,
        "Date": email.utils.format_datetime(when, usegmt=True),
        "x-ms-request-server-encrypted": "true",
        **headers,
    }
