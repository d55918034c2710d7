"""`azure-native:storage:Blob`: a file in a container, the one type that is no ARM resource.

The real provider writes it with the account's key, so it fails on an account that forbids shared
keys (pulumi/pulumi-azure-native issue 2015); so does this one.
"""

from __future__ import annotations

import hashlib
import json
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlplatform.contracts.paths import differences, names
from mlplatform.provider.model import Change, Context, Diff, Failure, NotFound, ProviderError
from mlplatform.provider.values import SIGNATURE, UNKNOWN, has_unknown, is_unknown
from mlplatform.sandbox.providers.azure_arm import Arm

TOKEN = "azure-native:storage:Blob"
_PLACE = ("resourceGroupName", "accountName", "containerName", "blobName")
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_STORAGE_API = "2024-01-01"
_REPLACING = (*_PLACE, "source", "type")


def check(ctx: Context, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[Failure]]:
    """The blob's name is the resource's when none is given."""
    named = {"blobName": ctx.name, "type": "Block", **inputs}
    failures = [
        Failure(path=name, reason="required") for name in _PLACE if named.get(name) in (None, "")
    ]
    source = named.get("source")
    if source is None:
        failures.append(Failure(path="source", reason="required: an asset"))
    elif not has_unknown(source) and not _is_asset(source):
        failures.append(Failure(path="source", reason="allowed: an asset, not an archive"))
    return named, failures


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Diff:
    """Another file or another place is another blob."""
    changes: dict[str, Change] = {}
    for found in differences(_compared(old), _compared(new)):
        top = names(found.path)[0]
        changes[top] = Change(path=top, kind=found.kind, replace=top in _REPLACING)
    replace = any(change.replace for change in changes.values())
    return Diff(changes=tuple(changes.values()), delete_before_replace=replace)


def create(
    arm: Arm, ctx: Context, inputs: Mapping[str, Any], subscription: str
) -> tuple[str, dict[str, Any]]:
    """Upload; in a preview only tell what is known."""
    url = UNKNOWN
    if not has_unknown([inputs[name] for name in _PLACE]):
        url = f"{arm.blob_endpoint}/{_path(inputs)}" if not ctx.preview else UNKNOWN
    outputs = {
        "name": inputs["blobName"],
        "url": url,
        "type": inputs.get("type"),
        "contentType": inputs.get("contentType", "application/octet-stream"),
        "accessTier": inputs.get("accessTier"),
        "metadata": inputs.get("metadata") or {},
    }
    if ctx.preview:
        return "", outputs
    _require_shared_key(arm, ctx, inputs, subscription)
    headers = {
        "x-ms-blob-type": "BlockBlob",
        "x-ms-blob-content-type": str(outputs["contentType"]),
        **{f"x-ms-meta-{k}": v for k, v in outputs["metadata"].items()},
    }
    _send(arm, "PUT", inputs, _content(inputs["source"]), headers)
    account = (
        f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}"
        f"/providers/Microsoft.Storage/storageAccounts/{inputs['accountName']}"
    )
    return (
        f"{account}/blobServices/default/containers/{inputs['containerName']}"
        f"/blobs/{inputs['blobName']}",
        outputs,
    )


def read(arm: Arm, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """The state, while the blob is there."""
    if not inputs:
        raise ProviderError("importing a blob is not supported by the stand-in")
    _send(arm, "HEAD", inputs, None, {})
    return dict(state)


def delete(arm: Arm, inputs: Mapping[str, Any]) -> None:
    """Delete; with the account or container gone it is gone too."""
    _send(arm, "DELETE", inputs, None, {})


def _send(
    arm: Arm,
    method: str,
    inputs: Mapping[str, Any],
    content: bytes | None,
    headers: dict[str, str],
) -> None:
    sent = {"Authorization": "SharedKey sandbox", "x-ms-version": "2024-11-04", **headers}
    url = "/" + urllib.parse.quote(_path(inputs))
    status, got, _ = arm.send(arm.blob_endpoint, method, url, content, sent)
    if status == 404:
        raise NotFound(f"the blob {_path(inputs)} is not there")
    if status >= 400:
        raise ProviderError(f"{method} {url}: {got.get('x-ms-error-code', status)}")


def _require_shared_key(
    arm: Arm, ctx: Context, inputs: Mapping[str, Any], subscription: str
) -> None:
    path = (
        f"/subscriptions/{subscription}/resourceGroups/{inputs['resourceGroupName']}"
        f"/providers/Microsoft.Storage/storageAccounts/{inputs['accountName']}"
    )
    _, _, account = arm.call(ctx, "GET", path, api_version=_STORAGE_API)
    if account["properties"].get("allowSharedKeyAccess") is False:
        raise ProviderError(
            f"{path}: Key based authentication is not permitted on this storage account. "
            "(KeyBasedAuthenticationNotPermitted)"
        )


def _path(inputs: Mapping[str, Any]) -> str:
    return "/".join(str(inputs[name]) for name in _PLACE[1:])


def _is_asset(source: Any) -> bool:
    return isinstance(source, Mapping) and source.get(SIGNATURE) == _ASSET


def _content(source: Mapping[str, Any]) -> bytes:
    """The bytes of an asset; the engine has made remote ones local."""
    if source.get("text") is not None and source.get("text") != "":
        return str(source["text"]).encode()
    path = source.get("path")
    if path:
        try:
            return Path(str(path)).read_bytes()
        except OSError as error:
            raise ProviderError(f"source: {path}: {error.strerror}") from None
    return b""


def _compared(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs with assets as what they hold: the path of a file is no change of it."""
    found = {k: v for k, v in inputs.items() if not k.startswith("__")}
    source = found.get("source")
    if isinstance(source, Mapping) and not is_unknown(source):
        known = (
            source.get("hash")
            or hashlib.sha256(json.dumps(dict(source), sort_keys=True).encode()).hexdigest()
        )
        found["source"] = known
    return found
