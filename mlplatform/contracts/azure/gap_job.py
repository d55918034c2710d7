"""The contract of `mlgap:azure:Job`: one run of one definition.

The definition is the one that a schedule of Azure ML takes, so it is judged as a
schedule's; a search, which no schedule starts, is allowed too.
Nothing of a run changes: another definition is another run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import unknown_property
from mlplatform.contracts.azure import rules, shape
from mlplatform.contracts.azure.rules.job import SCHEDULED
from mlplatform.contracts.paths import differences
from mlplatform.contracts.problem import Change, Problem
from mlplatform.contracts.unknown import UNKNOWN, has_unknown

TOKEN = "mlgap:azure:Job"
PLACE = ("resourceGroupName", "workspaceName", "jobName")
INPUTS = (*PLACE, "definition")
NAME_MOST = 200
"""Azure ML allows 255; the hash and a count follow."""

_SCHEDULE = "azure-native:machinelearningservices:Schedule"
_DEFINITION = "properties.action.jobDefinition"
_SOURCE = "rule: docs/adr/0025, runs of training on Azure ML"
_HASH = 12
_NOBODY = "00000000-0000-0000-0000-000000000000"


def check(given: Mapping[str, Any]) -> list[Problem]:
    """Everything that Azure would refuse; each path once."""
    found = list(_names(given))
    name = given.get("jobName")
    if isinstance(name, str) and len(name) > NAME_MOST:
        message = f"allowed: at most {NAME_MOST} characters, as a hash follows"
        found.append(Problem(path="jobName", got=name, message=message, source=_SOURCE))
    scheduled = _scheduled(given)
    _, problems = shape.request(_SCHEDULE, scheduled, _NOBODY)
    for problem in problems + rules.problems(_SCHEDULE, scheduled):
        if problem.source == SCHEDULED:
            continue  # what a schedule cannot start, a run can be
        path = problem.path.replace(_DEFINITION, "definition", 1)
        path = "jobName" if path == "name" else path
        if path not in {one.path for one in found}:
            found.append(
                Problem(path=path, got=problem.got, message=problem.message, source=problem.source)
            )
    return found


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every difference makes another run."""
    reason = "a run is what it was started as: another one starts"
    return [
        Change(path=one.path, kind="replace", reason=reason, source=_SOURCE)
        for one in differences(old, new)
    ]


def wire(given: Mapping[str, Any]) -> dict[str, Any]:
    """The definition as Azure takes it: whole numbers whole, names in their own writing."""
    request, _ = shape.request(_SCHEDULE, _scheduled(given), _NOBODY)
    found: dict[str, Any] = request.body["properties"]["action"]["jobDefinition"]
    return found


def run_name(given: Mapping[str, Any]) -> str:
    """Name of the first run of this definition; UNKNOWN while a part of it is."""
    if has_unknown(given.get("jobName")) or has_unknown(given.get("definition")):
        return UNKNOWN
    text = json.dumps(wire(given), sort_keys=True)
    return f"{given['jobName']}-{hashlib.sha256(text.encode()).hexdigest()[:_HASH]}"


def _scheduled(given: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule that would start it."""
    place = {name: given[name] for name in PLACE[:2] if name in given}
    return {
        **place,
        "name": given.get("jobName"),
        "properties": {
            "trigger": {"triggerType": "Cron", "expression": "0 0 * * *"},
            "action": {"actionType": "CreateJob", "jobDefinition": given.get("definition")},
        },
    }


def _names(given: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in given.items():
        if name not in INPUTS and not name.startswith("__"):
            message = unknown_property(name, INPUTS)
            yield Problem(path=name, got=value, message=message, source=_SOURCE)
    for name in INPUTS:
        if given.get(name) in (None, "", {}):
            yield Problem(path=name, got=None, message="required", source=_SOURCE)
