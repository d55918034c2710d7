"""Runs of training and tuning jobs on the local AWS, through mlgap and boto3."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.job import Job
from mlplatform.provider.model import Context, NotFound, Partial, ProviderError
from tests.sandbox.cloud_aws_process import IMAGE, TRUST, LocalAws

TOKEN = "mlgap:aws:TrainingJob"
WORK: dict[str, Any] = {
    "algorithmSpecification": {"trainingImage": IMAGE, "trainingInputMode": "File"},
    "roleArn": "arn:aws:iam::123456789012:role/train",
    "outputDataConfig": {"s3OutputPath": "s3://bucket/trained"},
    "resourceConfig": {
        "instanceType": "ml.m5.xlarge",
        "instanceCount": 1,
        "volumeSizeInGB": 20,
    },
    "stoppingCondition": {"maxRuntimeInSeconds": 3600},
}
RUN: dict[str, Any] = {"trainingJobName": "shop-1", **WORK, "tags": {"Team": "ml"}}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with (
        LocalAws(tmp_path_factory.mktemp("aws"), delay_s=0.1) as local,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in local.address["environ"].items():
            patch.setenv(name, value)
        local.client("iam").create_role(RoleName="train", AssumeRolePolicyDocument=TRUST)
        yield local


def context(token: str = TOKEN, name: str = "shop") -> Context:
    urn = f"urn:pulumi:dev::ml::{token}::{name}"
    return Context(urn=urn, token=token, name=name, timeout_s=60)


def job() -> Job:
    return Job(AwsCloud({"region": "us-east-1", "account_id": "123456789012"}))


def fault(aws: LocalAws, operation: str, kind: str, **more: Any) -> None:
    body = json.dumps({"operation": operation, "kind": kind, "times": 1, **more}).encode()
    request = urllib.request.Request(f"{aws.url}/_sandbox/faults", data=body, method="POST")
    urllib.request.urlopen(request).close()


def test_a_run_is_waited_for_read_back_and_taken_out(aws: LocalAws) -> None:
    id_, state = job().create(context(), RUN)
    assert id_ == "shop-1"
    sagemaker = aws.client("sagemaker")
    found = sagemaker.describe_training_job(TrainingJobName="shop-1")
    assert found["TrainingJobStatus"] == "Completed"
    assert found["ModelArtifacts"]["S3ModelArtifacts"] == (
        "s3://bucket/trained/shop-1/output/model.tar.gz"
    )
    assert job().read(context(), "shop-1", RUN, {}) == ("shop-1", RUN, state)
    assert job().create(context(), RUN) == (id_, state), "an interrupted create goes on"
    with pytest.raises(ProviderError, match="this stack did not make it"):
        job().create(context(name="other"), RUN)
    job().delete(context(), "shop-1", RUN, state)
    with pytest.raises(NotFound):
        job().read(context(), "shop-1", RUN, {})


def test_another_definition_is_another_run_and_tags_are_not() -> None:
    longer = {**RUN, "stoppingCondition": {"maxRuntimeInSeconds": 60}}
    assert [c.replace for c in job().diff(context(), "shop-1", RUN, {}, longer).changes] == [True]
    retagged = {**RUN, "tags": {"Team": "other"}}
    assert [c.replace for c in job().diff(context(), "shop-1", RUN, {}, retagged).changes] == [
        False
    ]


def test_a_failed_run_is_a_failure_that_stays_until_it_is_taken_out(aws: LocalAws) -> None:
    fault(aws, "CreateTrainingJob", "fail_create")
    with pytest.raises(Partial, match="AlgorithmError") as failed:
        job().create(context(), {**RUN, "trainingJobName": "bad"})
    assert failed.value.id == "bad"
    with pytest.raises(Partial, match="takes the failed run out"):
        job().update(context(), "bad", RUN, RUN, {**RUN, "trainingJobName": "bad"})
    job().delete(context(), "bad", RUN, {})
    assert aws.client("sagemaker").list_training_jobs()["TrainingJobSummaries"] == []


def test_a_running_job_is_stopped_before_it_is_deleted(aws: LocalAws) -> None:
    sagemaker = aws.client("sagemaker")
    time.sleep(1.5)  # a slow call also looks for a role that is as old
    fault(aws, "CreateTrainingJob", "slow", delay_s=1.5)
    sagemaker.create_training_job(
        TrainingJobName="long",
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=WORK["roleArn"],
        OutputDataConfig={"S3OutputPath": "s3://bucket/trained"},
        ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 20},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.delete_training_job(TrainingJobName="long")
    job().delete(context(), "long", RUN, {})
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_training_job(TrainingJobName="long")


def test_a_search_is_a_run_too(aws: LocalAws) -> None:
    token = "mlgap:aws:HyperParameterTuningJob"
    inputs = {
        "hyperParameterTuningJobName": "search-1",
        "hyperParameterTuningJobConfig": {
            "strategy": "Bayesian",
            "resourceLimits": {"maxNumberOfTrainingJobs": 4, "maxParallelTrainingJobs": 2},
        },
        "trainingJobDefinition": WORK,
    }
    assert job().check(context(token), inputs, None)[1] == []
    job().create(context(token), inputs)
    found = aws.client("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="search-1"
    )
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    definition = found["TrainingJobDefinition"]
    assert definition["ResourceConfig"]["InstanceType"] == "ml.m5.xlarge"
    job().delete(context(token), "search-1", inputs, {})
