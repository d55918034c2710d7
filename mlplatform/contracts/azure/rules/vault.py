"""Key vaults and their keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, is_guid, items, whole
from mlplatform.contracts.problem import Problem

_VAULT = "rule: azure-mgmt-keyvault, docstring of VaultProperties"
_KEY = "rule: learn.microsoft.com, About keys: key types and sizes"
_ROTATION = (
    "rule: learn.microsoft.com, Configure cryptographic key auto-rotation in Azure Key Vault"
)
_ROTATED_LEAST_DAYS = 7
_CALENDAR = re.compile(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")
_DAYS = (365, 28, 1)
"""Of a year, a month at the least, a day."""
_RSA_SIZES = (2048, 3072, 4096)


def vault(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Purge protection cannot be written as off; retention is 7 to 90 days."""
    if at(inputs, "properties", "enablePurgeProtection") is False:
        yield Problem(
            path="properties.enablePurgeProtection",
            got=False,
            message="allowed: true, or leave it out: the property does not accept false",
            source=_VAULT,
        )
    days = whole(at(inputs, "properties", "softDeleteRetentionInDays"))
    if days is not None and not 7 <= days <= 90:
        yield Problem(
            path="properties.softDeleteRetentionInDays",
            got=days,
            message="allowed: 7 to 90 days",
            source=_VAULT,
        )
    if len(items(inputs, "properties", "accessPolicies")) > 1024:
        yield Problem(
            path="properties.accessPolicies",
            got=len(items(inputs, "properties", "accessPolicies")),
            message="allowed: at most 1024 identities",
            source=_VAULT,
        )
    yield from _authorization(inputs)


def _authorization(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Without roles a vault needs access policies, or nobody could ever be let in by it."""
    properties = inputs.get("properties")
    if not isinstance(properties, Mapping):
        return
    tenant = at(properties, "tenantId")
    if tenant is not None and not is_guid(tenant):
        yield Problem(
            path="properties.tenantId", got=tenant, message="allowed: a GUID", source=_VAULT
        )
    mode = str(at(properties, "createMode") or "default").lower()
    # Left out is not the same as off: Microsoft's own examples leave out both.
    off = properties.get("enableRbacAuthorization") is False
    if off and properties.get("accessPolicies") is None and mode == "default":
        yield Problem(
            path="properties.accessPolicies",
            got=None,
            message="required while enableRbacAuthorization is false; "
            "allowed: enableRbacAuthorization true, or a list of policies",
            source=_VAULT,
        )


def key(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An RSA key has one of three sizes, an EC key a curve; rotation goes by durations."""
    kind = str(at(inputs, "properties", "kty") or "RSA").upper()
    size = whole(at(inputs, "properties", "keySize"))
    if kind.startswith("RSA") and size is not None and size not in _RSA_SIZES:
        message = "allowed: " + ", ".join(map(str, _RSA_SIZES))
        yield Problem(path="properties.keySize", got=size, message=message, source=_KEY)
    if kind.startswith("EC") and size is not None:
        message = "allowed only for kty RSA and RSA-HSM: an EC key has a curveName"
        yield Problem(path="properties.keySize", got=size, message=message, source=_KEY)
    yield from _rotation(inputs)
    curve = at(inputs, "properties", "curveName")
    if kind.startswith("RSA") and at(inputs, "properties", "kty") is not None and curve is not None:
        yield Problem(
            path="properties.curveName",
            got=curve,
            message="allowed only for kty EC and EC-HSM",
            source=_KEY,
        )


def _rotation(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Calendar durations such as P90D, P18M or P1Y; a rotation comes after 7 days at the least."""
    policy = ("properties", "rotationPolicy")
    places = [("attributes.expiryTime", at(inputs, *policy, "attributes", "expiryTime"))]
    for position, action in enumerate(items(inputs, *policy, "lifetimeActions")):
        for name in ("timeAfterCreate", "timeBeforeExpiry"):
            where = f"lifetimeActions[{position}].trigger.{name}"
            places.append((where, at(action, "trigger", name)))
    for where, value in places:
        if not isinstance(value, str):
            continue
        found = _CALENDAR.fullmatch(value.upper())
        parts = found.groups() if found is not None else ()
        days = sum(int(n or 0) * each for n, each in zip(parts, _DAYS, strict=False))
        if days < _ROTATED_LEAST_DAYS:
            yield Problem(
                path=f"{'.'.join(policy)}.{where}",
                got=value,
                message="allowed: an ISO 8601 duration of 7 days or more, such as P90D or P1Y",
                source=_ROTATION,
            )
