"""The network of a Google Cloud environment: an existing one, or the parts of a new one."""

from __future__ import annotations

import ipaddress

from mlplatform.spec.findings import Findings
from mlplatform.spec.models.gcp import GcpNetworkModel
from mlplatform.spec.plan import GcpExistingNetwork, GcpNetwork

AT = "clouds.gcp.network"
PREFIXES = (16, 26)
"""Each half holds machines or interfaces, so neither is smaller than /27: one job has many nodes,
and a subnet of Google's keeps four addresses back (VPC, "Subnets": unusable addresses)."""
PRIVATE = tuple(
    ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
"""RFC 1918."""
DOCKER = ipaddress.IPv4Network("172.17.0.0/16")
"""The bridge of containers inside Vertex AI's machines: they would not reach these addresses."""


def network(
    asked: GcpNetworkModel | None, region: str, findings: Findings
) -> GcpNetwork | GcpExistingNetwork | None:
    """What is asked for; None where that is nothing, or wrong."""
    if asked is None:
        return None
    given = asked.model_dump(exclude_none=True)
    if (asked.id is None) == (asked.cidr is None):
        findings.problem(AT, given, "allowed: id of an existing network, or cidr of a new one")
        return None
    if asked.cidr is not None:
        if asked.network_attachment is not None:
            words = "allowed: only with id; a new network gets one of its own"
            findings.problem(f"{AT}.network_attachment", asked.network_attachment, words)
        return _new(asked.cidr, findings)
    assert asked.id is not None  # one of the two is given
    attachment = asked.network_attachment
    if attachment is not None and attachment.split("/")[3] != region:
        words = f"allowed: an attachment in {region}, where training runs"
        findings.problem(f"{AT}.network_attachment", attachment, words)
    return GcpExistingNetwork(id=asked.id, attachment=attachment)


def _new(cidr: str, findings: Findings) -> GcpNetwork | None:
    at = f"{AT}.cidr"
    try:
        block = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        findings.problem(at, cidr, f"allowed: an IPv4 block such as 10.40.0.0/20; {error}")
        return None
    if not any(block.subnet_of(one) for one in PRIVATE):
        words = f"allowed: a part of {', '.join(str(one) for one in PRIVATE)}"
        findings.problem(at, cidr, words)
    if block.overlaps(DOCKER):
        findings.problem(at, cidr, f"allowed: no part of {DOCKER}, which containers use themselves")
    if not PREFIXES[0] <= block.prefixlen <= PREFIXES[1]:
        findings.problem(at, cidr, f"allowed: /{PREFIXES[0]} to /{PREFIXES[1]}")
        return None
    machines, interfaces = block.subnets()
    return GcpNetwork(machines_cidr=str(machines), interfaces_cidr=str(interfaces))
