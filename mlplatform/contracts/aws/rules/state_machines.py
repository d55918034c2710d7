"""Rules for state machines: the definition holds together, and so do the jobs that it starts.

A job's request inside a definition is text to Step Functions, which tells of a mistake when the
first run fails. Here it is judged as the request that it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws import validate
from mlplatform.contracts.aws.plan import plan
from mlplatform.contracts.aws.rules import training
from mlplatform.contracts.aws.rules.reading import text
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import UNKNOWN

_SOURCE = "rule: Amazon States Language"
_JOB = re.compile(
    r"arn:aws[a-z-]*:states:::sagemaker:create(TrainingJob|HyperParameterTuningJob)(\.sync)?"
)
_RULES: dict[str, tuple[Callable[[Mapping[str, Any]], Iterator[Problem]], ...]] = {
    "TrainingJob": (training.training_job, training.spot),
    "HyperParameterTuningJob": (training.tuning_job,),
}
_FREE = frozenset({"hyperParameters", "staticHyperParameters", "environment"})
"""Members whose keys are the program's own words."""


def definition(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """JSON with a start, states that are there, and jobs that SageMaker would take."""
    document = text(inputs, "definition")
    if document is None:
        return
    try:
        machine = json.loads(document)
    except ValueError as error:
        yield _problem(document, f"allowed: JSON ({error})")
        return
    states = machine.get("States") if isinstance(machine, dict) else None
    if not isinstance(states, dict) or not states:
        yield _problem(document, "allowed: a definition with States")
        return
    wanted = {"StartAt": machine.get("StartAt")}
    for name, state in states.items():
        if isinstance(state, dict) and "Next" in state:
            wanted[f"{name}.Next"] = state["Next"]
    for place, name in wanted.items():
        if name not in states:
            known = ", ".join(sorted(states))
            yield _problem(name, f"{place} is no state; allowed: {known}")
    for name, state in states.items():
        if isinstance(state, dict):
            yield from _job(name, state)


def _job(name: str, state: Mapping[str, Any]) -> Iterator[Problem]:
    found = _JOB.fullmatch(str(state.get("Resource", "")))
    if found is None:
        return
    request = state.get("Parameters", state.get("Arguments"))
    if not isinstance(request, dict):
        yield _problem(request, f"{name}.Parameters: allowed: the request of the job")
        return
    noun, given = found[1], _properties(request)
    shape = plan(f"mlgap:aws:{noun}")
    problems = list(validate.problems(shape, given))
    seen = {problem.path for problem in problems}
    problems += [p for rule in _RULES[noun] for p in rule(given) if p.path not in seen]
    for problem in problems:
        yield Problem(
            path="definition",
            got=problem.got,
            message=f"{name}.Parameters, {problem.path}: {problem.message}",
            source=problem.source,
        )


def _properties(value: Any) -> Any:
    """A request with camelCase names; what only a run decides (``Name.$``) is not known yet."""
    if isinstance(value, list):
        return [_properties(one) for one in value]
    if not isinstance(value, dict):
        return value
    out: dict[str, Any] = {}
    for key, inner in value.items():
        name = key[0].lower() + key[1:]
        if key == "Tags" and isinstance(inner, list):
            out[name] = {one.get("Key", ""): one.get("Value", "") for one in inner}
        elif name.endswith(".$"):
            out[name.removesuffix(".$")] = UNKNOWN
        else:
            out[name] = inner if name in _FREE else _properties(inner)
    return out


def _problem(got: Any, message: str) -> Problem:
    return Problem(path="definition", got=got, message=message, source=_SOURCE)
