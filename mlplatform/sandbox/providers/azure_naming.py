"""Automatic names, as pulumi-azure-native makes them.

Source: pulumi/pulumi-azure-native, resources.go: a resource directly in a group (or a group) and
an `endpointName` get the logical name and eight random hexadecimal digits, role assignments a
random GUID, everything below another resource its logical name.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.azure import ArmType
from mlplatform.provider.model import Context

_DIGITS = 8
_GUIDS = ("roleAssignmentName", "roleDefinitionId")


def named(
    arm: ArmType, ctx: Context, inputs: Mapping[str, Any], old: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The inputs with a name. A name once made stays; it is made in Check, so previews know it."""
    own = arm.in_path[-1]
    if inputs.get(own) not in (None, ""):
        return dict(inputs)
    if old and old.get(own):
        return {**inputs, own: old[own]}
    return {**inputs, own: _made(arm, own, ctx)}


def _made(arm: ArmType, own: str, ctx: Context) -> str:
    if own in _GUIDS:
        return str(uuid.UUID(bytes=_digest(ctx)[:16], version=4))
    parents = [name for name in arm.in_path[:-1] if name != "resourceGroupName"]
    if parents and own != "endpointName":
        return ctx.name
    return ctx.name + _digest(ctx).hex()[:_DIGITS]


def _digest(ctx: Context) -> bytes:
    # Without a seed (an older engine) every check would make another name.
    return hashlib.sha256(ctx.urn.encode() + (ctx.seed or os.urandom(8))).digest()
