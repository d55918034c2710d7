"""A training job of Azure ML as its API writes it: a command, or a search around one.

Pure, and of plain strings only: a preview shows the whole definition, a schedule and a run take the
same one, and its hash is known before anything exists.
"""

from __future__ import annotations

import hashlib
import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MODEL, CHECKPOINTS = "model", "checkpoints"
"""Outputs: folders of the run in the workload's container, mounted while it runs."""
_PYTHON = "3.9"


@dataclass(frozen=True, kw_only=True)
class RangeArgs:
    """One hyperparameter of a search."""

    values: Sequence[str] = ()
    """One of these; else a number from ``low`` to ``high``."""
    low: float = 0
    high: float = 0
    integer: bool = False
    log: bool = False

    def wire(self) -> list[Any]:
        """As azure-ai-ml's ``SweepDistribution`` writes it; bounds on a log scale are exponents."""
        if self.values:
            return ["choice", [list(self.values)]]
        low, high = (math.log(end) if self.log else end for end in (self.low, self.high))
        kind = "loguniform" if self.log else "uniform"
        return [f"q{kind}", [low, high, 1]] if self.integer else [kind, [low, high]]


@dataclass(frozen=True, kw_only=True)
class SearchArgs:
    """A search for hyperparameters."""

    metric: str
    maximize: bool
    max_runs: int
    parallel_runs: int
    sampling: str
    """``random``, ``bayesian`` or ``grid``."""
    parameters: Mapping[str, RangeArgs]
    stop_after_reports: int | None = None


@dataclass(frozen=True, kw_only=True)
class JobArgs:
    """What a job does; ids are whole resource ids."""

    experiment: str
    code_uri: str
    """Folder in blob storage that holds the program."""
    code_sha256: str
    entry_point: str
    image_uri: str
    pip_packages: Sequence[str]
    max_run_s: int
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By channel: ``uri_file`` or ``uri_folder``, and where it is."""
    environment: Mapping[str, str] = field(default_factory=dict)
    nodes: int = 1
    processes_per_node: int = 1
    keeps_checkpoints: bool = False
    search: SearchArgs | None = None
    cron: str | None = None
    """When it runs by itself: five fields, in UTC."""
    run: bool = False
    """One run for each new definition."""

    def __post_init__(self) -> None:
        if self.max_run_s < 1:
            raise ValueError(f"max_run_s: got {self.max_run_s}, allowed: 1 or more")
        if self.nodes < 1 or self.processes_per_node < 1:
            raise ValueError(
                f"nodes: got {self.nodes} with {self.processes_per_node} processes, allowed: 1 or "
                "more of each"
            )


def conda_file(packages: Sequence[str]) -> str | None:
    """What Azure ML installs on top of the image; ``None`` for a complete one."""
    if not packages:
        return None
    needed = [f"python={_PYTHON}", "pip", {"pip": list(packages)}]
    return json.dumps(
        {"name": "training", "channels": ["conda-forge"], "dependencies": needed}, indent=1
    )


def definition(
    args: JobArgs, *, code_id: str, environment_id: str, compute_id: str, results_uri: str
) -> dict[str, Any]:
    """The job, for the workspace's API.

    results_uri: folder of the workload's container; each run has one of its own in it.
    """
    outputs = [MODEL, *([CHECKPOINTS] if args.keeps_checkpoints else [])]
    common = {
        "experimentName": args.experiment,
        "computeId": compute_id,
        # The cluster's own: nobody's token is kept for a run in the night.
        "identity": {"identityType": "Managed"},
        "outputs": {
            name: {
                "jobOutputType": "uri_folder",
                "mode": "ReadWriteMount",
                "uri": f"{results_uri}/${{{{name}}}}/{name}",
            }
            for name in outputs
        },
    }
    inputs = {
        _plain(name): {"jobInputType": kind, "mode": "ReadOnlyMount", "uri": uri}
        for name, (kind, uri) in args.data.items()
    }
    if inputs:
        common["inputs"] = inputs
    trial = _trial(args, outputs, code_id, environment_id)
    if args.search is None:
        limits = {"jobLimitsType": "Command", "timeout": f"PT{args.max_run_s}S"}
        return {"jobType": "Command", **common, **trial, "limits": limits}
    return {"jobType": "Sweep", **common, **_sweep(args, args.search), "trial": trial}


def fingerprint(job: Mapping[str, Any]) -> str:
    """A short name for the content of a definition."""
    text = json.dumps(job, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _trial(
    args: JobArgs, outputs: Sequence[str], code_id: str, environment_id: str
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "codeId": code_id,
        "environmentId": environment_id,
        "command": command(args, outputs),
        "resources": {"instanceCount": args.nodes},
    }
    if args.nodes * args.processes_per_node > 1:
        made["distribution"] = {
            "distributionType": "PyTorch",
            "processCountPerInstance": args.processes_per_node,
        }
    if args.environment:
        made["environmentVariables"] = dict(args.environment)
    return made


def command(args: JobArgs, outputs: Sequence[str]) -> str:
    """What the container runs. Where things lie is in the program's environment, as elsewhere;
    Azure ML fills in paths in a command only.
    """
    places = [
        *(f'MLP_DATA_{_upper(name)}="${{{{inputs.{_plain(name)}}}}}"' for name in args.data),
        *(f'MLP_{_upper(name)}_DIR="${{{{outputs.{name}}}}}"' for name in outputs),
    ]
    given = [f"--{name} {shlex.quote(value)}" for name, value in args.hyperparameters.items()]
    if args.search is not None:
        given += [f"--{name} ${{{{search_space.{name}}}}}" for name in args.search.parameters]
    return " ".join([*places, "python", shlex.quote(args.entry_point), *given])


def _sweep(args: JobArgs, search: SearchArgs) -> dict[str, Any]:
    rounds = -(-search.max_runs // search.parallel_runs)
    made: dict[str, Any] = {
        "objective": {
            "primaryMetric": search.metric,
            "goal": "Maximize" if search.maximize else "Minimize",
        },
        "samplingAlgorithm": {"samplingAlgorithmType": search.sampling.capitalize()},
        "searchSpace": {name: one.wire() for name, one in search.parameters.items()},
        "limits": {
            "jobLimitsType": "Sweep",
            "maxTotalTrials": search.max_runs,
            "maxConcurrentTrials": search.parallel_runs,
            "trialTimeout": f"PT{args.max_run_s}S",
            "timeout": f"PT{args.max_run_s * rounds}S",
        },
    }
    if search.stop_after_reports is not None:
        made["earlyTermination"] = {
            "policyType": "MedianStopping",
            "evaluationInterval": 1,
            "delayEvaluation": search.stop_after_reports,
        }
    return made


def _plain(name: str) -> str:
    """Names of inputs have no dashes (azure-ai-ml refuses them)."""
    return name.replace("-", "_")


def _upper(name: str) -> str:
    return _plain(name).upper()
