"""Network, keys, stores and every kind of endpoint on AWS: one small stack, brought up, read back,
changed, destroyed.

The tests run in the order of the file and share one sandbox. What is read back comes from boto3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import Project
from tests.engine.test_walk_aws import client, configuration, control

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("up")]

MODEL: dict[str, Any] = {
    "framework": "scikit-learn",
    "version": "1.2",
    "artifact": "models/bankchurn/model.tar.gz",
}
TARGET: dict[str, Any] = {"invocations_per_instance_per_minute": 100}
WORKLOADS: dict[str, Any] = {
    "plain": {
        "model": MODEL,
        "endpoint": {
            "scaling": {"min": 1, "max": 5},
            "aws": {"instance_type": "ml.m5.large", "target": TARGET},
        },
    },
}
CONFIG: dict[str, Any] = {
    "mlplatform:labels": {
        "project": "ml-platform",
        "owner": "ml-team",
        "cost_center": "data-science",
        "data_class": "internal",
        "auto_shutdown": True,
        "backup_required": False,
    },
    "mlplatform:clouds": {
        "aws": {
            "account_id": "123456789012",
            "region": "us-east-1",
            "network": {},
            "logs": {"retention_days": 30},
            "image_repositories": ["serving"],
        }
    },
    "mlplatform:workloads": WORKLOADS,
}


def stack_file(**workloads: Any) -> dict[str, Any]:
    """The stack, with workloads in place of those of the same name."""
    config = json.loads(json.dumps(CONFIG))
    config["mlplatform:workloads"].update(json.loads(json.dumps(workloads)))
    return {"config": config}


@pytest.fixture(scope="module")
def up(project: Project) -> Iterator[str]:
    project.write_stack_file(stack_file())
    yield project.run("sandbox", "up").text


def test_containers_stand_in_isolated_subnets_that_reach_aws_through_endpoints(
    project: Project,
) -> None:
    ec2, sagemaker = client(project, "ec2"), client(project, "sagemaker")
    (variant,) = configuration(project, "ml-dev-plain")["ProductionVariants"]
    placed = sagemaker.describe_model(ModelName=variant["ModelName"])["VpcConfig"]
    subnets = ec2.describe_subnets(SubnetIds=placed["Subnets"])["Subnets"]
    assert {s["AvailabilityZone"] for s in subnets} == {"us-east-1a", "us-east-1b"}
    (vpc_id,) = {s["VpcId"] for s in subnets}
    mine = [{"Name": "vpc-id", "Values": [vpc_id]}]
    tables = ec2.describe_route_tables(Filters=mine)["RouteTables"]
    routes = [r for table in tables for r in table["Routes"]]
    assert {
        r.get("GatewayId") for r in routes if r.get("DestinationCidrBlock") == "0.0.0.0/0"
    } == set()
    doors = ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]
    names = {d["ServiceName"].removeprefix("com.amazonaws.us-east-1.") for d in doors}
    assert {"s3", "sagemaker.runtime", "ecr.dkr", "kms", "logs", "sts"} <= names


def test_logs_are_kept_as_long_as_asked_under_the_data_key(project: Project) -> None:
    logs = client(project, "logs")
    (group,) = logs.describe_log_groups()["logGroups"]
    assert group["logGroupName"] == "/aws/sagemaker/Endpoints/ml-dev-plain"
    assert group["retentionInDays"] == 30
    key = client(project, "kms").describe_key(KeyId="alias/ml-dev-data")["KeyMetadata"]
    assert group["kmsKeyId"] == key["Arn"]


def test_repositories_keep_what_a_tag_names(project: Project) -> None:
    ecr = client(project, "ecr")
    (repository,) = ecr.describe_repositories()["repositories"]
    assert repository["repositoryName"] == "ml-dev-serving"
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["encryptionConfiguration"]["encryptionType"] == "KMS"
    assert (
        "untagged"
        in ecr.get_lifecycle_policy(repositoryName="ml-dev-serving")["lifecyclePolicyText"]
    )


def test_the_next_preview_and_a_refresh_show_no_change(project: Project) -> None:
    project.run("sandbox", "preview", "--", "--expect-no-changes")
    project.run("sandbox", "refresh", "--", "--expect-no-changes")


def test_destroy_leaves_only_keys_pending_deletion(project: Project) -> None:
    project.run("sandbox", "destroy")
    left = control(project, "GET", "resources")
    assert all("PendingDeletion" in line for line in left), left
