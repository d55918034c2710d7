"""Network, keys, stores and every kind of endpoint on AWS: one small stack, brought up, read back,
changed, destroyed.

The tests run in the order of the file and share one sandbox. What is read back comes from boto3.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import Project
from tests.engine.test_walk_aws import bounds, client, configuration, control

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("up")]

MODEL: dict[str, Any] = {
    "framework": "scikit-learn",
    "version": "1.2",
    "artifact": "models/bankchurn/model.tar.gz",
}
IMAGE = {"aws": "123456789012.dkr.ecr.us-east-1.amazonaws.com/ml-dev-serving:7"}
TARGET: dict[str, Any] = {"invocations_per_instance_per_minute": 100}
WORKLOADS: dict[str, Any] = {
    "plain": {
        "model": MODEL,
        "endpoint": {
            "capture": {"sampling_percent": 50, "retention_days": 14},
            "rollout": {"wait_s": 60, "alarms": {"error_percent": 5, "latency_ms": 500}},
            "scaling": {
                "min": 1,
                "max": 5,
                "schedules": {"night": {"cron": "0 20 * * *", "min": 1, "max": 2}},
            },
            "variants": {"v1": {"weight": 100}, "v2": {"weight": 0, "shadow_percent": 20}},
            "aws": {
                "instance_type": "ml.m5.large",
                "target": {**TARGET, "cpu_percent": 60},
                "steps": {
                    "metric": "latency_ms",
                    "out": [{"at": 200, "add": 1}, {"at": 400, "add": 3}],
                    "in": [{"at": 50, "remove": 1}],
                },
            },
        },
    },
    "little": {
        "model": MODEL,
        "endpoint": {
            "mode": "serverless",
            "scaling": {"min": 1, "max": 20},
            "aws": {
                "serverless": {"memory_mib": 3072},
                "target": {"provisioned_concurrency_percent": 70},
            },
        },
    },
    "queued": {
        "model": MODEL,
        "endpoint": {
            "mode": "asynchronous",
            "scaling": {"min": 0, "max": 4},
            "aws": {
                "instance_type": "ml.m5.large",
                "asynchronous": {"max_concurrent_per_instance": 4, "notify": True},
                "target": {"backlog_per_instance": 5},
            },
        },
    },
    "shared": {
        "model": MODEL,
        "endpoint": {
            "scaling": {"min": 0, "max": 3},
            "aws": {
                "instance_type": "ml.m5.xlarge",
                "copies": {
                    "min": 0,
                    "max": 8,
                    "cpu_cores": 0.5,
                    "memory_mib": 1024,
                    "invocations_per_copy_per_minute": 60,
                },
            },
        },
    },
    "many": {
        "model": MODEL,
        "endpoint": {
            "scaling": {"min": 1, "max": 1},
            "aws": {"instance_type": "ml.m5.large", "multi_model": True},
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


def changed(name: str, keys: dict[str, Any]) -> dict[str, Any]:
    """A workload of the stack with some of its keys changed."""
    return {**WORKLOADS[name], **keys}


def data_key(project: Project) -> str:
    found = client(project, "kms").describe_key(KeyId="alias/ml-dev-data")
    arn: str = found["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture(scope="module")
def up(project: Project) -> Iterator[str]:
    many = project.folder / "many"  # local artifacts are relative to the program, or absolute
    many.mkdir()
    for name in ("north", "south"):
        shutil.copy(project.folder / "models/bankchurn/model.tar.gz", many / f"{name}.tar.gz")
    WORKLOADS["many"]["model"] = {**MODEL, "artifact": str(many)}
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
    groups = client(project, "logs").describe_log_groups()["logGroups"]
    found = {group["logGroupName"]: group for group in groups}
    assert set(found) == {f"/aws/sagemaker/Endpoints/ml-dev-{name}" for name in WORKLOADS}
    group = found["/aws/sagemaker/Endpoints/ml-dev-plain"]
    assert group["retentionInDays"] == 30
    assert group["kmsKeyId"] == data_key(project)


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


def test_captured_requests_are_kept_under_the_data_key_as_long_as_asked(project: Project) -> None:
    capture = configuration(project, "ml-dev-plain")["DataCaptureConfig"]
    assert capture["InitialSamplingPercentage"] == 50
    assert capture["KmsKeyId"].endswith("alias/ml-dev-data")
    bucket, _, prefix = capture["DestinationS3Uri"].removeprefix("s3://").partition("/")
    assert prefix == "plain/captured"
    rules = client(project, "s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    days = {r["Filter"]["Prefix"]: r["Expiration"]["Days"] for r in rules if "Expiration" in r}
    assert days == {"plain/captured/": 14, "queued/answers/": 30, "queued/requests/": 30}


def test_a_shadow_variant_gets_its_share_of_copies(project: Project) -> None:
    seen = client(project, "sagemaker").describe_endpoint(EndpointName="ml-dev-plain")
    assert [v["VariantName"] for v in seen["ProductionVariants"]] == ["v1"]
    (shadow,) = seen["ShadowProductionVariants"]
    (live,) = seen["ProductionVariants"]
    assert (shadow["VariantName"], shadow["CurrentWeight"] / live["CurrentWeight"]) == ("v2", 0.2)


def test_scaling_by_targets_steps_and_schedules_is_as_declared(project: Project) -> None:
    scaling = client(project, "application-autoscaling")
    mine = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/ml-dev-plain/variant/v1"}
    policies = scaling.describe_scaling_policies(**mine)["ScalingPolicies"]
    tracked = {
        p["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        for p in policies
        if p["PolicyType"] == "TargetTrackingScaling"
    }
    assert tracked == {100.0, 120.0}, "60 percent of each of two cores"
    (out,) = [
        p for p in policies if p["PolicyName"].startswith("ml-dev-plain-v1-latency-steps-out")
    ]
    assert out["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 200000, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 200000, "ScalingAdjustment": 3},
    ]
    alarms = client(project, "cloudwatch").describe_alarms()["MetricAlarms"]
    (calls,) = [a for a in alarms if out["PolicyARN"] in a["AlarmActions"]]
    assert (calls["MetricName"], calls["Threshold"]) == ("ModelLatency", 200000.0)
    (night,) = scaling.describe_scheduled_actions(**mine)["ScheduledActions"]
    assert night["Schedule"] == "cron(0 20 ? * * *)"
    assert night["ScalableTargetAction"] == {"MinCapacity": 1, "MaxCapacity": 2}


def test_a_serverless_endpoint_scales_what_it_keeps_warm(project: Project) -> None:
    (variant,) = configuration(project, "ml-dev-little")["ProductionVariants"]
    assert variant["ServerlessConfig"] == {
        "MemorySizeInMB": 3072,
        "MaxConcurrency": 20,
        "ProvisionedConcurrency": 1,
    }
    scaling = client(project, "application-autoscaling")
    (target,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=["endpoint/ml-dev-little/variant/primary"]
    )["ScalableTargets"]
    assert target["ScalableDimension"] == "sagemaker:variant:DesiredProvisionedConcurrency"


def test_an_asynchronous_endpoint_tells_of_answers_and_scales_to_zero(project: Project) -> None:
    config = configuration(project, "ml-dev-queued")
    output = config["AsyncInferenceConfig"]["OutputConfig"]
    sns = client(project, "sns")
    topics = {t["TopicArn"] for t in sns.list_topics()["Topics"]}
    assert set(output["NotificationConfig"].values()) == topics
    answered = sns.get_topic_attributes(TopicArn=output["NotificationConfig"]["SuccessTopic"])
    assert answered["Attributes"]["KmsMasterKeyId"].endswith("alias/ml-dev-data")
    assert output["S3OutputPath"].endswith("/queued/answers/answered")
    resource = "endpoint/ml-dev-queued/variant/primary"
    assert bounds(project, "ml-dev-queued") == {"primary": (0, 4)}
    found = client(project, "application-autoscaling").describe_scaling_policies(
        ServiceNamespace="sagemaker", ResourceId=resource
    )["ScalingPolicies"]
    kinds = {p["PolicyType"]: p for p in found}
    tracking = kinds["TargetTrackingScaling"]["TargetTrackingScalingPolicyConfiguration"]
    metric = tracking["CustomizedMetricSpecification"]
    assert metric["MetricName"] == "ApproximateBacklogSizePerInstance"
    assert metric["Dimensions"] == [{"Name": "EndpointName", "Value": "ml-dev-queued"}]
    alarms = client(project, "cloudwatch").describe_alarms()["MetricAlarms"]
    (waiting,) = [a for a in alarms if a.get("MetricName") == "HasBacklogWithoutCapacity"]
    assert waiting["AlarmActions"] == [kinds["StepScaling"]["PolicyARN"]]


def test_copies_of_a_model_scale_to_zero_on_instances_that_follow(project: Project) -> None:
    sagemaker = client(project, "sagemaker")
    (variant,) = configuration(project, "ml-dev-shared")["ProductionVariants"]
    assert "ModelName" not in variant
    scaled = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 3}
    assert variant["ManagedInstanceScaling"] == scaled
    found = sagemaker.describe_inference_component(InferenceComponentName="ml-dev-shared-copies")
    assert (found["InferenceComponentStatus"], found["EndpointName"]) == (
        "InService",
        "ml-dev-shared",
    )
    assert found["Specification"]["ComputeResourceRequirements"] == {
        "NumberOfCpuCoresRequired": 0.5,
        "MinMemoryRequiredInMb": 1024,
    }
    scaling = client(project, "application-autoscaling")
    mine = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "inference-component/ml-dev-shared-copies",
    }
    policies = scaling.describe_scaling_policies(**mine)["ScalingPolicies"]
    assert {p["PolicyType"] for p in policies} == {"TargetTrackingScaling", "StepScaling"}
    (target,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[mine["ResourceId"]]
    )["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 8)


def test_one_container_serves_every_model_of_a_folder(project: Project) -> None:
    (variant,) = configuration(project, "ml-dev-many")["ProductionVariants"]
    model = client(project, "sagemaker").describe_model(ModelName=variant["ModelName"])
    assert model["PrimaryContainer"]["Mode"] == "MultiModel"
    bucket, _, prefix = model["PrimaryContainer"]["ModelDataUrl"][5:].partition("/")
    found = client(project, "s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    assert [o["Key"].removeprefix(prefix) for o in found] == ["north.tar.gz", "south.tar.gz"]


def test_the_next_preview_and_a_refresh_show_no_change(project: Project) -> None:
    project.run("sandbox", "preview", "--", "--expect-no-changes")
    project.run("sandbox", "refresh", "--", "--expect-no-changes")


def test_new_models_go_over_and_keep_the_live_counts(project: Project) -> None:
    scaled = {"VariantName": "v1", "DesiredInstanceCount": 4}
    sagemaker = client(project, "sagemaker")
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="ml-dev-plain", DesiredWeightsAndCapacities=[scaled]
    )
    copies = {"InferenceComponentName": "ml-dev-shared-copies"}
    sagemaker.update_inference_component_runtime_config(
        **copies, DesiredRuntimeConfig={"CopyCount": 5}
    )
    before = sagemaker.describe_inference_component(**copies)
    newer = {"model": {**MODEL, "image": IMAGE}}
    project.write_stack_file(
        stack_file(plain=changed("plain", newer), shared=changed("shared", newer))
    )
    project.run("sandbox", "up")
    after = sagemaker.describe_inference_component(**copies)
    assert after["Specification"]["ModelName"] != before["Specification"]["ModelName"]
    assert after["CreationTime"] == before["CreationTime"], "the same component"
    assert after["RuntimeConfig"]["DesiredCopyCount"] == 5
    seen = sagemaker.describe_endpoint(EndpointName="ml-dev-plain")
    shift = seen["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (shift["Type"], shift["CanarySize"]["Value"]) == ("CANARY", 10)
    assert seen["ProductionVariants"][0]["CurrentInstanceCount"] == 4
    names = {
        a["AlarmName"] for a in seen["LastDeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    }
    alarms = client(project, "cloudwatch").describe_alarms(AlarmNames=sorted(names))["MetricAlarms"]
    assert {a.get("MetricName", "share") for a in alarms} == {"share", "ModelLatency"}


def test_an_alarm_takes_the_update_back_and_up_fails_with_the_reason(project: Project) -> None:
    cloudwatch, sagemaker = client(project, "cloudwatch"), client(project, "sagemaker")
    before = sagemaker.describe_endpoint(EndpointName="ml-dev-plain")
    (alarm,) = [
        a["AlarmName"]
        for a in before["LastDeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
        if "latency" in a["AlarmName"]
    ]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="slow")
    project.write_stack_file(stack_file())
    failed = project.run("sandbox", "up", expect=None)
    assert failed.code != 0
    assert alarm in failed.text
    after = sagemaker.describe_endpoint(EndpointName="ml-dev-plain")
    assert after["EndpointConfigName"] == before["EndpointConfigName"]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="fast")
    project.run("sandbox", "up")
    healed = sagemaker.describe_endpoint(EndpointName="ml-dev-plain")
    assert healed["EndpointConfigName"] != before["EndpointConfigName"]
    assert healed["ProductionVariants"][0]["CurrentInstanceCount"] == 4


def test_destroy_leaves_only_keys_pending_deletion(project: Project) -> None:
    project.run("sandbox", "destroy")
    left = control(project, "GET", "resources")
    assert all("PendingDeletion" in line for line in left), left
