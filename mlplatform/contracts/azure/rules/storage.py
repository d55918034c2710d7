"""Storage accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: learn.microsoft.com, Storage account overview: types of storage accounts"
_PREMIUM_ONLY = {"blockblobstorage", "filestorage"}


def account(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The performance tier fits the kind."""
    kind = str(at(inputs, "kind") or "").lower()
    sku = str(at(inputs, "sku", "name") or "")
    premium = sku.lower().startswith("premium")
    if kind in _PREMIUM_ONLY and sku and not (premium or sku.lower().startswith("standardv2")):
        message = f"allowed for {inputs['kind']}: Premium_LRS or Premium_ZRS"
        yield Problem(path="sku.name", got=sku, message=message, source=_SOURCE)
