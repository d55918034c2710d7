"""A blob service: enough of it for azure-storage-blob, azure-ai-ml's uploads and the providers.

Three ways to name an account are understood: the first part of the path
(`https://localhost:PORT/account/container/blob`, as for the public emulator), the host
(`https://account.blob.localhost:PORT`), and the user name of an URL
(`https://account.blob.sandbox:x@localhost:PORT`), which is what azure-ai-ml builds from the
storage suffix of the cloud's metadata where `*.localhost` does not resolve.
"""

from __future__ import annotations

import base64
import email.utils
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from mlplatform.sandbox.clouds.azure.answer import Answer
from mlplatform.sandbox.clouds.azure.blob_lists import (
    CONTAINERS,
    SECTION,
    list_blobs,
    list_containers,
)
from mlplatform.sandbox.clouds.azure.blob_place import (
    BlobError,
    BlobRequest,
    Place,
    common,
    container_id,
    place_of,
    require_container,
)
from mlplatform.sandbox.clouds.azure.world import Json, World

STORAGE_USER = "sandbox:x"
"""Puts the account's name into the user part of an URL; see the module's docstring."""


def handle(world: World, request: BlobRequest) -> Answer:
    """Answer a request to the blob service."""
    try:
        place = place_of(world, request)
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
    place = Place(account=account, container=container, blob=blob)
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
    world.store.put(SECTION, place.key, row)


def drop_container(world: World, *, account: str, container: str) -> None:
    """Delete what lies in a container that is gone."""
    for key, _ in list(world.store.items(SECTION)):
        if key.startswith(f"{account}/{container}/"):
            world.store.delete(SECTION, key)
    shutil.rmtree(world.folder / "blobs" / account / container, ignore_errors=True)


def _answer(world: World, request: BlobRequest, place: Place) -> Answer:
    query = request.query
    if not place.container:
        if query.get("comp") == "list":
            return list_containers(world, place.account)
        headers = common({"x-ms-account-kind": "StorageV2", "x-ms-sku-name": "Standard_LRS"})
        return Answer(status=200, headers=headers)
    if not place.blob:
        return _container(world, request, place)
    require_container(world, place)
    if request.method == "PUT":
        return _put(world, request, place)
    row = world.store.get(SECTION, place.key)
    if row is None:
        raise BlobError(404, "BlobNotFound", "The specified blob does not exist.")
    if request.method == "DELETE":
        world.store.delete(SECTION, place.key)
        _file(world, place).unlink(missing_ok=True)
        return Answer(status=202, headers=common({}))
    return _get(world, request, place, row)


def _put(world: World, request: BlobRequest, place: Place) -> Answer:
    comp = request.query.get("comp", "")
    old = world.store.get(SECTION, place.key)
    if comp == "block":
        part = _blocks(world, place) / hashlib.sha256(request.query["blockid"].encode()).hexdigest()
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(request.body)
        return Answer(status=201, headers=common({}))
    if comp in ("metadata", "properties", "tier"):
        if old is None:
            raise BlobError(404, "BlobNotFound", "The specified blob does not exist.")
        kept = _described(request.headers)
        if comp == "metadata":
            kept = {"metadata": kept["metadata"]}
        world.store.put(SECTION, place.key, {**old, **kept})
        return Answer(status=200, headers=common({"ETag": old["etag"]}))
    if old is not None and request.headers.get("if-none-match") == "*":
        raise BlobError(409, "BlobAlreadyExists", "The specified blob already exists.")
    content = _committed(world, request, place) if comp == "blocklist" else request.body
    put_blob(
        world, place.account, place.container, place.blob, content, _described(request.headers)
    )
    row = world.store.get(SECTION, place.key) or {}
    return Answer(
        status=201,
        headers=common({"ETag": row["etag"], "Last-Modified": row["modified"]}),
    )


def _committed(world: World, request: BlobRequest, place: Place) -> bytes:
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


def _get(world: World, request: BlobRequest, place: Place, row: Json) -> Answer:
    headers = common(
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


def _container(world: World, request: BlobRequest, place: Place) -> Answer:
    id_ = container_id(world, place)
    if request.query.get("comp") == "list":
        require_container(world, place)
        return list_blobs(world, request, place)
    if request.method == "PUT" and request.query.get("restype") == "container":
        if world.exists(id_):
            raise BlobError(
                409, "ContainerAlreadyExists", "The specified container already exists."
            )
        properties = {"publicAccess": "None"}
        name = place.container
        world.put({"id": id_, "name": name, "type": CONTAINERS, "properties": properties})
        return Answer(status=201, headers=common({}))
    require_container(world, place)
    if request.method == "DELETE":
        world.delete(id_)
        drop_container(world, account=place.account, container=place.container)
        return Answer(status=202, headers=common({}))
    headers = {"ETag": '"0x1"', "Last-Modified": email.utils.formatdate(usegmt=True)}
    return Answer(status=200, headers=common(headers))


def _described(headers: Mapping[str, str]) -> Json:
    metadata = {
        k.removeprefix("x-ms-meta-"): v for k, v in headers.items() if k.startswith("x-ms-meta-")
    }
    return {"metadata": metadata, "content_type": headers.get("x-ms-blob-content-type")}


def _file(world: World, place: Place) -> Path:
    # Blob names may hold anything, and may be longer than a file name can be.
    name = hashlib.sha256(place.blob.encode()).hexdigest()
    return world.folder / "blobs" / place.account / place.container / name


def _blocks(world: World, place: Place) -> Path:
    return _file(world, place).with_suffix(".blocks")
