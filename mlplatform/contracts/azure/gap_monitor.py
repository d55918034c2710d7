"""The contract of `mlgap:azure:MonitorSchedule`: a monitor of predictions against what came true.

The present API of Azure ML (2025-12-01) has no such signal; 2023-06-01-preview has, and azure-ai-ml
1.35.2 speaks that version for every schedule. Its words are judged here: members and kinds as
azure-ai-ml writes them (`entities/_monitoring`), enums of the metrics as the REST reference of that
version has them. Any other signal belongs to the ordinary `Schedule`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import unknown_property
from mlplatform.contracts.azure.rules.trigger import trigger
from mlplatform.contracts.azure.rules.values import at, items
from mlplatform.contracts.paths import differences
from mlplatform.contracts.problem import Change, Problem
from mlplatform.contracts.unknown import is_unknown

TOKEN = "mlgap:azure:MonitorSchedule"
API_VERSION = "2023-06-01-preview"
PLACE = ("resourceGroupName", "workspaceName", "name")
METRICS = {
    "Classification": ("Accuracy", "Precision", "Recall"),
    "Regression": ("MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError"),
}
"""What a model predicts, and what it is measured by."""

_SOURCE = "rule: azure-ai-ml 1.35.2, ModelPerformanceSignal (API 2023-06-01-preview)"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}")
_DAYS = re.compile(r"P\d+D")
_DEFINITION = "properties.action.monitorDefinition"
_FORM: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "": ((*PLACE, "properties"), ()),
    "properties": (
        ("action", "trigger"),
        ("description", "displayName", "isEnabled", "properties", "tags"),
    ),
    "properties.trigger": (("triggerType", "expression", "timeZone"), ("startTime", "endTime")),
    "properties.action": (("actionType", "monitorDefinition"), ()),
    _DEFINITION: (
        ("computeConfiguration", "signals"),
        ("monitoringTarget", "alertNotificationSetting"),
    ),
    f"{_DEFINITION}.computeConfiguration": (
        ("computeType", "computeIdentity", "instanceType", "runtimeVersion"),
        (),
    ),
}
"""Members of each object: those that must be there, those that may."""
DECLARED = tuple(name for part in _FORM["properties"] for name in part)
"""Properties that a program may say."""
_SIGNAL = (
    ("signalType", "productionData", "referenceData", "metricThreshold"),
    ("mode", "properties", "dataSegment"),
)
_WINDOWS = ("Trailing", "Fixed")
_WORDS: dict[str, tuple[str, ...]] = {
    "properties.trigger.triggerType": ("Cron",),
    "properties.action.actionType": ("CreateMonitor",),
    f"{_DEFINITION}.computeConfiguration.computeType": ("ServerlessSpark",),
}


def check(given: Mapping[str, Any]) -> list[Problem]:
    """Everything that Azure would refuse; each path once."""
    found = [problem for path, form in _FORM.items() for problem in _members(given, path, form)]
    for path, allowed in _WORDS.items():
        found += _among(at(given, *path.split(".")), allowed, path)
    name = at(given, "name")
    if isinstance(name, str) and name and _NAME.fullmatch(name) is None:
        message = "allowed: at most 255 letters, digits, - and _, a letter or digit first"
        found.append(Problem(path="name", got=name, message=message, source=_SOURCE))
    found += trigger(at(given, "properties", "trigger"), "properties.trigger")
    signals = at(given, *f"{_DEFINITION}.signals".split("."))
    if isinstance(signals, Mapping):
        for key, signal in signals.items():
            found += _signal(signal, f"{_DEFINITION}.signals.{key}")
    return found


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """A schedule under another name is another one; all else is written anew in place."""
    found: list[Change] = []
    for difference in differences(old, new):
        if difference.path.split(".")[0].split("[")[0] in PLACE:
            reason = "a schedule keeps its name and its workspace"
            found.append(
                Change(path=difference.path, kind="replace", reason=reason, source=_SOURCE)
            )
        else:
            reason = "updated in place"
            found.append(Change(path=difference.path, kind="update", reason=reason, source=_SOURCE))
    return found


def _signal(signal: Any, path: str) -> Iterator[Problem]:
    kind = at(signal, "signalType")
    if isinstance(kind, str) and kind != "ModelPerformance":
        message = "allowed: ModelPerformance; an ordinary Schedule has the other signals"
        yield Problem(path=f"{path}.signalType", got=kind, message=message, source=_SOURCE)
        return
    yield from _members({"signal": signal}, "signal", _SIGNAL, shown=path)
    model = at(signal, "metricThreshold", "modelType")
    yield from _among(model, tuple(METRICS), f"{path}.metricThreshold.modelType")
    metric = at(signal, "metricThreshold", "metric")
    allowed = METRICS.get(str(model), tuple(m for one in METRICS.values() for m in one))
    yield from _among(metric, allowed, f"{path}.metricThreshold.metric")
    sides = [
        (one, f"{path}.productionData[{n}]")
        for n, one in enumerate(items(signal, "productionData"))
    ]
    for data, where in (*sides, (at(signal, "referenceData"), f"{path}.referenceData")):
        yield from _among(at(data, "inputDataType"), _WINDOWS, f"{where}.inputDataType")
        if isinstance(data, Mapping) and not is_unknown(data.get("columns")):
            for column in ("target_column", "join_column"):
                if not at(data, "columns", column):
                    message = "required: predictions and truth are joined by it"
                    if column == "target_column":
                        message = "required: the column that is compared"
                    yield Problem(
                        path=f"{where}.columns.{column}", got=None, message=message, source=_SOURCE
                    )
        window = at(data, "windowSize")
        if isinstance(window, str) and _DAYS.fullmatch(window) is None:
            message = "allowed: whole days, such as P7D"
            yield Problem(path=f"{where}.windowSize", got=window, message=message, source=_SOURCE)


def _members(
    given: Mapping[str, Any],
    path: str,
    form: tuple[tuple[str, ...], tuple[str, ...]],
    *,
    shown: str | None = None,
) -> Iterator[Problem]:
    """Members that have to be there, and none that Azure does not know."""
    value = at(given, *path.split(".")) if path else given
    prefix = f"{shown or path}." if path else ""
    if not isinstance(value, Mapping):
        return  # unknown, or missing and named one level above
    required, optional = form
    for name, one in value.items():
        if name not in (*required, *optional) and not name.startswith("__"):
            message = unknown_property(name, (*required, *optional))
            yield Problem(path=f"{prefix}{name}", got=one, message=message, source=_SOURCE)
    for name in required:
        if value.get(name) in (None, "", {}, []):
            yield Problem(path=f"{prefix}{name}", got=None, message="required", source=_SOURCE)


def _among(value: Any, allowed: tuple[str, ...], path: str) -> list[Problem]:
    if value is None or is_unknown(value) or value in allowed:
        return []
    message = f"allowed: {', '.join(allowed)}"
    return [Problem(path=path, got=value, message=message, source=_SOURCE)]
