"""The contracts' verdicts in the words of the provider protocol: for stand-ins and for mlgap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from mlplatform import contracts
from mlplatform.contracts.paths import differences
from mlplatform.provider.model import Change, Failure, ProviderError


def failures(
    token: str, inputs: Mapping[str, Any], *, besides: Collection[str] = ()
) -> list[Failure]:
    """What the vendor would refuse, but for paths that were already complained of."""
    return [
        Failure(path=problem.path, reason=problem.reason)
        for problem in contracts.check(token, inputs)
        if problem.path not in besides
    ]


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What differs, as updates and replacements; what the vendor will refuse counts as update."""
    kinds = {found.path: found.kind for found in differences(old, new)}
    return [
        Change(
            path=found.path, kind=kinds.get(found.path, "update"), replace=found.kind == "replace"
        )
        for found in contracts.changes(token, old, new)
    ]


def refuse(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Nothing, where the vendor makes every change.

    Raises:
        ProviderError: all changes that it refuses, with the reason and where that is written.
    """
    refused = [found for found in contracts.changes(token, old, new) if found.kind == "refuse"]
    if refused:
        raise ProviderError("; ".join(f"{c.path}: {c.reason} ({c.source})" for c in refused))
