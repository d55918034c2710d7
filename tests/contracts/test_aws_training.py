"""Jobs inside state machines, schedules, searches: what AWS would refuse at run time."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from mlplatform import contracts

REQUEST: dict[str, Any] = {
    "TrainingJobName.$": "States.Format('ml-dev-{}', States.UUID())",
    "AlgorithmSpecification": {
        "TrainingImage": "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.0.1",
        "TrainingInputMode": "File",
    },
    "RoleArn": "arn:aws:iam::123456789012:role/train",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {
        "InstanceType": "ml.g4dn.xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 50,
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
    "EnableManagedSpotTraining": True,
    "CheckpointConfig": {"S3Uri.$": "States.Format('s3://b/{}', $$.Execution.Name)"},
    "HyperParameters": {"Any-Word": "1"},
    "Tags": [{"Key": "Project", "Value": "ml"}],
}
MACHINE = "aws:sfn/stateMachine:StateMachine"
TASK = "arn:aws:states:::sagemaker:createTrainingJob.sync"


def told(request: dict[str, Any], **machine: Any) -> list[str]:
    states = {"Train": {"Type": "Task", "Resource": TASK, "Parameters": request, "End": True}}
    document = {"StartAt": "Train", "States": states, **machine}
    inputs = {
        "definition": json.dumps(document),
        "roleArn": "arn:aws:iam::123456789012:role/start",
    }
    return [str(problem) for problem in contracts.check(MACHINE, inputs)]


def changed(path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(REQUEST)
    *parents, last = path.split(".")
    at = made
    for part in parents:
        at = at[part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return made


def test_a_sound_request_has_no_problems() -> None:
    assert told(REQUEST) == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("ResourceConfig.InstanceType", "ml.g4dn.xlarg", "nearest: ml.g4dn.xlarge"),
        ("ResourceConfig.InstanceType", "ml.p3.2xlarge", "ml.g5.2xlarge"),
        ("ResourceConfig.KeepAlivePeriodInSeconds", 60, "spot instances cannot be kept warm"),
        ("StoppingCondition.MaxWaitTimeInSeconds", 60, "at least maxRuntimeInSeconds"),
        ("CheckpointConfig", None, "an interrupted spot run goes on"),
        ("OutputDataConfig.S3OutputPath", "gs://bucket/x", "allowed: text that matches"),
        ("AlgorithmSpecification.TrainingInputMode", "Files", "nearest: File"),
        ("RoleArn", None, "missing"),
        ("EnableNetworkIsolated", True, "enableNetworkIsolation"),
    ],
)
def test_a_wrong_request_is_told_with_its_state_and_member(
    path: str, value: Any, words: str
) -> None:
    found = told(changed(path, value))
    assert any(words in line and "Train.Parameters" in line for line in found), found


def test_a_definition_that_does_not_hold_together_is_told() -> None:
    assert any("StartAt is no state" in line for line in told(REQUEST, StartAt="Trian"))
    inputs = {"definition": "{", "roleArn": "arn:aws:iam::123456789012:role/start"}
    assert "allowed: JSON" in str(contracts.check(MACHINE, inputs)[0])


@pytest.mark.parametrize(
    ("expression", "good"),
    [
        ("cron(0 3 ? * MON *)", True),
        ("rate(1 hour)", True),
        ("rate(5 minutes)", True),
        ("at(2026-12-01T06:00:00)", True),
        ("cron(0 3 * * *)", False),
        ("cron(0 3 * * MON *)", False),
        ("rate(1 hours)", False),
        ("every day", False),
    ],
)
def test_schedules_have_schedulers_grammar(expression: str, good: bool) -> None:
    inputs = {
        "scheduleExpression": expression,
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {
            "arn": "arn:aws:states:us-east-1:123456789012:stateMachine:x",
            "roleArn": "arn:aws:iam::123456789012:role/schedule",
        },
    }
    found = contracts.check("aws:scheduler/schedule:Schedule", inputs)
    assert ([p.path for p in found] == []) == good


def test_a_search_runs_no_more_at_a_time_than_in_all() -> None:
    request = {k: v for k, v in REQUEST.items() if k != "TrainingJobName.$"}
    search = {
        "HyperParameterTuningJobName": "x",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 4},
        },
        "TrainingJobDefinition": {
            key: value for key, value in request.items() if key not in ("HyperParameters", "Tags")
        },
    }
    states = {
        "Search": {
            "Type": "Task",
            "Resource": TASK.replace("TrainingJob", "HyperParameterTuningJob"),
            "Parameters": search,
            "End": True,
        }
    }
    document = json.dumps({"StartAt": "Search", "States": states})
    inputs = {"definition": document, "roleArn": "arn:aws:iam::123456789012:role/start"}
    (problem,) = contracts.check(MACHINE, inputs)
    assert "maxParallelTrainingJobs: allowed: at most maxNumberOfTrainingJobs, which is 2" in str(
        problem
    )


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"eventPattern": '{"source": ["aws.sagemaker"]}'}, None),
        ({"scheduleExpression": "rate(1 hour)"}, None),
        ({}, "eventPattern"),
        ({"eventPattern": "[]"}, "eventPattern"),
        ({"eventPattern": "{"}, "eventPattern"),
    ],
)
def test_a_rule_has_a_pattern_or_a_schedule(inputs: dict[str, Any], path: str | None) -> None:
    found = contracts.check("aws:cloudwatch/eventRule:EventRule", {"name": "x", **inputs})
    assert [p.path for p in found] == ([path] if path else [])
