"""The endpoint resource against the sandbox's local AWS, through ordinary boto3 clients."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from mlplatform.gaps.plugin.aws.cloud import AwsCloud, WrongAccountError
from mlplatform.gaps.plugin.aws.endpoint import Endpoint
from mlplatform.provider.model import Context, Partial

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
URN = "urn:pulumi:dev::ml::mlgap:aws:Endpoint::shop"
VARIANT = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/shop/variant/v1",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
POLICY = {
    "TargetValue": 70.0,
    "ScaleInCooldown": 300,
    "PredefinedMetricSpecification": {
        "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
    },
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
INPUTS = {"endpointName": "shop", "endpointConfigName": "c1", "tags": {"Team": "ml"}}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("aws")
    command = [sys.executable, "-m", "mlplatform.sandbox.clouds.aws", "--dir", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "MLP_SANDBOX_DELAY_S": "0.1"})
    file = folder / "address.json"
    until = time.monotonic() + 60
    while not file.exists():
        assert process.poll() is None, "the local cloud ended"
        assert time.monotonic() < until, "the local cloud did not start"
        time.sleep(0.05)
    yield json.loads(file.read_text())
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def environment(address: dict[str, Any]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in address["environ"].items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def sagemaker(environment: None) -> Any:
    """A client, once a role, a model and two configurations are there."""
    del environment
    role = boto3.client("iam").create_role(
        RoleName="serving", AssumeRolePolicyDocument=json.dumps(TRUST)
    )["Role"]["Arn"]
    client = boto3.client("sagemaker")
    time.sleep(0.5)  # a new role can be assumed only after a moment
    client.create_model(
        ModelName="m",
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/serving:1"},
    )
    for name, kind, weight in (("c1", "ml.m5.large", 1.0), ("c2", "ml.m5.xlarge", 3.0)):
        client.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "v1",
                    "ModelName": "m",
                    "InstanceType": kind,
                    "InitialInstanceCount": 2,
                    "InitialVariantWeight": weight,
                }
            ],
        )
    return client


@pytest.fixture(scope="module")
def served(sagemaker: Any) -> Any:
    """The endpoint, made by the resource, scaled, and moved by hand to four instances."""
    id_, state = Endpoint(cloud()).create(context(), INPUTS)
    assert (id_, state["arn"]) == ("shop", f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/shop")
    scaling = boto3.client("application-autoscaling")
    scaling.register_scalable_target(**VARIANT, MinCapacity=2, MaxCapacity=9, Tags={"Team": "ml"})
    scaling.put_scaling_policy(
        **VARIANT,
        PolicyName="track",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=POLICY,
    )
    scaling.put_scheduled_action(
        **VARIANT,
        ScheduledActionName="night",
        Schedule="cron(0 22 * * ? *)",
        ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 3},
    )
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="shop",
        DesiredWeightsAndCapacities=[{"VariantName": "v1", "DesiredInstanceCount": 4}],
    )
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="shop", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    return sagemaker


def cloud(account: str = ACCOUNT) -> AwsCloud:
    return AwsCloud({"region": "us-east-1", "account_id": account})


def context() -> Context:
    return Context(urn=URN, token="mlgap:aws:Endpoint", name="shop", timeout_s=60)


def update(config: str) -> dict[str, Any]:
    inputs = {**INPUTS, "endpointConfigName": config}
    return Endpoint(cloud()).update(context(), "shop", INPUTS, INPUTS, inputs)


def registered() -> dict[str, Any]:
    """All that is registered, without what AWS makes anew."""
    client = boto3.client("application-autoscaling")
    where = {k: v for k, v in VARIANT.items() if k != "ResourceId"}
    (target,) = client.describe_scalable_targets(ResourceIds=[VARIANT["ResourceId"]], **where)[
        "ScalableTargets"
    ]
    (policy,) = client.describe_scaling_policies(**VARIANT)["ScalingPolicies"]
    (action,) = client.describe_scheduled_actions(**VARIANT)["ScheduledActions"]
    return {
        "bounds": (target["MinCapacity"], target["MaxCapacity"]),
        "suspended": target["SuspendedState"],
        "tags": client.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"],
        "policy": (policy["PolicyName"], policy["TargetTrackingScalingPolicyConfiguration"]),
        "action": (action["ScheduledActionName"], action["ScalableTargetAction"]),
    }


def live(client: Any) -> tuple[str, int, float]:
    found = client.describe_endpoint(EndpointName="shop")
    (variant,) = found["ProductionVariants"]
    weight = variant["CurrentWeight"]
    return found["EndpointConfigName"], variant["CurrentInstanceCount"], weight


def tags(client: Any) -> set[str]:
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/shop"
    return {tag["Key"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}


def test_a_rollback_then_a_success_then_a_delete(served: Any, address: dict[str, Any]) -> None:
    before = registered()
    body = json.dumps({"operation": "UpdateEndpoint", "kind": "rollback", "times": 1}).encode()
    url = address["public"]["endpoint_url"] + "/_sandbox/faults"
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST")).close()
    with pytest.raises(Partial, match="did not go to configuration c2: it is InService with"):
        update("c2")
    assert live(served) == ("c1", 4, 1.0)
    assert registered() == before

    update("c2")
    assert live(served) == ("c2", 4, 3.0), "the count that scaling reached, the new weight"
    assert registered() == before
    assert tags(served) == {"Team", "mlgap:urn"}

    Endpoint(cloud()).delete(context(), "shop", INPUTS, {})
    assert served.list_endpoints()["Endpoints"] == []


@pytest.mark.usefixtures("environment")
def test_another_account_is_refused() -> None:
    with pytest.raises(WrongAccountError, match=f"belong to account {ACCOUNT}"):
        cloud("9" * 12).verify(lambda text: pytest.fail(text))
