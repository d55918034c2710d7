"""Monitoring job definitions and schedules on the local AWS, through mlgap and boto3."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlplatform import contracts
from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.job_definition import JobDefinition
from mlplatform.provider.model import Context, NotFound, ProviderError
from tests.sandbox.cloud_aws_process import IMAGE, TRUST, LocalAws

ROLE = "arn:aws:iam::123456789012:role/monitor"
KINDS = ("modelQuality", "modelBias", "modelExplainability")


def token(kind: str) -> str:
    return f"mlgap:aws:{kind[0].upper()}{kind[1:]}JobDefinition"


def inputs(kind: str, **changes: Any) -> dict[str, Any]:
    app: dict[str, Any] = {"imageUri": IMAGE}
    source: dict[str, Any] = {
        "endpointInput": {"endpointName": "shop", "localPath": "/opt/ml/processing/input"}
    }
    if kind == "modelQuality":
        app["problemType"] = "BinaryClassification"
        source["endpointInput"]["inferenceAttribute"] = "0"
    else:
        app["configUri"] = "s3://bucket/analysis_config.json"
    if kind != "modelExplainability":
        source["groundTruthS3Input"] = {"s3Uri": "s3://bucket/truth"}
    output = {"s3Uri": "s3://bucket/reports", "localPath": "/opt/ml/processing/output"}
    return {
        "jobDefinitionName": f"shop-{kind.lower()}-1",
        "roleArn": ROLE,
        f"{kind}AppSpecification": app,
        f"{kind}JobInput": source,
        f"{kind}JobOutputConfig": {"monitoringOutputs": [{"s3Output": output}]},
        "jobResources": {
            "clusterConfig": {
                "instanceCount": 1,
                "instanceType": "ml.m5.xlarge",
                "volumeSizeInGB": 20,
            }
        },
        "tags": {"Team": "ml"},
        **changes,
    }


def context(kind: str, name: str = "shop") -> Context:
    urn = f"urn:pulumi:dev::ml::{token(kind)}::{name}"
    return Context(urn=urn, token=token(kind), name=name, timeout_s=60)


def definition() -> JobDefinition:
    return JobDefinition(AwsCloud({"region": "us-east-1", "account_id": "123456789012"}))


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Endpoint ``shop`` captures its data, endpoint ``blind`` does not."""
    with (
        LocalAws(tmp_path_factory.mktemp("aws"), delay_s=0.1) as local,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in local.address["environ"].items():
            patch.setenv(name, value)
        sagemaker, iam = local.client("sagemaker"), local.client("iam")
        iam.create_role(RoleName="monitor", AssumeRolePolicyDocument=TRUST)
        time.sleep(0.2)
        sagemaker.create_model(
            ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}
        )
        capture = {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": "s3://bucket/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}],
        }
        for endpoint, more in (("shop", {"DataCaptureConfig": capture}), ("blind", {})):
            variant = {
                "VariantName": "v1",
                "ModelName": "m",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
            sagemaker.create_endpoint_config(
                EndpointConfigName=endpoint, ProductionVariants=[variant], **more
            )
            sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=endpoint)
        sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName="blind", WaiterConfig={"Delay": 0.1, "MaxAttempts": 50}
        )
        yield local


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_definition_has_no_problems(kind: str) -> None:
    assert contracts.check(token(kind), inputs(kind)) == []


@pytest.mark.parametrize(
    ("kind", "changes", "path"),
    [
        (
            "modelQuality",
            {"modelQualityAppSpecification": {"imageUri": IMAGE}},
            "modelQualityAppSpecification.problemType",
        ),
        (
            "modelBias",
            {"modelBiasAppSpecification": {"imageUri": IMAGE}},
            "modelBiasAppSpecification.configUri",
        ),
        ("modelBias", {"modelBiasJobInput": {}}, "modelBiasJobInput.groundTruthS3Input"),
        (
            "modelExplainability",
            {"modelExplainabilityJobInput": {"endpointInput": {"endpointName": "shop"}}},
            "modelExplainabilityJobInput.endpointInput.localPath",
        ),
        (
            "modelExplainability",
            {
                "modelExplainabilityJobInput": {
                    "endpointInput": {"endpointName": "shop", "localPath": "/tmp/x"}
                }
            },
            "modelExplainabilityJobInput.endpointInput.localPath",
        ),
        (
            "modelQuality",
            {
                "jobResources": {
                    "clusterConfig": {
                        "instanceCount": 1,
                        "instanceType": "ml.p3.2xlarge",
                        "volumeSizeInGB": 20,
                    }
                }
            },
            "jobResources.clusterConfig.instanceType",
        ),
        ("modelQuality", {"tags": {"mlgap:urn": "x"}}, 'tags["mlgap:urn"]'),
    ],
)
def test_what_the_service_or_the_field_refuses_is_a_problem(
    kind: str, changes: dict[str, Any], path: str
) -> None:
    assert path in {p.path for p in contracts.check(token(kind), inputs(kind, **changes))}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_lives_from_create_to_delete(aws: LocalAws, kind: str) -> None:
    wanted = inputs(kind)
    name = wanted["jobDefinitionName"]
    id_, state = definition().create(context(kind), wanted)
    assert id_ == name
    sagemaker = aws.client("sagemaker")
    words = {"modelQuality": "model_quality", "modelBias": "model_bias"}
    describe = f"describe_{words.get(kind, 'model_explainability')}_job_definition"
    found = getattr(sagemaker, describe)(JobDefinitionName=name)
    assert found["JobDefinitionArn"] == state["arn"]
    assert found["JobResources"]["ClusterConfig"]["VolumeSizeInGB"] == 20
    assert definition().read(context(kind), name, wanted, {}) == (name, wanted, state)
    with pytest.raises(ProviderError, match="this stack did not make it"):
        definition().create(context(kind, "other"), wanted)
    assert definition().create(context(kind), wanted)[0] == name, "an interrupted run goes on"

    changed = definition().diff(
        context(kind), name, wanted, state, {**wanted, "roleArn": f"{ROLE}2"}
    )
    assert [c.replace for c in changed.changes] == [True]
    assert changed.delete_before_replace, "two of one name cannot stand side by side"
    renamed = {**wanted, "roleArn": f"{ROLE}2", "jobDefinitionName": "shop-2"}
    assert not definition().diff(context(kind), name, wanted, state, renamed).delete_before_replace
    retagged = {**wanted, "tags": {"Team": "other"}}
    (change,) = definition().diff(context(kind), name, wanted, state, retagged).changes
    assert not change.replace
    definition().update(context(kind), name, wanted, state, retagged)
    tags = sagemaker.list_tags(ResourceArn=state["arn"])["Tags"]
    assert {"Key": "Team", "Value": "other"} in tags

    definition().delete(context(kind), name, wanted, state)
    with pytest.raises(NotFound):
        definition().read(context(kind), name, wanted, {})


def test_a_monitor_needs_an_endpoint_that_captures(aws: LocalAws) -> None:
    del aws
    wanted = inputs("modelQuality")
    wanted["modelQualityJobInput"]["endpointInput"]["endpointName"] = "blind"
    with pytest.raises(ProviderError, match="Data capture is not enabled on endpoint blind"):
        definition().create(context("modelQuality"), wanted)


def test_what_a_schedule_uses_is_kept_and_a_schedule_has_three_shapes(aws: LocalAws) -> None:
    sagemaker = aws.client("sagemaker")
    wanted = inputs("modelQuality")
    name = wanted["jobDefinitionName"]
    _, state = definition().create(context("modelQuality"), wanted)

    def config(expression: str) -> dict[str, Any]:
        return {
            "MonitoringType": "ModelQuality",
            "MonitoringJobDefinitionName": name,
            "ScheduleConfig": {"ScheduleExpression": expression},
        }

    def status() -> str:
        found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="quality")
        return str(found["MonitoringScheduleStatus"])

    with pytest.raises(ClientError, match="Invalid schedule expression"):
        sagemaker.create_monitoring_schedule(
            MonitoringScheduleName="quality",
            MonitoringScheduleConfig=config("cron(30 * ? * * *)"),
        )
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="quality", MonitoringScheduleConfig=config("cron(0 * ? * * *)")
    )
    assert status() == "Pending"
    with pytest.raises(ProviderError, match="in use by monitoring schedule quality"):
        definition().delete(context("modelQuality"), name, wanted, state)
    with pytest.raises(ClientError, match="with attached monitoring schedules"):
        sagemaker.delete_endpoint(EndpointName="shop")
    time.sleep(0.15)
    sagemaker.update_monitoring_schedule(
        MonitoringScheduleName="quality", MonitoringScheduleConfig=config("cron(0 6 ? * * *)")
    )
    time.sleep(0.15)
    assert status() == "Scheduled"
    (listed,) = sagemaker.list_monitoring_schedules(EndpointName="shop")[
        "MonitoringScheduleSummaries"
    ]
    assert listed["MonitoringType"] == "ModelQuality"
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName="quality")
    assert status() == "Stopped"
    sagemaker.start_monitoring_schedule(MonitoringScheduleName="quality")
    assert status() == "Scheduled"
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="quality")
    time.sleep(0.15)
    definition().delete(context("modelQuality"), name, wanted, state)
    resources = json.dumps(sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"])
    assert resources == "[]"
