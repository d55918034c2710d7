"""Rules for networks, subnets, security groups and endpoints of services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import grammar
from mlplatform.contracts.aws.rules.reading import given, items, known, number, text
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_SHORTEST, _LONGEST = 16, 28


def addresses(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The block of a VPC or subnet is IPv4 with /16 to /28 (VPC guide, "VPC CIDR blocks")."""
    block = text(inputs, "cidrBlock")
    if block is not None:
        message = grammar.cidr(block, shortest=_SHORTEST, longest=_LONGEST)
        if message:
            yield Problem(
                path="cidrBlock", got=block, message=message, source="rule: VPC CIDR blocks"
            )


def security_group(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Ports are in order, blocks are blocks, and the name is not AWS's own."""
    name = text(inputs, "name")
    if name is not None and name.startswith("sg-"):
        yield Problem(
            path="name",
            got=name,
            message="allowed: a name that does not start with sg-",
            source="rule: EC2 CreateSecurityGroup, GroupName",
        )
    for direction in ("ingress", "egress"):
        for path, rule in items(inputs, direction):
            low, high = number(rule, "fromPort"), number(rule, "toPort")
            ports = text(rule, "protocol") in ("tcp", "udp", "6", "17")
            if ports and low is not None and high is not None and low > high:
                yield Problem(
                    path=f"{path}.fromPort",
                    got=low,
                    message=f"allowed: at most toPort, which is {high:g}",
                    source="rule: EC2 IpPermission, FromPort",
                )
            blocks = rule.get("cidrBlocks")
            for i, block in enumerate(blocks if isinstance(blocks, list) else ()):
                if not isinstance(block, str) or is_unknown(block):
                    continue
                message = grammar.cidr(block)
                if message:
                    yield Problem(
                        path=f"{path}.cidrBlocks[{i}]",
                        got=block,
                        message=message,
                        source="rule: EC2 IpRange, CidrIp",
                    )


def vpc_endpoint(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A gateway stands in route tables, an interface in subnets."""
    ways = ("serviceName", "resourceConfigurationArn", "serviceNetworkArn")
    if known(inputs, *ways) and sum(given(inputs, way) for way in ways) != 1:
        yield Problem(
            path="serviceName",
            got=inputs.get("serviceName"),
            message=f"allowed: exactly one of {', '.join(ways)}",
            source="rule: EC2 CreateVpcEndpoint",
        )
    kind = text(inputs, "vpcEndpointType") or (
        "" if given(inputs, "vpcEndpointType") else "Gateway"
    )
    misplaced = {"Gateway": ("subnetIds", "securityGroupIds"), "Interface": ("routeTableIds",)}
    for name in misplaced.get(kind, ()):
        if given(inputs, name):
            yield Problem(
                path=name,
                got=inputs[name],
                message=f"allowed: nothing with vpcEndpointType {kind}",
                source="rule: EC2 CreateVpcEndpoint",
            )
