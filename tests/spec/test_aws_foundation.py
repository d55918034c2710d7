"""Keys, network, logs and image repositories of an AWS environment."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from tests.spec.stacks import ROOT, aws_only, changed, config, problems

DEV = aws_only(config(ROOT / "Pulumi.dev.yaml"))
VPC = "vpc-0123456789abcdef0"
SUBNET = "subnet-0123456789abcdef0"
GROUP = "sg-0123456789abcdef0"
EXISTING = {
    "create": False,
    "vpc_id": VPC,
    "subnet_ids": [SUBNET],
    "security_group_ids": [GROUP],
}


def foundation(changes: dict[str, Any]) -> spec.AwsFoundation:
    platform = spec.read(changed(DEV, changes), stack="dev", root=ROOT)
    assert platform.aws is not None
    return platform.aws.foundation


def test_a_new_network_has_a_subnet_in_each_zone_and_none_overlap() -> None:
    network = foundation({"clouds.aws.network": {}}).network
    assert network == spec.AwsNetwork(
        cidr="10.60.0.0/16",
        subnets=(
            spec.AwsSubnet(availability_zone="us-east-1a", cidr="10.60.0.0/20"),
            spec.AwsSubnet(availability_zone="us-east-1b", cidr="10.60.16.0/20"),
        ),
    )


def test_an_existing_network_is_taken_by_its_ids() -> None:
    network = foundation({"clouds.aws.network": EXISTING}).network
    assert network == spec.AwsExistingNetwork(
        vpc_id=VPC, subnet_ids=(SUBNET,), security_group_ids=(GROUP,)
    )


def test_existing_keys_logs_and_repositories_are_in_the_plan() -> None:
    found = foundation(
        {
            "clouds.aws.keys": {"models": "alias/theirs"},
            "clouds.aws.logs": {"retention_days": 30},
            "clouds.aws.image_repositories": ["serving"],
        }
    )
    assert (found.models_key, found.data_key) == ("alias/theirs", None)
    assert (found.log_retention_days, found.image_repositories) == (30, ("serving",))
    assert foundation({"clouds.aws.logs": {"create": False}}).log_retention_days is None


@pytest.mark.parametrize(
    ("key", "value", "at", "said"),
    [
        ("network", {"create": False}, "network.vpc_id", "as create is false"),
        ("network", {"vpc_id": VPC}, "network.vpc_id", "only with create: false"),
        ("network", {"cidr": "10.60.0.0/28"}, "network.cidr", "/16 to /24"),
        ("network", {"cidr": "8.8.0.0/16"}, "network.cidr", "private addresses"),
        ("network", {"cidr": "10.60.0.1/16"}, "network.cidr", "host bits"),
        (
            "network",
            {"availability_zones": ["us-east-1a", "us-west-2b"]},
            "network.availability_zones[1]",
            "zones of us-east-1",
        ),
        ("network", {**EXISTING, "vpc_id": "vpc-1"}, "network.vpc_id", "such as vpc-0123"),
        (
            "keys",
            {"data": "arn:aws:kms:us-east-1:999999999999:key/1-2"},
            "keys.data",
            "a key of account 123456789012",
        ),
        ("keys", {"models": "mykey"}, "keys.models", "alias/<name>"),
        ("logs", {"retention_days": 31}, "logs.retention_days", "30, 60"),
        ("image_repositories", ["aa", "aa"], "image_repositories", "each name once"),
    ],
)
def test_what_aws_would_refuse_is_refused_here(key: str, value: Any, at: str, said: str) -> None:
    found = problems(changed(DEV, {f"clouds.aws.{key}": value}))
    assert said in found[f"clouds.aws.{at}"], found
