"""A blob service: enough of it for azure-storage-blob, azure-ai-ml's uploads and the providers.

Three ways to name an account are understood: the first part of the path
(`https://localhost:PORT/account/container/blob`, as for the public emulator), the host
(`https://account.blob.localhost:PORT`), and the user name of an URL
(`https://account.blob.sandbox:x@localhost:PORT`), which is what azure-ai-ml builds from the
storage suffix of the cloud's metadata where `*.localhost` does not resolve.
"""

from __future__ import annotations

import base64
import datetime
import email.utils
import hashlib
import shutil
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from mlplatform.sandbox.clouds.azure.answer import Answer
from mlplatform.sandbox.clouds.azure.world import Json, World

_SECTION = "blobs"
_CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"
_ACCOUNTS = "Microsoft.Storage/storageAccounts"
_VERSION = "2024-11-04"
STORAGE_USER = "sandbox:x"
"""Puts the account's name into the user part of an URL; see the module's docstring."""


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
        return Answer(status=self.status, body=text.encode(), headers=_common(headers))


@dataclass(frozen=True, kw_only=True)
class BlobRequest:
    """One request, with header and query names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class _Place:
    account: str
    container: str
    blob: str

    @property
    def key(self) -> str:
        return f"{self.account}/{self.container}/{self.blob}"


def handle(world: World, request: BlobRequest) -> Answer:
    """Answer a request to the blob service."""
    try:
        place = _place(world, request)
        if not ("authorization" in request.headers or "sig" in request.query):
            raise BlobError(
                409, "PublicAccessNotPermitted", "Public access is not permitted on this account."
            )
        return _answer(world, request, place)
    except BlobError as error:
        return error.answer()


def put_blob(
    world: World, account: str, container: str, blob: str, content: bytes, headers: Json
) -> None:
    """Store a blob; used by the service and by tests that look from behind."""
    place = _Place(account=account, container=container, blob=blob)
    path = _file(world, place)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".new")
    aside.write_bytes(content)
    aside.replace(path)
    row = {
        "etag": '"0x' + hashlib.sha256(content).hexdigest()[:16].upper() + '"',
        "modified": email.utils.formatdate(usegmt=True),
        "created": email.utils.formatdate(usegmt=True),
        "size": len(content),
        "md5": base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode(),
        **headers,
    }
    world.store.put(_SECTION, place.key, row)


def drop_container(world: World, *, account: str, container: str) -> None:
    """Delete what lies in a container that is gone."""
    for key, _ in list(world.store.items(_SECTION)):
        if key.startswith(f"{account}/{container}/"):
            world.store.delete(_SECTION, key)
    shutil.rmtree(world.folder / "blobs" / account / container, ignore_errors=True)


def _answer(world: World, request: BlobRequest, place: _Place) -> Answer:
    query = request.query
    if not place.container:
        if query.get("comp") == "list":
            return _list_containers(world, place.account)
        headers = _common({"x-ms-account-kind": "StorageV2", "x-ms-sku-name": "Standard_LRS"})
        return Answer(status=200, headers=headers)
    if not place.blob:
        return _container(world, request, place)
    _require_container(world, place)
    if request.method == "PUT":
        return _put(world, request, place)
    row = world.store.get(_SECTION, place.key)
    if row is None:
        raise BlobError(404, "BlobNotFound", "The specified blob does not exist.")
    if request.method == "DELETE":
        world.store.delete(_SECTION, place.key)
        _file(world, place).unlink(missing_ok=True)
        return Answer(status=202, headers=_common({}))
    return _get(world, request, place, row)


def _put(world: World, request: BlobRequest, place: _Place) -> Answer:
    comp = request.query.get("comp", "")
    old = world.store.get(_SECTION, place.key)
    if comp == "block":
        part = _blocks(world, place) / hashlib.sha256(request.query["blockid"].encode()).hexdigest()
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(request.body)
        return Answer(status=201, headers=_common({}))
    if comp in ("metadata", "properties", "tier"):
        if old is None:
            raise BlobError(404, "BlobNotFound", "The specified blob does not exist.")
        kept = _described(request.headers)
        if comp == "metadata":
            kept = {"metadata": kept["metadata"]}
        world.store.put(_SECTION, place.key, {**old, **kept})
        return Answer(status=200, headers=_common({"ETag": old["etag"]}))
    if old is not None and request.headers.get("if-none-match") == "*":
        raise BlobError(409, "BlobAlreadyExists", "The specified blob already exists.")
    content = _committed(world, request, place) if comp == "blocklist" else request.body
    put_blob(
        world, place.account, place.container, place.blob, content, _described(request.headers)
    )
    row = world.store.get(_SECTION, place.key) or {}
    return Answer(
        status=201,
        headers=_common({"ETag": row["etag"], "Last-Modified": row["modified"]}),
    )


def _committed(world: World, request: BlobRequest, place: _Place) -> bytes:
    """The blocks that a block list names, in its order."""
    text = request.body.decode()
    folder = _blocks(world, place)
    content = b""
    for kind in ("Latest", "Uncommitted", "Committed"):
        text = text.replace(f"<{kind}>", "<b>").replace(f"</{kind}>", "</b>")
    for piece in text.split("<b>")[1:]:
        part = folder / hashlib.sha256(piece.partition("</b>")[0].encode()).hexdigest()
        if not part.exists():
            raise BlobError(400, "InvalidBlockList", "The specified block list is invalid.")
        content += part.read_bytes()
    shutil.rmtree(folder, ignore_errors=True)
    return content


def _get(world: World, request: BlobRequest, place: _Place, row: Json) -> Answer:
    headers = _common(
        {
            "ETag": row["etag"],
            "Last-Modified": row["modified"],
            "Content-Type": row.get("content_type") or "application/octet-stream",
            "Content-MD5": row["md5"],
            "Accept-Ranges": "bytes",
            "x-ms-blob-type": "BlockBlob",
            "x-ms-creation-time": row["created"],
            **{f"x-ms-meta-{k}": v for k, v in (row.get("metadata") or {}).items()},
        }
    )
    if request.method == "HEAD":
        return Answer(status=200, headers={**headers, "Content-Length": str(row["size"])})
    content = _file(world, place).read_bytes()
    wanted = request.headers.get("x-ms-range") or request.headers.get("range") or ""
    if not wanted.startswith("bytes="):
        return Answer(status=200, body=content, headers=headers)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start = int(first or 0)
    end = min(int(last) if last else len(content) - 1, len(content) - 1)
    if start >= len(content):
        raise BlobError(416, "InvalidRange", "The range specified is invalid.")
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Answer(status=206, body=content[start : end + 1], headers=headers)


def _container(world: World, request: BlobRequest, place: _Place) -> Answer:
    id_ = _container_id(world, place)
    if request.query.get("comp") == "list":
        _require_container(world, place)
        return _list_blobs(world, request, place)
    if request.method == "PUT" and request.query.get("restype") == "container":
        if world.exists(id_):
            raise BlobError(
                409, "ContainerAlreadyExists", "The specified container already exists."
            )
        properties = {"publicAccess": "None"}
        name = place.container
        world.put({"id": id_, "name": name, "type": _CONTAINERS, "properties": properties})
        return Answer(status=201, headers=_common({}))
    _require_container(world, place)
    if request.method == "DELETE":
        world.delete(id_)
        drop_container(world, account=place.account, container=place.container)
        return Answer(status=202, headers=_common({}))
    headers = {"ETag": '"0x1"', "Last-Modified": email.utils.formatdate(usegmt=True)}
    return Answer(status=200, headers=_common(headers))


def _list_blobs(world: World, request: BlobRequest, place: _Place) -> Answer:
    prefix = request.query.get("prefix", "")
    start = f"{place.account}/{place.container}/"
    lines = []
    for key, row in world.store.items(_SECTION):
        name = key.removeprefix(start)
        if name == key or not name.startswith(prefix):
            continue
        metadata = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in (row["metadata"] or {}).items())
        lines.append(
            f"<Blob><Name>{escape(name)}</Name><Properties>"
            f"<Last-Modified>{row['modified']}</Last-Modified><Etag>{row['etag']}</Etag>"
            f"<Content-Length>{row['size']}</Content-Length>"
            f"<Content-Type>{escape(row.get('content_type') or '')}</Content-Type>"
            f"<BlobType>BlockBlob</BlobType></Properties><Metadata>{metadata}</Metadata></Blob>"
        )
    return _listing(f'ContainerName="{place.container}"', "Blobs", lines)


def _list_containers(world: World, account: str) -> Answer:
    when = email.utils.formatdate(usegmt=True)
    lines = [
        f"<Container><Name>{r['name']}</Name><Properties><Last-Modified>{when}</Last-Modified>"
        '<Etag>"0x1"</Etag></Properties></Container>'
        for r in world.of_type(_CONTAINERS)
        if f"/storageaccounts/{account}/" in str(r["id"]).lower()
    ]
    return _listing("", "Containers", lines)


def _listing(attribute: str, tag: str, lines: list[str]) -> Answer:
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults {attribute}>'
        f"<{tag}>{''.join(lines)}</{tag}><NextMarker /></EnumerationResults>"
    )
    headers = _common({"Content-Type": "application/xml"})
    return Answer(status=200, body=text.encode(), headers=headers)


def _place(world: World, request: BlobRequest) -> _Place:
    parts = urllib.parse.unquote(request.path).lstrip("/").split("/")
    account = _named_account(request.headers)
    if account is None:
        account, parts = parts[0], parts[1:]
    if not _account_id(world, account):
        raise BlobError(404, "ResourceNotFound", f"The account '{account}' does not exist.")
    container = parts[0] if parts else ""
    return _Place(account=account, container=container, blob="/".join(parts[1:]))


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


def _account_id(world: World, account: str) -> str | None:
    found = world.of_type(_ACCOUNTS)
    return next((str(r["id"]) for r in found if r["name"] == account), None)


def _container_id(world: World, place: _Place) -> str:
    account = _account_id(world, place.account)
    return f"{account}/blobServices/default/containers/{place.container}"


def _require_container(world: World, place: _Place) -> None:
    if not world.exists(_container_id(world, place)):
        raise BlobError(404, "ContainerNotFound", "The specified container does not exist.")


def _described(headers: Mapping[str, str]) -> Json:
    metadata = {
        k.removeprefix("x-ms-meta-"): v for k, v in headers.items() if k.startswith("x-ms-meta-")
    }
    return {"metadata": metadata, "content_type": headers.get("x-ms-blob-content-type")}


def _file(world: World, place: _Place) -> Path:
    # Blob names may hold anything, and may be longer than a file name can be.
    name = hashlib.sha256(place.blob.encode()).hexdigest()
    return world.folder / "blobs" / place.account / place.container / name


def _blocks(world: World, place: _Place) -> Path:
    return _file(world, place).with_suffix(".blocks")


def _common(headers: dict[str, str]) -> dict[str, str]:
    when = datetime.datetime.now(datetime.UTC)
    return {
        "x-ms-version": _VERSION,
        "Date": email.utils.format_datetime(when, usegmt=True),
        "x-ms-request-server-encrypted": "true",
        **headers,
    }
