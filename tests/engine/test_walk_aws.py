"""One life of stack dev on AWS: preview, up, read back, change, break, heal, destroy.

The tests run in the order of the file and share one sandbox: each continues where the one
before it stopped. What is read back comes from boto3, the vendor's own client.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.engine.conftest import Project

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("up"),
]

RESNET, CHURN = "ml-dev-resnet50", "ml-dev-bankchurn"


def client(project: Project, service: str) -> Any:
    aws = project.addresses()["aws"]
    return boto3.client(
        service,
        endpoint_url=aws["endpoint_url"],
        region_name=aws["region"],
        aws_access_key_id=aws["access_key_id"],
        aws_secret_access_key=aws["secret_access_key"],
    )


def control(project: Project, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The local cloud's own door for faults and lists."""
    url = project.addresses()["aws"]["endpoint_url"] + "/_sandbox/" + path
    request = urllib.request.Request(
        url,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "null")


def variants(project: Project, endpoint: str) -> dict[str, dict[str, Any]]:
    seen = client(project, "sagemaker").describe_endpoint(EndpointName=endpoint)
    return {v["VariantName"]: v for v in seen["ProductionVariants"]}


def configuration(project: Project, endpoint: str) -> dict[str, Any]:
    sagemaker = client(project, "sagemaker")
    name = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    found: dict[str, Any] = sagemaker.describe_endpoint_config(EndpointConfigName=name)
    return found


def bounds(project: Project, endpoint: str) -> dict[str, tuple[int, int]]:
    scaling = client(project, "application-autoscaling")
    found = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    return {
        t["ResourceId"].rsplit("/", 1)[-1]: (t["MinCapacity"], t["MaxCapacity"])
        for t in found
        if t["ResourceId"].startswith(f"endpoint/{endpoint}/")
    }


def policies(project: Project, endpoint: str) -> dict[str, dict[str, Any]]:
    scaling = client(project, "application-autoscaling")
    found = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    return {
        p["ResourceId"].rsplit("/", 1)[-1]: p["TargetTrackingScalingPolicyConfiguration"]
        for p in found
        if p["ResourceId"].startswith(f"endpoint/{endpoint}/")
    }


@pytest.fixture(scope="module")
def up(project: Project) -> Iterator[str]:
    preview = project.run("sandbox", "preview").text
    assert "+ create" in preview or "to create" in preview, preview
    assert control(project, "GET", "resources") == [], "a preview creates nothing"
    yield project.run("sandbox", "up").text


def test_up_ends_with_the_endpoints_names(up: str) -> None:
    tail = up[-1500:]
    assert RESNET in tail
    assert CHURN in tail


def test_instance_types_counts_and_weights_are_as_declared(project: Project) -> None:
    config = configuration(project, RESNET)
    assert {
        v["VariantName"]: (v["InstanceType"], v["InitialInstanceCount"], v["InitialVariantWeight"])
        for v in config["ProductionVariants"]
    } == {"v1": ("ml.g4dn.xlarge", 2, 90.0), "v2": ("ml.g4dn.xlarge", 2, 10.0)}
    live = variants(project, RESNET)
    assert {n: (v["CurrentInstanceCount"], v["CurrentWeight"]) for n, v in live.items()} == {
        "v1": (2, 90.0),
        "v2": (2, 10.0),
    }
    assert set(variants(project, CHURN)) == {"primary"}


def test_scaling_bounds_targets_and_cooldowns_are_as_declared(project: Project) -> None:
    assert bounds(project, RESNET) == {"v1": (2, 10), "v2": (2, 10)}
    assert bounds(project, CHURN) == {"primary": (1, 5)}
    for name, endpoint, target in (("v1", RESNET, 70.0), ("primary", CHURN, 100.0)):
        policy = policies(project, endpoint)[name]
        assert policy["TargetValue"] == target
        assert (policy["ScaleInCooldown"], policy["ScaleOutCooldown"]) == (300, 60)
        assert policy["PredefinedMetricSpecification"]["PredefinedMetricType"] == (
            "SageMakerVariantInvocationsPerInstance"
        )


def test_the_key_rotates_and_encrypts_bucket_and_volume(project: Project) -> None:
    kms = client(project, "kms")
    alias = "alias/ml-dev-models"
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    for endpoint in (RESNET, CHURN):
        assert configuration(project, endpoint)["KmsKeyId"].endswith(alias)
    s3 = client(project, "s3")
    (bucket,) = [b["Name"] for b in s3.list_buckets()["Buckets"] if "artifacts" in b["Name"]]
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key["Arn"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values())


def test_each_model_has_its_artifact_and_its_own_role(project: Project) -> None:
    sagemaker, s3 = client(project, "sagemaker"), client(project, "s3")
    for endpoint, workload in ((RESNET, "resnet50"), (CHURN, "bankchurn")):
        for variant in configuration(project, endpoint)["ProductionVariants"]:
            model = sagemaker.describe_model(ModelName=variant["ModelName"])
            assert model["ExecutionRoleArn"].endswith(f"role/{endpoint}-serve")
            bucket, key = model["PrimaryContainer"]["ModelDataUrl"][5:].split("/", 1)
            assert key.startswith(f"{workload}/")
            assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] > 1000
    role = client(project, "iam").get_role(RoleName=f"{CHURN}-serve")["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


def test_the_second_preview_and_a_refresh_show_no_change(project: Project) -> None:
    project.run("sandbox", "preview", "--", "--expect-no-changes")
    project.run("sandbox", "refresh", "--", "--expect-no-changes")


def test_new_weights_and_instance_type_keep_the_live_count_and_the_scaling(
    project: Project,
) -> None:
    sagemaker = client(project, "sagemaker")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=RESNET,
        DesiredWeightsAndCapacities=[{"VariantName": "v1", "DesiredInstanceCount": 7}],
    )
    while sagemaker.describe_endpoint(EndpointName=RESNET)["EndpointStatus"] != "InService":
        time.sleep(0.1)
    before = policies(project, RESNET)

    content = project.stack_file()
    endpoint = content["config"]["mlplatform:workloads"]["resnet50"]["endpoint"]
    endpoint["variants"] = {"v1": {"weight": 60}, "v2": {"weight": 40}}
    endpoint["aws"]["instance_type"] = "ml.g4dn.2xlarge"
    project.write_stack_file(content)
    project.run("sandbox", "up")

    live = variants(project, RESNET)
    assert {n: (v["CurrentInstanceCount"], v["CurrentWeight"]) for n, v in live.items()} == {
        "v1": (7, 60.0),
        "v2": (2, 40.0),
    }
    types = {v["InstanceType"] for v in configuration(project, RESNET)["ProductionVariants"]}
    assert types == {"ml.g4dn.2xlarge"}
    assert bounds(project, RESNET) == {"v1": (2, 10), "v2": (2, 10)}
    assert policies(project, RESNET) == before
    tags = sagemaker.list_tags(
        ResourceArn=sagemaker.describe_endpoint(EndpointName=RESNET)["EndpointArn"]
    )["Tags"]
    assert not [t for t in tags if t["Key"].startswith("mlgap:parked")]
    project.run("sandbox", "preview", "--", "--expect-no-changes")


def test_an_update_that_sagemaker_rolls_back_is_a_failure_and_heals(project: Project) -> None:
    content = project.stack_file()
    workload = content["config"]["mlplatform:workloads"]["bankchurn"]
    workload["endpoint"]["aws"]["instance_type"] = "ml.m5.2xlarge"
    project.write_stack_file(content)
    control(
        project, "POST", "faults", {"operation": "UpdateEndpoint", "kind": "rollback", "times": 1}
    )
    failed = project.run("sandbox", "up", expect=None)
    assert failed.code != 0
    assert "did not go to configuration" in failed.text, failed.text
    assert "health check" in failed.text, "the reason that SageMaker gave is told"
    assert bounds(project, CHURN) == {"primary": (1, 5)}, "a failed update restores the scaling"
    project.run("sandbox", "up")
    (variant,) = configuration(project, CHURN)["ProductionVariants"]
    assert variant["InstanceType"] == "ml.m5.2xlarge"
    assert bounds(project, CHURN) == {"primary": (1, 5)}


def test_a_killed_cloud_comes_back_with_everything(project: Project) -> None:
    before = control(project, "GET", "resources")
    status = json.loads((project.folder / ".sandbox/clouds/aws/address.json").read_text())
    os.kill(status["pid"], signal.SIGKILL)
    project.run("sandbox", "refresh", "--", "--expect-no-changes")
    assert control(project, "GET", "resources") == before


def test_a_kill_in_the_middle_of_an_update_converges_at_the_next(project: Project) -> None:
    content = project.stack_file()
    workload = content["config"]["mlplatform:workloads"]["bankchurn"]
    workload["endpoint"]["aws"]["instance_type"] = "ml.c5.xlarge"
    project.write_stack_file(content)
    control(
        project,
        "POST",
        "faults",
        {"operation": "UpdateEndpoint", "kind": "slow", "times": 1, "delay_s": 8},
    )
    running = subprocess.Popen(
        project.command("sandbox", "up"),
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while bounds(project, CHURN):
        assert time.monotonic() < deadline, "the update never parked the scaling"
        assert running.poll() is None, "the update ended before it could be killed"
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()

    project.run("sandbox", "up")
    (variant,) = configuration(project, CHURN)["ProductionVariants"]
    assert variant["InstanceType"] == "ml.c5.xlarge"
    assert bounds(project, CHURN) == {"primary": (1, 5)}
    project.run("sandbox", "preview", "--", "--expect-no-changes")


def test_destroy_leaves_only_a_key_pending_deletion_and_up_works_again(project: Project) -> None:
    project.run("sandbox", "destroy")
    left = control(project, "GET", "resources")
    assert len(left) == 1, left
    assert "PendingDeletion" in json.dumps(left)
    project.reset_stack_files()
    project.run("sandbox", "up")
    assert bounds(project, RESNET) == {"v1": (2, 10), "v2": (2, 10)}
