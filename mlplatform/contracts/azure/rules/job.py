"""What a job of Azure ML says, wherever it is defined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, seconds, whole
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

SCHEDULED = "rule: azure-ai-ml 1.35.2, JobSchedule: job types of a schedule"
_SCHEDULED = ("Command", "Pipeline", "Spark")
_LIMITS = "rule: a job without a limit runs, and is paid for, until someone sees it"
_SEARCH = "rule: learn.microsoft.com, Hyperparameter tuning a model: limits of a sweep job"
_SAMPLING = "rule: learn.microsoft.com, Hyperparameter tuning a model: sampling, early termination"
_BINDING = "rule: learn.microsoft.com, Core yaml syntax: expressions"
_EXPRESSION = re.compile(r"\$\{\{\s*(inputs|outputs|search_space)\.([A-Za-z0-9_-]+)\s*\}\}")
_GRID_NEEDS = "choice"
_BAYESIAN = ("choice", "uniform", "quniform")
MOST_CONCURRENT, MOST_TRIALS = 1000, 1000


def of_schedule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The job that a schedule starts, if it starts one."""
    path = "properties.action.jobDefinition"
    job = at(inputs, *path.split("."))
    kind = at(job, "jobType")
    if isinstance(kind, str) and kind not in _SCHEDULED:
        message = f"allowed: {', '.join(_SCHEDULED)}; a search runs in a pipeline"
        yield Problem(path=f"{path}.jobType", got=kind, message=message, source=SCHEDULED)
    yield from definition(job, path)


def definition(job: Any, path: str) -> Iterator[Problem]:
    """A command, or a search around one."""
    kind = at(job, "jobType")
    if kind == "Command":
        yield from _limit(job, path, "timeout")
        yield from _bindings(job, job, f"{path}.command")
    elif kind == "Sweep":
        yield from _limit(job, path, "timeout")
        yield from _limit(job, path, "trialTimeout")
        yield from _trials(job, path)
        yield from _sampling(job, path)
        yield from _bindings(job, at(job, "trial"), f"{path}.trial.command")


def _limit(job: Any, path: str, name: str) -> Iterator[Problem]:
    limits = job.get("limits")
    value = limits.get(name) if isinstance(limits, Mapping) else None
    if is_unknown(limits) or is_unknown(value) or seconds(value):
        return
    message = "required: a duration such as PT1H" if value is None else "allowed: such as PT1H"
    yield Problem(path=f"{path}.limits.{name}", got=value, message=message, source=_LIMITS)


def _trials(job: Any, path: str) -> Iterator[Problem]:
    total = whole(at(job, "limits", "maxTotalTrials"))
    together = whole(at(job, "limits", "maxConcurrentTrials"))
    for name, value, most in (
        ("maxTotalTrials", total, MOST_TRIALS),
        ("maxConcurrentTrials", together, min(MOST_CONCURRENT, total or MOST_CONCURRENT)),
    ):
        if value is not None and not 1 <= value <= most:
            message = f"allowed: 1 to {most}"
            yield Problem(path=f"{path}.limits.{name}", got=value, message=message, source=_SEARCH)


def _sampling(job: Any, path: str) -> Iterator[Problem]:
    sampling = at(job, "samplingAlgorithm", "samplingAlgorithmType")
    space = at(job, "searchSpace")
    allowed = {"Grid": (_GRID_NEEDS,), "Bayesian": _BAYESIAN}.get(str(sampling))
    if allowed is not None and isinstance(space, Mapping):
        for name, spread in space.items():
            kind = spread[0] if isinstance(spread, list) and spread else None
            if isinstance(kind, str) and kind not in allowed:
                message = f"allowed with {sampling} sampling: {', '.join(allowed)}"
                yield Problem(
                    path=f"{path}.searchSpace.{name}", got=kind, message=message, source=_SAMPLING
                )
    policy = at(job, "earlyTermination", "policyType")
    if sampling == "Bayesian" and isinstance(policy, str):
        message = "allowed with Random or Grid sampling"
        yield Problem(
            path=f"{path}.earlyTermination", got=policy, message=message, source=_SAMPLING
        )


def _bindings(job: Any, trial: Any, path: str) -> Iterator[Problem]:
    """A command names inputs, outputs and parameters that are there."""
    text = at(trial, "command")
    if not isinstance(text, str) or is_unknown(text):
        return
    where = {"inputs": "inputs", "outputs": "outputs", "search_space": "searchSpace"}
    for noun, name in dict.fromkeys(_EXPRESSION.findall(text)):
        there = job.get(where[noun])
        if is_unknown(there) or (isinstance(there, Mapping) and name in there):
            continue
        message = f"{where[noun]} has no {name}"
        yield Problem(path=path, got=f"${{{{{noun}.{name}}}}}", message=message, source=_BINDING)
