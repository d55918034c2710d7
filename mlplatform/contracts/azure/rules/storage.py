"""Storage accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: learn.microsoft.com, Storage account overview: types of storage accounts"
_PREMIUM_ONLY = {"blockblobstorage", "filestorage"}


def account(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The performance tier fits the kind; the hierarchical namespace needs a kind that has it."""
    kind = str(at(inputs, "kind") or "").lower()
    sku = str(at(inputs, "sku", "name") or "")
    premium = sku.lower().startswith("premium")
    if kind in _PREMIUM_ONLY and sku and not (premium or sku.lower().startswith("standardv2")):
        message = f"allowed for {inputs['kind']}: Premium_LRS or Premium_ZRS"
        yield Problem(path="sku.name", got=sku, message=message, source=_SOURCE)
    if at(inputs, "isHnsEnabled") is True and kind in ("storage", "blobstorage", "filestorage"):
        message = "allowed for the kinds StorageV2 and BlockBlobStorage"
        yield Problem(path="isHnsEnabled", got=True, message=message, source=_SOURCE)
    tier = str(at(inputs, "accessTier") or "").lower()
    if kind == "storage" and tier:
        message = "allowed for the kinds StorageV2 and BlobStorage"
        yield Problem(path="accessTier", got=inputs["accessTier"], message=message, source=_SOURCE)
