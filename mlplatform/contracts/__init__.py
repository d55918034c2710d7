"""Contracts: would the vendor accept this resource, and what would it do with a change?

The vendor's own SDK is the judge. What it says was compiled ahead into data that is reviewed and
shipped (`mlplatform.contracts.compile`), so that no vendor SDK is imported here. One package per
cloud holds three layers, kept apart: shape (the vendor's model), life cycle (update, replace,
refused) and the rules of the field. This module only finds the cloud that a type token belongs to.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Mapping
from typing import Any, Protocol, cast

from mlplatform.contracts.loading import load
from mlplatform.contracts.problem import Change, Problem

__all__ = ["Change", "Problem", "changes", "check", "covers", "taggable"]

_PACKAGES = {"aws": "aws", "gcp": "gcp", "azure-native": "azure", "mlgap": "mlgap"}


class Cloud(Protocol):
    """What each cloud's package offers at its top."""

    def covers(self, token: str) -> bool: ...
    def check(self, token: str, inputs: Mapping[str, Any]) -> list[Problem]: ...
    def changes(
        self, token: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> list[Change]: ...
    def taggable(self, token: str) -> str | None: ...


def covers(token: str) -> bool:
    """True when the contracts know this Pulumi type token."""
    cloud = _cloud(token.partition(":")[0])
    return cloud is not None and cloud.covers(token)


def check(token: str, inputs: Mapping[str, Any]) -> list[Problem]:
    """Everything that the vendor would refuse in these inputs; [] when it would accept them.

    inputs: camelCase, as the engine sends them; values not known yet count as present and are
    skipped. A type that is not covered has no problems: ask `covers` to tell the two apart.
    """
    cloud = _cloud(token.partition(":")[0])
    return cloud.check(token, inputs) if cloud is not None and cloud.covers(token) else []


def changes(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What the vendor does with each property that differs between the old and the new inputs.

    Raises LookupError for a type that is not covered: no answer is not the same as no change.
    """
    cloud = _cloud(token.partition(":")[0])
    if cloud is None or not cloud.covers(token):
        raise LookupError(f"no contract covers {token}")
    return cloud.changes(token, old, new)


def taggable(token: str) -> str | None:
    """The name of the property that carries tags (`tags`, `labels`); None when the type has
    none.
    """
    cloud = _cloud(token.partition(":")[0])
    return cloud.taggable(token) if cloud is not None and cloud.covers(token) else None


@functools.cache
def _cloud(package: str) -> Cloud | None:
    """The contracts of one Pulumi package, imported at first use; None for any other package."""
    module = f"{__name__}.{_PACKAGES.get(package, '')}"
    if package not in _PACKAGES or importlib.util.find_spec(module) is None:
        return None
    return cast("Cloud", load(module))
