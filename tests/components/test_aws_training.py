from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.aws.place import Place
from components.aws.training import Training, TrainingArgs, definition
from components.aws.training_request import JobArgs, RangeArgs, TuningArgs, properties
from mlplatform import contracts
from tests.recorder import Inventory, run

PLACE = Place(account_id="123456789012", region="us-east-1")
ROLE = "arn:aws:iam::123456789012:role/ml-dev-shop-train"
KEY = "arn:aws:kms:us-east-1:123456789012:alias/ml-dev-models"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.0.1-gpu-py310"
TUNING = TuningArgs(
    metric="validation:accuracy",
    goal="Maximize",
    max_runs=8,
    parallel_runs=2,
    ranges=[
        RangeArgs(name="lr", kind="Continuous", low="0.001", high="0.1", scale="Logarithmic"),
        RangeArgs(name="optimizer", kind="Categorical", values=["sgd", "adam"]),
    ],
)


def job(**changes: Any) -> JobArgs:
    facts: dict[str, Any] = {
        "role_arn": ROLE,
        "image_uri": IMAGE,
        "instance_type": "ml.g4dn.xlarge",
        "instance_count": 1,
        "volume_gib": 50,
        "max_run_s": 3600,
        "key_arn": KEY,
        "output_uri": "s3://ml-dev-artifacts/shop/trained",
        "checkpoint_uri": "s3://ml-dev-artifacts/shop/checkpoints",
        "channels": {"code": "s3://ml-dev-artifacts/code", "train": "s3://ml-dev-artifacts/d.csv"},
        "hyperparameters": {"epochs": "3"},
        "tags": {"Project": "ml"},
    }
    return JobArgs(**{**facts, **changes})


def args(*, run: bool = True, schedule: str | None = "cron(0 3 ? * MON *)", **of: Any) -> Any:
    return TrainingArgs(
        place=PLACE,
        machine_name="ml-dev-shop-train",
        job_prefix="ml-dev-shop",
        start_role_arn="arn:aws:iam::123456789012:role/ml-dev-shop-start",
        schedule_role_arn="arn:aws:iam::123456789012:role/ml-dev-shop-schedule",
        job=job(**of),
        schedule=schedule,
        run=run,
    )


def made(**of: Any) -> Inventory:
    return run(lambda: Training("train", args(**of)))


@pytest.mark.parametrize(
    "of",
    [
        {},
        {"spot": True, "max_wait_s": 7200},
        {"keep_alive_s": 600, "instance_count": 4, "sharded": True},
        {"tuning": TUNING, "metrics": {"validation:accuracy": "acc=([0-9.]+)"}},
        {"subnet_ids": ["subnet-0123456789abcdef0"], "security_group_ids": ["sg-01234567"]},
    ],
)
def test_aws_would_accept_the_machine_the_schedule_and_the_run(of: dict[str, Any]) -> None:
    for resource in made(**of).resources:
        if contracts.covers(resource.type):
            assert contracts.check(resource.type, resource.inputs) == [], resource.name


def test_a_machine_with_a_disk_of_its_own_takes_no_volume_key() -> None:
    def volume_key(instance_type: str) -> str | None:
        request = definition(args(instance_type=instance_type))["States"]["Train"]["Parameters"]
        found: str | None = request["ResourceConfig"].get("VolumeKmsKeyId")
        return found

    assert volume_key("ml.g4dn.xlarge") is None
    assert volume_key("ml.m5.xlarge") == KEY


def test_each_execution_has_a_name_and_checkpoints_of_its_own() -> None:
    state = definition(args(spot=True, max_wait_s=7200))["States"]["Train"]
    parameters = state["Parameters"]
    assert parameters["TrainingJobName.$"] == "States.Format('ml-dev-shop-{}', States.UUID())"
    assert parameters["CheckpointConfig"]["S3Uri.$"] == (
        "States.Format('s3://ml-dev-artifacts/shop/checkpoints/{}', $$.Execution.Name)"
    )
    assert state["Resource"].endswith("createTrainingJob.sync")


def test_several_instances_encrypt_what_they_tell_each_other_and_share_the_data() -> None:
    request = definition(args(instance_count=4, sharded=True))["States"]["Train"]["Parameters"]
    assert request["EnableInterContainerTrafficEncryption"] is True
    parts = {
        one["ChannelName"]: one["DataSource"]["S3DataSource"]["S3DataDistributionType"]
        for one in request["InputDataConfig"]
    }
    assert parts == {"code": "FullyReplicated", "train": "ShardedByS3Key"}


def test_a_changed_definition_is_another_run_and_the_same_is_none() -> None:
    token = "mlgap:aws:TrainingJob"
    name = made().one(token).inputs["trainingJobName"]
    assert name == made().one(token).inputs["trainingJobName"]
    assert name != made(max_run_s=7200).one(token).inputs["trainingJobName"]


def test_a_network_that_is_not_made_yet_leaves_the_name_of_the_run_alone() -> None:
    def program() -> None:
        subnet = pulumi.Output.from_input("subnet-0123456789abcdef0")
        Training("train", args(subnet_ids=[subnet], security_group_ids=["sg-01234567"]))

    inputs = run(program).one("mlgap:aws:TrainingJob").inputs
    assert (
        inputs["trainingJobName"] == made().one("mlgap:aws:TrainingJob").inputs["trainingJobName"]
    )
    assert inputs["vpcConfig"]["subnets"] == ["subnet-0123456789abcdef0"]


def test_a_search_keeps_fixed_hyperparameters_apart_from_those_it_searches() -> None:
    inputs = made(tuning=TUNING, metrics={"m": "x"}).one("mlgap:aws:HyperParameterTuningJob").inputs
    assert inputs["trainingJobDefinition"]["staticHyperParameters"] == {"epochs": "3"}
    ranges = inputs["hyperParameterTuningJobConfig"]["parameterRanges"]
    assert ranges["continuousParameterRanges"][0]["scalingType"] == "Logarithmic"
    assert ranges["categoricalParameterRanges"] == [
        {"name": "optimizer", "values": ["sgd", "adam"]}
    ]


def test_words_of_the_program_keep_their_spelling() -> None:
    given = {"HyperParameters": {"Epochs": "3"}, "Environment": {"HOME": "/"}, "RoleArn": "r"}
    assert properties(given) == {
        "hyperParameters": {"Epochs": "3"},
        "environment": {"HOME": "/"},
        "roleArn": "r",
    }


def test_without_schedule_and_run_there_is_only_the_definition() -> None:
    assert list(made(run=False, schedule=None).children("train")) == ["train"]


def test_a_definition_in_a_network_that_is_not_made_yet_is_text_all_the_same() -> None:
    inputs = made(subnet_ids=["subnet-1"], security_group_ids=["sg-1"])
    text = inputs.one("aws:sfn/stateMachine:StateMachine").inputs["definition"]
    assert json.loads(text)["States"]["Train"]["Parameters"]["VpcConfig"]["Subnets"] == ["subnet-1"]


@pytest.mark.parametrize(
    "of", [{"spot": True, "max_wait_s": 60}, {"spot": True, "max_wait_s": 9000, "keep_alive_s": 9}]
)
def test_spot_waits_at_least_as_long_as_it_runs_and_keeps_nothing_warm(of: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"max_wait_s|keep_alive_s"):
        job(**of)
