"""What the provider does around single types: uploads, key rotation, buckets that are emptied."""

from __future__ import annotations

import base64
import json
import urllib.parse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mlplatform.contracts.gcp import encode
from mlplatform.contracts.gcp.encode import Request
from mlplatform.contracts.gcp.plan import Plan
from mlplatform.provider.model import Context, ProviderError
from mlplatform.sandbox.providers.gcp_rest import Rest

BUCKET = "gcp:storage/bucket:Bucket"
OBJECT = "gcp:storage/bucketObject:BucketObject"
KEY = "gcp:kms/cryptoKey:CryptoKey"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"

_BOUNDARY = "8e0c6f6a5b0d4d0f9a7f-local-upload"


def upload(rest: Rest, ctx: Context, plan: Plan, inputs: dict[str, Any]) -> dict[str, Any]:
    """Send an object's file or text with its metadata in one request."""
    content = _content(inputs)
    described = {**encode.body(plan, inputs), "name": inputs["name"]}
    kind = inputs.get("contentType") or "application/octet-stream"
    described.setdefault("contentType", kind)
    parts = (
        f"--{_BOUNDARY}\r\nContent-Type: application/json\r\n\r\n{json.dumps(described)}\r\n"
        f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n"
    )
    bucket = urllib.parse.quote(str(inputs["bucket"]), safe="")
    request = Request(
        method="POST",
        path=f"/upload/storage/v1/b/{bucket}/o",
        query={"uploadType": "multipart"},
    )
    answer = rest.send(
        ctx,
        request,
        content=parts.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode(),
        headers={"Content-Type": f"multipart/related; boundary={_BOUNDARY}"},
    )
    return dict(answer.value)


def object_outputs(answer: dict[str, Any]) -> dict[str, Any]:
    """Hashes in the forms that the provider shows."""
    md5 = answer.get("md5Hash")
    if not md5:
        return {}
    return {"md5hexhash": base64.b64decode(md5).hex(), "detectMd5hash": md5}


def empty_bucket(rest: Rest, ctx: Context, name: str) -> None:
    """Delete every object of a bucket, for `forceDestroy`."""
    bucket = urllib.parse.quote(name, safe="")
    listed = rest.call(ctx, Request(method="GET", path=f"/storage/v1/b/{bucket}/o"))
    for item in listed.get("items", ()):
        path = f"/storage/v1/b/{bucket}/o/{urllib.parse.quote(item['name'], safe='')}"
        rest.call(ctx, Request(method="DELETE", path=path))


def with_next_rotation(content: Any, rotation_period: str | None) -> Any:
    """KMS wants the first rotation's time beside the period; the provider counts from now."""
    if not rotation_period:
        return content
    seconds = float(rotation_period.rstrip("s"))
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return {**content, "nextRotationTime": at.isoformat().replace("+00:00", "Z")}


def retire_key(rest: Rest, ctx: Context, name: str) -> None:
    """A key cannot be deleted: its versions are destroyed and its rotation ends."""
    versions = rest.call(ctx, Request(method="GET", path=f"/v1/{name}/cryptoKeyVersions"))
    for version in versions.get("cryptoKeyVersions", ()):
        if version["state"] in ("ENABLED", "DISABLED"):
            rest.call(ctx, Request(method="POST", path=f"/v1/{version['name']}:destroy", body={}))
    query = {"updateMask": "rotationPeriod,nextRotationTime"}
    rest.call(ctx, Request(method="PATCH", path=f"/v1/{name}", query=query, body={}))


def undelete_role(rest: Rest, ctx: Context, name: str) -> bool:
    """Take a deleted custom role back, as the provider does; False where it is not deleted."""
    if not rest.call(ctx, Request(method="GET", path=f"/v1/{name}")).get("deleted"):
        return False
    rest.call(ctx, Request(method="POST", path=f"/v1/{name}:undelete", body={}))
    return True


def _content(inputs: dict[str, Any]) -> bytes:
    if inputs.get("content") is not None:
        return str(inputs["content"]).encode()
    source = inputs.get("source") or {}
    if "text" in source:
        return str(source["text"]).encode()
    path = Path(str(source.get("path", "")))
    if not path.is_file():
        raise ProviderError(f"source: {path} is no file")
    return path.read_bytes()
