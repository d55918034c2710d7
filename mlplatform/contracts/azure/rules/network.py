"""Networks: address ranges, private endpoints, names of private zones, outbound rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, items, resource_id
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_RANGES = "rule: learn.microsoft.com, Azure Virtual Network FAQ: address ranges"
_ENDPOINT = "rule: learn.microsoft.com, What is a private endpoint: private-link resource"
_OUTBOUND = "rule: learn.microsoft.com, Workspace managed virtual network isolation"
_SUBNET_LONGEST_PREFIX = 29
_FQDN = re.compile(r"(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_PORTS = re.compile(r"\*|\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*")
_PROTOCOLS = ("TCP", "UDP", "ICMP", "*")


def virtual_network(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Address prefixes are ranges in CIDR form."""
    for position, prefix in enumerate(items(inputs, "addressSpace", "addressPrefixes")):
        yield from _range(prefix, f"addressSpace.addressPrefixes[{position}]")


def subnet(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A subnet has a range of eight addresses or more; Azure keeps five of them."""
    yield from _range(at(inputs, "addressPrefix"), "addressPrefix", _SUBNET_LONGEST_PREFIX)
    for position, prefix in enumerate(items(inputs, "addressPrefixes")):
        yield from _range(prefix, f"addressPrefixes[{position}]", _SUBNET_LONGEST_PREFIX)


def private_endpoint(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """It lies in a subnet and connects to one thing."""
    yield from resource_id(
        inputs, "subnet.id", ("Microsoft.Network/virtualNetworks/subnets",), _ENDPOINT
    )
    connections = [
        *items(inputs, "privateLinkServiceConnections"),
        *items(inputs, "manualPrivateLinkServiceConnections"),
    ]
    given = (
        inputs.get("privateLinkServiceConnections"),
        inputs.get("manualPrivateLinkServiceConnections"),
    )
    if not connections and all(one in (None, []) for one in given):
        message = "required: the one thing that it connects to"
        path = "privateLinkServiceConnections"
        yield Problem(path=path, got=None, message=message, source=_ENDPOINT)
    for position, connection in enumerate(items(inputs, "privateLinkServiceConnections")):
        groups = items(connection, "groupIds")
        if len(groups) > 1:
            yield Problem(
                path=f"privateLinkServiceConnections[{position}].groupIds",
                got=groups,
                message="allowed: one sub-resource; another endpoint for each further one",
                source=_ENDPOINT,
            )


def outbound_rule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """One rule of a workspace's managed network."""
    yield from _outbound(at(inputs, "properties"), "properties")


def outbound_rules(rules: Any, path: str) -> Iterator[Problem]:
    """Rules by name, as a workspace carries them."""
    for name, rule in rules.items() if isinstance(rules, Mapping) else ():
        yield from _outbound(rule, f"{path}.{name}")


def _outbound(rule: Any, path: str) -> Iterator[Problem]:
    kind = str(at(rule, "type") or "").lower()
    if kind == "fqdn":
        name = at(rule, "destination")
        if isinstance(name, str) and _FQDN.fullmatch(name) is None:
            message = "allowed: a domain name such as pypi.org or *.pypi.org"
            yield Problem(path=f"{path}.destination", got=name, message=message, source=_OUTBOUND)
    elif kind == "servicetag":
        ports = at(rule, "destination", "portRanges")
        if isinstance(ports, str) and _PORTS.fullmatch(ports.replace(" ", "")) is None:
            message = "allowed: *, or ports and ranges such as 443,8000-8100"
            where = f"{path}.destination.portRanges"
            yield Problem(path=where, got=ports, message=message, source=_OUTBOUND)
        protocol = at(rule, "destination", "protocol")
        if isinstance(protocol, str) and protocol.upper() not in _PROTOCOLS:
            message = f"allowed: {', '.join(_PROTOCOLS)}"
            where = f"{path}.destination.protocol"
            yield Problem(path=where, got=protocol, message=message, source=_OUTBOUND)
    elif kind == "privateendpoint":
        for name in ("serviceResourceId", "subresourceTarget"):
            destination = rule.get("destination") if isinstance(rule, Mapping) else None
            if isinstance(destination, Mapping) and destination.get(name) in (None, ""):
                message = "required for a private endpoint"
                where = f"{path}.destination.{name}"
                yield Problem(path=where, got=None, message=message, source=_OUTBOUND)


def _range(value: Any, path: str, longest: int = 32) -> Iterator[Problem]:
    if not isinstance(value, str) or is_unknown(value):
        return
    try:
        found = ipaddress.ip_network(value)
    except ValueError as error:
        message = f"allowed: a range such as 10.60.0.0/24 ({error})"
        yield Problem(path=path, got=value, message=message, source=_RANGES)
        return
    if found.version == 4 and found.prefixlen > longest:
        message = f"allowed: /{longest} or a larger range"
        yield Problem(path=path, got=value, message=message, source=_RANGES)
