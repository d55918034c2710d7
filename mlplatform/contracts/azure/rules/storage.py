"""Storage accounts."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, items
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: learn.microsoft.com, Storage account overview: types of storage accounts"
_FIREWALL = "rule: learn.microsoft.com, Configure Azure Storage firewalls: IP network rules"
_KEYS = "rule: learn.microsoft.com, Customer-managed keys for Azure Storage encryption"
_LIFECYCLE = "rule: learn.microsoft.com, Azure Blob Storage lifecycle management: rules"
_RULES_MOST = 100
_PRIVATE = tuple(
    ipaddress.IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
"""RFC 1918."""
_PREMIUM_ONLY = {"blockblobstorage", "filestorage"}


def account(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The performance tier fits the kind; a key has who uses it; the firewall public addresses."""
    kind = str(at(inputs, "kind") or "").lower()
    sku = str(at(inputs, "sku", "name") or "")
    premium = sku.lower().startswith("premium")
    if kind in _PREMIUM_ONLY and sku and not (premium or sku.lower().startswith("standardv2")):
        message = f"allowed for {inputs['kind']}: Premium_LRS or Premium_ZRS"
        yield Problem(path="sku.name", got=sku, message=message, source=_SOURCE)
    yield from _key(inputs)
    for position, rule in enumerate(items(inputs, "networkRuleSet", "ipRules")):
        value = at(rule, "iPAddressOrRange")
        if isinstance(value, str) and not _is_public(value):
            yield Problem(
                path=f"networkRuleSet.ipRules[{position}].iPAddressOrRange",
                got=value,
                message="allowed: a public IPv4 address, or a range of at most /30",
                source=_FIREWALL,
            )


def management_policy(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """At most 100 rules with names of their own; days are not negative."""
    rules = items(inputs, "policy", "rules")
    if len(rules) > _RULES_MOST:
        message = f"allowed: at most {_RULES_MOST} rules"
        yield Problem(path="policy.rules", got=len(rules), message=message, source=_LIFECYCLE)
    named = [str(at(rule, "name")) for rule in rules if at(rule, "name") is not None]
    for name in sorted({one for one in named if named.count(one) > 1}):
        message = "allowed: a name of its own for each rule"
        yield Problem(path="policy.rules", got=name, message=message, source=_LIFECYCLE)
    for position, rule in enumerate(rules):
        actions = at(rule, "definition", "actions")
        yield from _days(actions, f"policy.rules[{position}].definition.actions")


def _days(given: Any, path: str) -> Iterator[Problem]:
    """Every count of days, however deep."""
    for name, value in given.items() if isinstance(given, Mapping) else ():
        if isinstance(value, Mapping):
            yield from _days(value, f"{path}.{name}")
        elif name.startswith("daysAfter") and isinstance(value, int | float) and value < 0:
            message = "allowed: 0 days or more"
            yield Problem(path=f"{path}.{name}", got=value, message=message, source=_LIFECYCLE)


def _key(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    source = str(at(inputs, "encryption", "keySource") or "").lower()
    encryption = inputs.get("encryption")
    if source != "microsoft.keyvault" or not isinstance(encryption, Mapping):
        return
    if encryption.get("keyVaultProperties") is None:
        message = "required with keySource Microsoft.Keyvault: keyName and keyVaultUri"
        path = "encryption.keyVaultProperties"
        yield Problem(path=path, got=None, message=message, source=_KEYS)
    if inputs.get("identity") is None:
        message = "required with keySource Microsoft.Keyvault: the identity that uses the key"
        yield Problem(path="identity", got=None, message=message, source=_KEYS)


def _is_public(value: str) -> bool:
    try:
        found = ipaddress.IPv4Network(value)
    except ValueError:
        return False
    private = any(found.overlaps(one) for one in _PRIVATE)
    return not private and found.prefixlen != 31 and not ("/" in value and found.prefixlen == 32)
