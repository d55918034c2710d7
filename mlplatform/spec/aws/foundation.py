"""Keys, network, logs and image repositories of the environment; pure."""

from __future__ import annotations

import ipaddress

from mlplatform.spec.findings import Findings
from mlplatform.spec.models.aws_place import AwsModel, AwsNetworkModel
from mlplatform.spec.plan import AwsExistingNetwork, AwsFoundation, AwsNetwork, AwsSubnet

AT = "clouds.aws.network"
SUBNET_BITS = 4
"""A subnet takes a sixteenth of the network's addresses, so that six zones find room."""
VPC_PREFIXES = (16, 24)
"""EC2 allows a VPC /16 to /28, and a subnet no smaller than /28 (VPC guide, "VPC CIDR blocks")."""


def foundation(settings: AwsModel, findings: Findings) -> AwsFoundation:
    """What the workloads of the environment share."""
    for name in ("models", "data"):
        key = getattr(settings.keys, name)
        place = f":kms:{settings.region}:{settings.account_id}:"
        if key is not None and key.startswith("arn:") and place not in key:
            findings.problem(
                f"clouds.aws.keys.{name}",
                key,
                f"allowed: a key of account {settings.account_id} in {settings.region}",
            )
    twice = {n for n in settings.image_repositories if settings.image_repositories.count(n) > 1}
    if twice:
        findings.problem("clouds.aws.image_repositories", sorted(twice), "allowed: each name once")
    logs = settings.logs
    return AwsFoundation(
        network=_network(settings.region, settings.network, findings),
        models_key=settings.keys.models,
        data_key=settings.keys.data,
        log_retention_days=logs.retention_days if logs is not None and logs.create else None,
        image_repositories=tuple(settings.image_repositories),
    )


def _network(
    region: str, asked: AwsNetworkModel | None, findings: Findings
) -> AwsNetwork | AwsExistingNetwork | None:
    if asked is None:
        return None
    ids = {
        "vpc_id": asked.vpc_id,
        "subnet_ids": asked.subnet_ids,
        "security_group_ids": asked.security_group_ids,
    }
    if not asked.create:
        for name, value in ids.items():
            if value is None:
                findings.missing(f"{AT}.{name}", "what exists, as create is false")
        if asked.vpc_id is None or asked.subnet_ids is None or asked.security_group_ids is None:
            return None
        return AwsExistingNetwork(
            vpc_id=asked.vpc_id,
            subnet_ids=tuple(asked.subnet_ids),
            security_group_ids=tuple(asked.security_group_ids),
        )
    for name, value in ids.items():
        if value is not None:
            findings.problem(f"{AT}.{name}", value, "allowed: only with create: false")
    zones = asked.availability_zones or [f"{region}a", f"{region}b"]
    for i, zone in enumerate(zones):
        if not zone.startswith(region) or len(zone) == len(region) or zone in zones[:i]:
            findings.problem(
                f"{AT}.availability_zones[{i}]",
                zone,
                f"allowed: zones of {region} such as {region}a, each once",
            )
    return AwsNetwork(cidr=asked.cidr, subnets=_subnets(asked.cidr, zones, findings))


def _subnets(cidr: str, zones: list[str], findings: Findings) -> tuple[AwsSubnet, ...]:
    shortest, longest = VPC_PREFIXES
    try:
        block = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        findings.problem(f"{AT}.cidr", cidr, f"allowed: a block such as 10.60.0.0/16 ({error})")
        return ()
    if not (block.is_private and shortest <= block.prefixlen <= longest):
        findings.problem(
            f"{AT}.cidr", cidr, f"allowed: private addresses, /{shortest} to /{longest}"
        )
        return ()
    blocks = block.subnets(prefixlen_diff=SUBNET_BITS)
    return tuple(AwsSubnet(availability_zone=zone, cidr=str(next(blocks))) for zone in zones)
