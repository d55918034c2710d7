"""Lists of blobs and of containers, as XML."""

from __future__ import annotations

import email.utils
from xml.sax.saxutils import escape

from mlplatform.sandbox.clouds.azure.answer import Answer
from mlplatform.sandbox.clouds.azure.blob_place import BlobRequest, Place, common
from mlplatform.sandbox.clouds.azure.world import World

SECTION = "blobs"
CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers"


def list_blobs(world: World, request: BlobRequest, place: Place) -> Answer:
    prefix = request.query.get("prefix", "")
    start = f"{place.account}/{place.container}/"
    lines = []
    for key, row in world.store.items(SECTION):
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


def list_containers(world: World, account: str) -> Answer:
    when = email.utils.formatdate(usegmt=True)
    lines = [
        f"<Container><Name>{r['name']}</Name><Properties><Last-Modified>{when}</Last-Modified>"
        '<Etag>"0x1"</Etag></Properties></Container>'
        for r in world.of_type(CONTAINERS)
        if f"/storageaccounts/{account}/" in str(r["id"]).lower()
    ]
    return _listing("", "Containers", lines)


def _listing(attribute: str, tag: str, lines: list[str]) -> Answer:
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults {attribute}>'
        f"<{tag}>{''.join(lines)}</{tag}><NextMarker /></EnumerationResults>"
    )
    headers = common({"Content-Type": "application/xml"})
    return Answer(status=200, body=text.encode(), headers=headers)
