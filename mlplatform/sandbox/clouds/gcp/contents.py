"""Objects in buckets: upload in one go, in parts or resumable; download; metadata.

Contents lie in the blob folder under their hash, so that copies cost nothing.
Source: cloud.google.com/storage/docs/uploads-downloads, storage v1 discovery document.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import google_crc32c

from mlplatform.sandbox.clouds.gcp.call import Answer, Call, Match
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_LONGEST_NAME_BYTES = 1024
_RESUME = 308


class Contents:
    """What stands under `/o/` and the upload and download paths."""

    def __init__(self, world: World, origin: str) -> None:
        self.world = world
        self._origin = origin

    def match(self, call: Call) -> Match | None:
        """Uploads and downloads."""
        up = re.fullmatch(r"(?:/resumable)?/upload/storage/v1/b/([^/]+)/o", call.path)
        if up is not None:
            return Match(operation="storage.objects.insert", run=lambda: self._upload(call, up[1]))
        down = re.fullmatch(r"(?:/download)?/storage/v1/b/([^/]+)/o/(.+)", call.path)
        if down is not None and call.http == "GET":
            bucket, name = down.groups()
            return Match(
                operation="storage.objects.get", run=lambda: self._download(call, bucket, name)
            )
        return None

    def match_object(self, call: Call, method: str, bucket: str, name: str | None) -> Match | None:
        """Metadata of objects."""
        runs: dict[str, Callable[[], Any]] = {
            "objects.list": lambda: self._list(call, bucket),
            "objects.get": lambda: self._object(bucket, name or ""),
            "objects.patch": lambda: self._patch(call, bucket, name or ""),
            "objects.update": lambda: self._patch(call, bucket, name or ""),
            "objects.delete": lambda: self._delete(bucket, name or ""),
        }
        run = runs.get(method)
        if run is None:
            return None

        def answer() -> Answer:
            value = run()
            return Answer(value=value) if value is not None else Answer(status=204, content=b"")

        return Match(operation=f"storage.{method}", run=answer)

    def _upload(self, call: Call, bucket: str) -> Answer:
        self._bucket(bucket)
        kind = call.query.get("uploadType", "media")
        if kind == "resumable":
            return self._resumable(call, bucket)
        if kind == "multipart":
            described, content, content_type = _parts(call)
        else:
            described, content = {}, call.content
            content_type = call.headers.get("content-type", "application/octet-stream")
        described.setdefault("contentType", content_type)
        return Answer(value=self._store(call, bucket, described, content))

    def _resumable(self, call: Call, bucket: str) -> Answer:
        session = call.query.get("upload_id")
        if session is None:
            described = call.body()
            given = call.headers.get("x-upload-content-type")
            if given:
                described.setdefault("contentType", given)
            session = str(self.world.next_number())
            query = {k: v for k, v in call.query.items() if k in ("name", "ifGenerationMatch")}
            self.world.meta[f"upload/{session}"] = {"described": described, "query": query}
            (self.world.blobs / f"part-{session}").write_bytes(b"")
            address = f"{self._origin}{call.path}?uploadType=resumable&upload_id={session}"
            return Answer(value={}, headers={"Location": address, "X-GUploader-UploadID": session})
        kept = self.world.meta.get(f"upload/{session}")
        part = self.world.blobs / f"part-{session}"
        if kept is None or not part.exists():
            raise Refusal("NOT_FOUND", "The upload session is gone.")
        span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", call.headers.get("content-range", ""))
        if span is not None:
            with part.open("r+b") as file:
                file.seek(int(span[1]))
                file.write(call.content)
        elif call.content:
            part.write_bytes(call.content)
        total = re.search(r"/(\d+)$", call.headers.get("content-range", ""))
        size = part.stat().st_size
        if call.headers.get("content-range") and (total is None or size < int(total[1])):
            headers = {"Range": f"bytes=0-{size - 1}"} if size else {}
            return Answer(status=_RESUME, content=b"", headers=headers)
        content = part.read_bytes()
        part.unlink()
        del self.world.meta[f"upload/{session}"]
        asked = Call(http=call.http, path=call.path, query={**kept["query"], **call.query})
        return Answer(value=self._store(asked, bucket, kept["described"], content))

    def _store(self, call: Call, bucket: str, described: Document, content: bytes) -> Document:
        name = str(call.query.get("name") or described.get("name") or "")
        if not name or len(name.encode()) > _LONGEST_NAME_BYTES or re.search(r"[\r\n]", name):
            raise Refusal("INVALID_ARGUMENT", f"Invalid object name: {name!r}")
        key = f"storage/b/{bucket}/o/{name}"
        former = self.world.objects.get(key)
        wanted = call.query.get("ifGenerationMatch")
        if wanted is not None and wanted != (former or {}).get("generation", "0"):
            raise Refusal("FAILED_PRECONDITION", "At least one condition did not hold.", http=412)
        md5 = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        if described.get("md5Hash") not in (None, md5):
            message = "Provided MD5 hash does not match calculated hash."
            raise Refusal("INVALID_ARGUMENT", message)
        blob = hashlib.sha256(content).hexdigest()
        if not (self.world.blobs / blob).exists():
            (self.world.blobs / blob).write_bytes(content)
        holder = self._bucket(bucket)
        generation = str(self.world.next_number() % 10**16)
        at, now = f"{quote(bucket, safe='')}/o/{quote(name, safe='')}", self.world.now()
        key_name = holder.get("encryption", {}).get("defaultKmsKeyName")
        stored = {
            "storageClass": holder.get("storageClass", "STANDARD"),
            "contentType": "application/octet-stream",
            **({"kmsKeyName": f"{key_name}/cryptoKeyVersions/1"} if key_name else {}),
            **{k: v for k, v in described.items() if v is not None},
            "kind": "storage#object",
            "id": f"{bucket}/{name}/{generation}",
            "name": name,
            "bucket": bucket,
            "generation": generation,
            "metageneration": "1",
            "size": str(len(content)),
            "md5Hash": md5,
            "crc32c": base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode(),
            "etag": self.world.etag(),
            "timeCreated": now,
            "updated": now,
            "timeStorageClassUpdated": now,
            "selfLink": f"{self._origin}/storage/v1/b/{at}",
            "mediaLink": f"{self._origin}/download/storage/v1/b/{at}?alt=media",
            "blob": blob,
        }
        self.world.objects[key] = stored
        return _shown(stored)

    def _download(self, call: Call, bucket: str, name: str) -> Answer:
        stored = self._stored(bucket, name)
        content = (self.world.blobs / stored["blob"]).read_bytes()
        headers = {
            "Content-Type": str(stored["contentType"]),
            "X-Goog-Hash": f"crc32c={stored['crc32c']},md5={stored['md5Hash']}",
            "X-Goog-Generation": str(stored["generation"]),
            "ETag": str(stored["etag"]),
        }
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", call.headers.get("range", ""))
        if span is None:
            return Answer(content=content, headers=headers)
        first = int(span[1])
        if first >= len(content):
            return Answer(status=416, content=b"", headers=headers)
        last = min(int(span[2]) if span[2] else len(content) - 1, len(content) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return Answer(status=206, content=content[first : last + 1], headers=headers)

    def _list(self, call: Call, bucket: str) -> Document:
        self._bucket(bucket)
        start, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
        items: list[Document] = []
        prefixes: list[str] = []
        for _, stored in sorted(self.world.children(f"storage/b/{bucket}/o/")):
            name = str(stored["name"])
            if not name.startswith(start):
                continue
            rest = name[len(start) :]
            if delimiter and delimiter in rest:
                prefixes.append(start + rest.split(delimiter)[0] + delimiter)
            else:
                items.append(_shown(stored))
        shared = {"prefixes": sorted(set(prefixes))} if prefixes else {}
        return {"kind": "storage#objects", "items": items, **shared}

    def _patch(self, call: Call, bucket: str, name: str) -> Document:
        stored = self._stored(bucket, name)
        for key, value in call.body().items():
            if key in ("name", "bucket", "generation", "size", "blob", "kind", "id"):
                continue
            if value is None:
                stored.pop(key, None)
            else:
                stored[key] = value
        stored["metageneration"] = str(int(stored["metageneration"]) + 1)
        stored["updated"] = self.world.now()
        self.world.objects[f"storage/b/{bucket}/o/{name}"] = stored
        return _shown(stored)

    def _object(self, bucket: str, name: str) -> Document:
        return _shown(self._stored(bucket, name))

    def _delete(self, bucket: str, name: str) -> None:
        self._stored(bucket, name)
        del self.world.objects[f"storage/b/{bucket}/o/{name}"]

    def _stored(self, bucket: str, name: str) -> Document:
        self._bucket(bucket)
        found = self.world.objects.get(f"storage/b/{bucket}/o/{name}")
        if found is None:
            raise Refusal("NOT_FOUND", f"No such object: {bucket}/{name}")
        return found

    def _bucket(self, name: str) -> Document:
        found = self.world.objects.get(f"storage/b/{name}")
        if found is None:
            raise Refusal("NOT_FOUND", "The specified bucket does not exist.")
        return found


def exists_below(world: World, uri: str) -> bool:
    """Is there an object at `gs://bucket/path`, or below it?"""
    found = re.fullmatch(r"gs://([^/]+)/?(.*)", uri)
    if found is None:
        return False
    start = f"storage/b/{found[1]}/o/{found[2].rstrip('/')}"
    prefixes = (start,) if start.endswith("/o/") else (start + "/",)
    return start in world.objects or any(key.startswith(prefixes) for key in world.objects)


def _parts(call: Call) -> tuple[Document, bytes, str]:
    """The metadata, the content and its type of a multipart/related upload (RFC 2387)."""
    boundary = re.search(r"boundary=[\"']?([^\"';]+)", call.headers.get("content-type", ""))
    cut = b"\r\n--" + (boundary[1].encode() if boundary else b"\r\n")
    pieces = (b"\r\n" + call.content).split(cut)
    if len(pieces) != 4:
        raise Refusal("INVALID_ARGUMENT", "A multipart upload has two parts.")
    (_, described), (head, content) = (_split(piece) for piece in pieces[1:3])
    content_type = re.search(rb"(?i)content-type:\s*([^\r\n]+)", head)
    kind = content_type[1].decode() if content_type else "application/octet-stream"
    return json.loads(described or b"{}"), content, kind


def _split(piece: bytes) -> tuple[bytes, bytes]:
    head, _, content = piece.partition(b"\r\n\r\n")
    return head, content


def _shown(stored: Document) -> Document:
    return {k: v for k, v in stored.items() if k != "blob"}
