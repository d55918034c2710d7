"""Jobs of Azure ML: what the contract takes, and what it refuses before a schedule would."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform.contracts.azure import changes, check
from tests.contracts.test_azure_rules import changed

SCHEDULE = "azure-native:machinelearningservices:Schedule"
RUN = "mlgap:azure:Job"
JOB = "properties.action.jobDefinition"
_WORKSPACE = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-dev/providers"
    "/Microsoft.MachineLearningServices/workspaces/ml-dev"
)
TRIAL: dict[str, Any] = {
    "codeId": f"{_WORKSPACE}/codes/churn/versions/1",
    "environmentId": f"{_WORKSPACE}/environments/churn/versions/1",
    "command": "DATA=${{inputs.train}} python train.py --model-dir ${{outputs.model}}",
    "resources": {"instanceCount": 2},
    "distribution": {"distributionType": "PyTorch", "processCountPerInstance": 1},
}
COMMON: dict[str, Any] = {
    "computeId": f"{_WORKSPACE}/computes/churn",
    "identity": {"identityType": "Managed"},
    "inputs": {"train": {"jobInputType": "uri_folder", "uri": "azureml://datastores/a/paths/b/"}},
    "outputs": {"model": {"jobOutputType": "uri_folder", "mode": "ReadWriteMount"}},
}
COMMAND = {
    "jobType": "Command",
    **COMMON,
    **TRIAL,
    "limits": {"jobLimitsType": "Command", "timeout": "PT1H"},
}
SWEEP = {
    "jobType": "Sweep",
    **COMMON,
    "trial": {**TRIAL, "command": f"{TRIAL['command']} --depth ${{{{search_space.depth}}}}"},
    "objective": {"goal": "Maximize", "primaryMetric": "accuracy"},
    "samplingAlgorithm": {"samplingAlgorithmType": "Bayesian"},
    "searchSpace": {"depth": ["quniform", [2, 8, 1]]},
    "limits": {
        "jobLimitsType": "Sweep",
        "maxTotalTrials": 20,
        "maxConcurrentTrials": 4,
        "timeout": "PT5H",
        "trialTimeout": "PT1H",
    },
}
MEDIAN = {"policyType": "MedianStopping", "evaluationInterval": 1, "delayEvaluation": 5}


def schedule(job: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceGroupName": "ml-dev",
        "workspaceName": "ml-dev",
        "name": "nightly",
        "properties": {
            "trigger": {"triggerType": "Cron", "expression": "0 3 * * *"},
            "action": {"actionType": "CreateJob", "jobDefinition": job},
        },
    }


def run(job: dict[str, Any]) -> dict[str, Any]:
    place = {"resourceGroupName": "ml-dev", "workspaceName": "ml-dev"}
    return {**place, "jobName": "churn", "definition": job}


@pytest.mark.parametrize("job", [COMMAND, SWEEP], ids=["command", "sweep"])
def test_a_job_with_limits_is_accepted(job: dict[str, Any]) -> None:
    assert check(RUN, run(job)) == []


def test_a_schedule_starts_commands_and_no_searches() -> None:
    assert check(SCHEDULE, schedule(COMMAND)) == []
    (problem,) = check(SCHEDULE, schedule(SWEEP))
    assert problem.path == f"{JOB}.jobType"
    assert "Command, Pipeline, Spark" in str(problem)


@pytest.mark.parametrize(
    ("job", "path", "value", "words"),
    [
        (COMMAND, "limits", None, "required: a duration"),
        (COMMAND, "limits.timeout", "1 hour", "such as PT1H"),
        (COMMAND, "command", "python t.py ${{inputs.test}}", "inputs has no test"),
        (COMMAND, "command", "python t.py ${{outputs.best}}", "outputs has no best"),
        (COMMAND, "codeID", "x", "no such property"),
        (COMMAND, "distribution.distributionType", "Torch", "PyTorch"),
        (COMMAND, "identity.identityType", "System", "Managed"),
        (COMMAND, "inputs.train.jobInputType", "folder", "uri_folder"),
        (SWEEP, "limits.trialTimeout", None, "required: a duration"),
        (SWEEP, "limits.maxConcurrentTrials", 21, "1 to 20"),
        (SWEEP, "limits.maxTotalTrials", 2000, "1 to 1000"),
        (SWEEP, "searchSpace.depth", ["loguniform", [0, 1]], "Bayesian sampling"),
        (SWEEP, "earlyTermination", MEDIAN, "Random or Grid"),
        (SWEEP, "trial.command", "python t.py ${{search_space.lr}}", "searchSpace has no lr"),
        (SWEEP, "objective.goal", "Highest", "Maximize"),
    ],
)
def test_what_would_fail_in_the_night_is_refused_at_preview(
    job: dict[str, Any], path: str, value: Any, words: str
) -> None:
    problems = check(RUN, changed(run(job), f"definition.{path}", value))
    assert len(problems) == 1, [str(p) for p in problems]
    assert words in str(problems[0])
    if job is COMMAND:
        scheduled = check(SCHEDULE, changed(schedule(job), f"{JOB}.{path}", value))
        assert [one.message for one in scheduled] == [one.message for one in problems]


def test_another_job_is_a_change_of_the_schedule_in_place() -> None:
    other = {**COMMAND, "command": "python train.py"}
    found = changes(SCHEDULE, schedule(COMMAND), schedule(other))
    assert {change.kind for change in found} == {"update"}
