"""The definition of a training job, as Azure ML takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.azure.job import JobArgs, RangeArgs, SearchArgs, definition, fingerprint
from mlplatform.contracts.azure.rules import job as rules

ARGS = JobArgs(
    experiment="ml-dev-churn",
    code_uri="https://a.blob.core.windows.net/artifacts/churn/code/1",
    code_sha256="1" * 64,
    entry_point="train.py",
    image_uri="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest",
    pip_packages=("torch==2.0.1",),
    max_run_s=3600,
    hyperparameters={"epochs": "3", "note": "it's two words"},
    data={"train-set": ("uri_folder", "azureml://datastores/a/paths/b/")},
)
SEARCH = SearchArgs(
    metric="accuracy",
    maximize=False,
    max_runs=5,
    parallel_runs=2,
    sampling="random",
    parameters={
        "depth": RangeArgs(low=2, high=8, integer=True),
        "rate": RangeArgs(low=1, high=100, log=True),
        "kind": RangeArgs(values=("a", "b")),
    },
    stop_after_reports=3,
)


def made(args: JobArgs) -> dict[str, Any]:
    return definition(
        args,
        code_id="/codes/c/versions/1",
        environment_id="/environments/e/versions/1",
        compute_id="/computes/gpu",
        results_uri="azureml://datastores/trained/paths/runs",
    )


@pytest.mark.parametrize(
    "args", [ARGS, replace(ARGS, search=SEARCH, keeps_checkpoints=True)], ids=["one", "search"]
)
def test_a_definition_is_one_that_the_contract_accepts(args: JobArgs) -> None:
    assert list(rules.definition(made(args), "job")) == []


def test_a_program_is_told_where_things_lie_and_its_arguments_are_quoted() -> None:
    assert made(ARGS)["command"] == (
        'MLP_DATA_TRAIN_SET="${{inputs.train_set}}" MLP_MODEL_DIR="${{outputs.model}}" '
        "python train.py --epochs 3 --note 'it'\"'\"'s two words'"
    )


def test_several_processes_are_tied_together_and_one_is_not() -> None:
    assert "distribution" not in made(ARGS)
    found = made(replace(ARGS, nodes=2, processes_per_node=4))
    assert found["resources"] == {"instanceCount": 2}
    assert found["distribution"] == {
        "distributionType": "PyTorch",
        "processCountPerInstance": 4,
    }


def test_a_search_ends_with_its_runs_and_log_bounds_are_exponents() -> None:
    found = made(replace(ARGS, search=SEARCH))
    assert found["objective"] == {"primaryMetric": "accuracy", "goal": "Minimize"}
    assert found["searchSpace"]["depth"] == ["quniform", [2, 8, 1]]
    assert found["searchSpace"]["kind"] == ["choice", [["a", "b"]]]
    kind, (low, high) = found["searchSpace"]["rate"]
    assert (kind, low, round(high, 3)) == ("loguniform", 0.0, 4.605)
    assert found["limits"]["timeout"] == "PT10800S", "three rounds of two"
    assert found["trial"]["command"].endswith("--kind ${{search_space.kind}}")


def test_another_argument_is_another_fingerprint() -> None:
    assert fingerprint(made(ARGS)) == fingerprint(made(ARGS))
    assert fingerprint(made(ARGS)) != fingerprint(made(replace(ARGS, max_run_s=60)))


def test_bad_arguments_are_told_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="max_run_s: got 0, allowed: 1 or more"):
        replace(ARGS, max_run_s=0)
    with pytest.raises(ValueError, match="nodes: got 0"):
        replace(ARGS, nodes=0)
