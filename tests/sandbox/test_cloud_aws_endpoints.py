"""SageMaker's endpoint family in the local AWS, by plain boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.cloud_aws_process import IMAGE, TRUST, LocalAws, Stage, refused, statuses, until

RETAIN = {
    "RetainAllVariantProperties": True,
    "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
}

DENIED = {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with LocalAws(tmp_path_factory.mktemp("aws"), delay_s=0.3) as aws:
        yield Stage(aws, "ep")


def move(stage: Stage, name: str, variant: str, **to: Any) -> None:
    """Move a variant by hand, as autoscaling does, and wait for it."""
    stage.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": variant, **to}]
    )
    statuses(stage.sagemaker, name)


def test_a_configuration_reads_back_as_it_was_declared(stage: Stage) -> None:
    key = stage.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    declared = {
        "ProductionVariants": [
            stage.variant(
                "a",
                InstanceType="ml.m6i.large",
                VolumeSizeInGB=30,
                RoutingConfig={"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
                ContainerStartupHealthCheckTimeoutInSeconds=120,
            ),
            stage.variant("b", ModelName="ep-b", InitialVariantWeight=0.25),
        ],
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 20,
            "DestinationS3Uri": "s3://ep-artifacts/capture",
            "KmsKeyId": key,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        },
        "KmsKeyId": key,
        "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://ep-artifacts/out"}},
        "ShadowProductionVariants": [stage.variant("shadow")],
    }
    stage.sagemaker.create_endpoint_config(EndpointConfigName="whole", **declared)
    seen = stage.sagemaker.describe_endpoint_config(EndpointConfigName="whole")
    assert {name: seen[name] for name in declared} == declared


@pytest.mark.parametrize(
    "machine", ["ml.g5.xlarge", "ml.g6.2xlarge", "ml.p4d.24xlarge", "ml.inf2.xlarge"]
)
def test_every_machine_of_the_vendors_model_is_taken(stage: Stage, machine: str) -> None:
    name = stage.config(machine.replace(".", "-"), stage.variant("a", InstanceType=machine))
    seen = stage.sagemaker.describe_endpoint_config(EndpointConfigName=name)
    assert seen["ProductionVariants"][0]["InstanceType"] == machine


def test_an_endpoint_is_created_described_listed_and_deleted(stage: Stage) -> None:
    stage.config("life-1", stage.variant("a", InitialInstanceCount=2))
    create = {"EndpointName": "life", "EndpointConfigName": "life-1"}
    arn = stage.sagemaker.create_endpoint(**create)["EndpointArn"]
    code, message = refused(stage.sagemaker.create_endpoint, **create)
    assert (code, message) == (
        "ValidationException",
        f'Cannot create already existing endpoint "{arn}".',
    )
    assert statuses(stage.sagemaker, "life") == ["Creating", "InService"]
    seen = stage.sagemaker.describe_endpoint(EndpointName="life")
    (variant,) = seen["ProductionVariants"]
    assert seen["EndpointConfigName"] == "life-1"
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (2, 2)
    assert variant["DeployedImages"][0]["SpecifiedImage"] == IMAGE
    listed = stage.sagemaker.list_endpoints(NameContains="life", StatusEquals="InService")
    assert [row["EndpointArn"] for row in listed["Endpoints"]] == [arn]

    stage.sagemaker.delete_endpoint(EndpointName="life")
    seen = stage.sagemaker.describe_endpoint(EndpointName="life")
    assert seen["EndpointStatus"] == "Deleting"
    stage.sagemaker.get_waiter("endpoint_deleted").wait(
        EndpointName="life", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    message = refused(stage.sagemaker.describe_endpoint, EndpointName="life")[1]
    assert message == f'Could not find endpoint "{arn}".'
    stage.sagemaker.delete_endpoint_config(EndpointConfigName="life-1")


def test_a_count_moved_by_hand_survives_an_update_that_retains(stage: Stage) -> None:
    name = stage.endpoint("kept", stage.variant("a"), stage.variant("b"))
    move(stage, name, "a", DesiredInstanceCount=3)
    move(stage, name, "b", DesiredWeight=5.0)
    stage.config(
        "kept-2",
        stage.variant("a", InitialVariantWeight=0.9, InstanceType="ml.m5.xlarge"),
        stage.variant("b", InitialVariantWeight=0.1, InitialInstanceCount=4),
        stage.variant("c", InitialVariantWeight=0.2, InitialInstanceCount=2),
    )
    stage.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName="kept-2", **RETAIN)
    assert statuses(stage.sagemaker, name) == ["Updating", "InService"]
    assert stage.live(name) == {"a": (3, 0.9), "b": (1, 0.1), "c": (2, 0.2)}


def test_retaining_all_keeps_weights_too(stage: Stage) -> None:
    name = stage.endpoint("all", stage.variant("a"))
    move(stage, name, "a", DesiredInstanceCount=2, DesiredWeight=0.5)
    stage.config("all-2", stage.variant("a", InitialInstanceCount=1))
    stage.sagemaker.update_endpoint(
        EndpointName=name, EndpointConfigName="all-2", RetainAllVariantProperties=True
    )
    statuses(stage.sagemaker, name)
    assert stage.live(name) == {"a": (2, 0.5)}


def test_an_update_that_retains_nothing_resets_counts_and_weights(stage: Stage) -> None:
    name = stage.endpoint("reset", stage.variant("a"))
    move(stage, name, "a", DesiredInstanceCount=3, DesiredWeight=0.5)
    stage.config("reset-2", stage.variant("a"))
    stage.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName="reset-2")
    statuses(stage.sagemaker, name)
    assert stage.live(name) == {"a": (1, 1.0)}


def test_while_an_update_runs_the_old_configuration_serves_and_nothing_else_starts(
    stage: Stage,
) -> None:
    name = stage.endpoint("busy", stage.variant("a"))
    stage.config("busy-2", stage.variant("a", InitialInstanceCount=2))
    update = {"EndpointName": name, "EndpointConfigName": "busy-2"}
    stage.aws.fault("UpdateEndpoint", "slow", delay_s=2)
    arn = stage.sagemaker.update_endpoint(**update)["EndpointArn"]
    seen = stage.sagemaker.describe_endpoint(EndpointName=name)
    assert (seen["EndpointStatus"], seen["EndpointConfigName"]) == ("Updating", "busy-1")
    assert seen["PendingDeploymentSummary"]["EndpointConfigName"] == "busy-2"
    in_progress = f'Cannot update in-progress endpoint "{arn}".'
    assert refused(stage.sagemaker.update_endpoint, **update)[1] == in_progress
    assert refused(stage.sagemaker.delete_endpoint, EndpointName=name)[1] == in_progress
    moved = [{"VariantName": "a", "DesiredInstanceCount": 2}]
    capacities = stage.sagemaker.update_endpoint_weights_and_capacities
    told = refused(capacities, EndpointName=name, DesiredWeightsAndCapacities=moved)
    assert told[1] == in_progress
    for config in ("busy-1", "busy-2"):
        refused(stage.sagemaker.delete_endpoint_config, EndpointConfigName=config)
    statuses(stage.sagemaker, name)
    stage.sagemaker.delete_endpoint_config(EndpointConfigName="busy-1")
    assert refused(stage.sagemaker.delete_endpoint_config, EndpointConfigName="busy-2")


def test_an_update_that_is_rolled_back_serves_the_old_configuration_and_tells_why(
    stage: Stage,
) -> None:
    name = stage.endpoint("back", stage.variant("a"))
    stage.config("back-2", stage.variant("a", InstanceType="ml.m5.xlarge"))
    stage.aws.fault("UpdateEndpoint", "rollback")
    stage.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName="back-2")
    assert statuses(stage.sagemaker, name) == ["Updating", "RollingBack", "InService"]
    seen = stage.sagemaker.describe_endpoint(EndpointName=name)
    assert seen["EndpointConfigName"] == "back-1"
    assert seen["FailureReason"]
    stage.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName="back-2")
    statuses(stage.sagemaker, name)
    seen = stage.sagemaker.describe_endpoint(EndpointName=name)
    assert (seen["EndpointConfigName"], seen.get("FailureReason")) == ("back-2", None)


def test_a_failed_endpoint_can_only_be_deleted(stage: Stage) -> None:
    stage.config("failed-1", stage.variant("a"))
    stage.config("failed-2", stage.variant("a"))
    stage.aws.fault("CreateEndpoint", "fail_create")
    stage.sagemaker.create_endpoint(EndpointName="failed", EndpointConfigName="failed-1")
    assert statuses(stage.sagemaker, "failed", "Failed") == ["Creating", "Failed"]
    assert stage.sagemaker.describe_endpoint(EndpointName="failed")["FailureReason"]
    update = {"EndpointName": "failed", "EndpointConfigName": "failed-2"}
    assert "Failed" in refused(stage.sagemaker.update_endpoint, **update)[1]
    stage.sagemaker.delete_endpoint(EndpointName="failed")
    until(lambda: not stage.sagemaker.list_endpoints(NameContains="failed")["Endpoints"])


def test_the_deployment_policy_reads_back(stage: Stage) -> None:
    name = stage.endpoint("policy", stage.variant("a"))
    stage.config("policy-2", stage.variant("a"))
    policy = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 60,
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
            },
            "TerminationWaitInSeconds": 30,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }
    stage.sagemaker.update_endpoint(
        EndpointName=name, EndpointConfigName="policy-2", DeploymentConfig=policy
    )
    statuses(stage.sagemaker, name)
    assert stage.sagemaker.describe_endpoint(EndpointName=name)["LastDeploymentConfig"] == policy


def test_what_an_endpoint_stands_on_must_exist(stage: Stage) -> None:
    sagemaker = stage.sagemaker
    arn = "arn:aws:sagemaker:us-east-1:123456789012"
    create = {"EndpointName": "none", "EndpointConfigName": "none"}
    message = refused(sagemaker.create_endpoint, **create)[1]
    assert message == f'Could not find endpoint configuration "{arn}:endpoint-config/none".'
    variants = [stage.variant("a", ModelName="none")]
    config = {"EndpointConfigName": "none", "ProductionVariants": variants}
    message = refused(sagemaker.create_endpoint_config, **config)[1]
    assert message == f'Could not find model "{arn}:model/none".'
    for call, params, noun in (
        (sagemaker.update_endpoint, create, "endpoint/none"),
        (sagemaker.delete_endpoint, {"EndpointName": "none"}, "endpoint/none"),
        (sagemaker.delete_model, {"ModelName": "none"}, "model/none"),
        (
            sagemaker.describe_endpoint_config,
            {"EndpointConfigName": "none"},
            "endpoint-config/none",
        ),
    ):
        assert f"{arn}:{noun}" in refused(call, **params)[1]
    runtime = stage.aws.client("sagemaker-runtime")
    assert "not found" in refused(runtime.invoke_endpoint, EndpointName="none", Body=b"{}")[1]


def test_illegal_values_are_refused_all_at_once_in_the_services_words(stage: Stage) -> None:
    variant = stage.variant("bad_name!!", InstanceType="ml.g4dn.xlarg", InitialVariantWeight=1.0)
    code, message = refused(
        stage.sagemaker.create_endpoint_config,
        EndpointConfigName="illegal_name",
        ProductionVariants=[variant],
        DataCaptureConfig={
            "InitialSamplingPercentage": 500,
            "DestinationS3Uri": "gs://a/b",
            "CaptureOptions": [{"CaptureMode": "Both"}],
        },
    )
    assert code == "ValidationException"
    assert message.startswith("6 validation errors detected: ")
    assert "'productionVariants.1.member.instanceType' failed to satisfy constraint" in message
    for value in ("illegal_name", "bad_name!!", "ml.g4dn.xlarg", "500", "gs://a/b", "Both"):
        assert f"'{value}'" in message


def test_a_model_needs_its_artifact_and_a_role_that_sagemaker_may_assume(stage: Stage) -> None:
    create, iam = stage.sagemaker.create_model, stage.aws.client("iam")
    container = {"Image": IMAGE, "ModelDataUrl": "s3://ep-artifacts/missing.tar.gz"}
    model = {"ModelName": "m", "ExecutionRoleArn": stage.role, "PrimaryContainer": container}
    assert "Could not access model data at s3://ep-artifacts/missing" in refused(create, **model)[1]
    good = {**model, "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": stage.artifact}}
    nobody = stage.role.replace("ep-role", "nobody")
    told = f"Could not assume role {nobody}. Please ensure that the role exists and allows "
    assert told in refused(create, **{**good, "ExecutionRoleArn": nobody})[1]
    other = iam.create_role(
        RoleName="lambda-only",
        AssumeRolePolicyDocument=TRUST.replace("sagemaker.amazonaws", "lambda.amazonaws"),
    )["Role"]["Arn"]
    lambda_model = {**good, "ExecutionRoleArn": other}
    assert "Could not assume role" in refused(create, **lambda_model)[1]


def test_a_role_that_may_not_read_the_artifact_makes_no_model(stage: Stage) -> None:
    iam = stage.aws.client("iam")
    name = {"RoleName": stage.role.rpartition("/")[2]}
    allowed = iam.get_role_policy(**name, PolicyName="read")["PolicyDocument"]
    elsewhere = json.loads(json.dumps(allowed).replace("-artifacts", "-elsewhere"))
    model = {
        "ModelName": "unread",
        "ExecutionRoleArn": stage.role,
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": stage.artifact},
    }
    for document in (elsewhere, {**allowed, "Statement": [*allowed["Statement"], DENIED]}):
        iam.put_role_policy(**name, PolicyName="read", PolicyDocument=json.dumps(document))
        code, message = refused(stage.sagemaker.create_model, **model)
        assert (code, "Could not access model data" in message) == ("ValidationException", True)
    iam.put_role_policy(**name, PolicyName="read", PolicyDocument=json.dumps(allowed))
    stage.sagemaker.create_model(**model)


def test_a_new_role_is_not_known_to_sagemaker_at_once(stage: Stage) -> None:
    aws = stage.aws
    role = aws.client("iam").create_role(RoleName="fresh", AssumeRolePolicyDocument=TRUST)
    model = {
        "ModelName": "fresh",
        "ExecutionRoleArn": role["Role"]["Arn"],
        "PrimaryContainer": {"Image": IMAGE},
    }
    assert "Could not assume role" in refused(stage.sagemaker.create_model, **model)[1]


def test_tags_are_added_listed_and_removed_on_every_noun(stage: Stage) -> None:
    name = stage.endpoint("tagged", stage.variant("a"))
    describe = stage.sagemaker
    for arn in (
        describe.describe_endpoint(EndpointName=name)["EndpointArn"],
        describe.describe_endpoint_config(EndpointConfigName="tagged-1")["EndpointConfigArn"],
        describe.describe_model(ModelName="ep-a")["ModelArn"],
    ):
        one, two = {"Key": "one", "Value": "1"}, {"Key": "two", "Value": "2"}
        describe.add_tags(ResourceArn=arn, Tags=[one, two])
        describe.add_tags(ResourceArn=arn, Tags=[{**one, "Value": "new"}])
        describe.delete_tags(ResourceArn=arn, TagKeys=["two"])
        tags = describe.list_tags(ResourceArn=arn)["Tags"]
        assert tags == [{"Key": "one", "Value": "new"}]


def test_lists_come_in_pages(stage: Stage) -> None:
    for number in range(3):
        stage.config(f"paged-{number}", stage.variant("a"))
    pages = stage.sagemaker.get_paginator("list_endpoint_configs").paginate(
        NameContains="paged", SortBy="Name", SortOrder="Ascending", MaxResults=2
    )
    names = [[c["EndpointConfigName"] for c in page["EndpointConfigs"]] for page in pages]
    assert names == [["paged-0", "paged-1"], ["paged-2"]]
