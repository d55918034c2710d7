"""Networks: names, address ranges, what may connect."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.gcp.rules.grammar import PROJECT, Grammar, check_all
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

NAME = Grammar(
    pattern=r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?",
    words="up to 63 lower-case letters, digits and dashes, first a letter, last no dash",
    source="compute Network.name",
)
NETWORK = Grammar(
    pattern=r"(?:https://\S+/)?projects/[^/]+/global/networks/[a-z][-a-z0-9]*",
    words="projects/P/global/networks/N",
    source="networkconnectivity ServiceConnectionPolicy.network",
)
SUBNETWORK = Grammar(
    pattern=r"(?:https://\S+/)?projects/[^/]+/regions/[^/]+/subnetworks/[a-z][-a-z0-9]*",
    words="projects/P/regions/R/subnetworks/S",
    source="networkconnectivity PscConfig.subnetworks",
)
MTU = (1300, 8896)
"""compute Network.mtu."""
PREFIXES = (4, 29)
"""VPC, "Subnets", valid ranges: a primary range is /4 to /29."""


def network(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A network."""
    yield from check_all(inputs, {"name": NAME, "project": PROJECT})
    mtu = inputs.get("mtu")
    if isinstance(mtu, int) and not MTU[0] <= mtu <= MTU[1]:
        message = f"allowed: {MTU[0]} to {MTU[1]}"
        yield Problem(path="mtu", got=mtu, message=message, source="compute Network.mtu")


def subnetwork(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A subnet: its range is an IPv4 block without bits of a host."""
    yield from check_all(inputs, {"name": NAME, "project": PROJECT})
    given = inputs.get("ipCidrRange")
    source = "compute Subnetwork.ipCidrRange"
    if isinstance(given, str) and not is_unknown(given):
        found = block(given)
        if found is None:
            message = "allowed: an IPv4 block without bits of a host, such as 10.0.0.0/20"
            yield Problem(path="ipCidrRange", got=given, message=message, source=source)
        elif not PREFIXES[0] <= found.prefixlen <= PREFIXES[1]:
            message = f"allowed: /{PREFIXES[0]} to /{PREFIXES[1]}"
            yield Problem(path="ipCidrRange", got=given, message=message, source=source)
    elif given is None and not {"reservedInternalRange", "ipCollection"} & inputs.keys():
        if inputs.get("stackType") == "IPV6_ONLY":
            return
        message = "allowed: a range, or reservedInternalRange"
        yield Problem(path="ipCidrRange", got=None, message=message, source=source)


def attachment(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A network attachment: subnets of its own region."""
    yield from check_all(inputs, {"name": NAME, "project": PROJECT})
    yield from _subnets("subnetworks", inputs.get("subnetworks"), inputs.get("region"))


def connection_policy(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A service connection policy: network by its full name, subnets of its own region."""
    yield from check_all(inputs, {"name": NAME, "project": PROJECT, "network": NETWORK})
    config = inputs.get("pscConfig")
    if isinstance(config, Mapping):
        at = "pscConfig.subnetworks"
        yield from _subnets(at, config.get("subnetworks"), inputs.get("location"))


def block(text: str) -> ipaddress.IPv4Network | None:
    """The block that a text writes; None where it writes none."""
    try:
        return ipaddress.IPv4Network(text) if "/" in text else None
    except ValueError:
        return None


def grown(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Does the new range of a subnet hold the old one?"""
    before, after = block(str(old.get("ipCidrRange"))), block(str(new.get("ipCidrRange")))
    return before is not None and after is not None and before.subnet_of(after)


def _subnets(at: str, given: Any, region: Any) -> Iterator[Problem]:
    for index, one in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(one, str) or is_unknown(one):
            continue
        wrong = list(SUBNETWORK.check(f"{at}[{index}]", one))
        yield from wrong
        if wrong or not isinstance(region, str) or is_unknown(region):
            continue
        place = one.split("/regions/")[1].split("/")[0]
        if place != region:
            message = f"a subnet of the region: {allowed([region], place)}"
            yield Problem(path=f"{at}[{index}]", got=one, message=message, source=SUBNETWORK.source)
