"""Monitors of models and feature sets: windows, thresholds, Spark, who is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.azure_spark import SIZES
from mlplatform.contracts.azure.rules.values import at, duration, items
from mlplatform.contracts.problem import Problem

_EMAILS = "rule: azure-ai-ml, docstring of MonitorEmailNotificationSettings.emails"
_WINDOWS = "rule: azure-ai-ml, docstring of RollingInputData.window_size"
_THRESHOLD = "rule: azure-ai-ml, docstring of MonitoringThreshold.value"
_SPARK = "rule: azure-ai-ml 1.35.2, SparkResourceConfiguration.instance_type_list"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DEFINITION = "properties.action.monitorDefinition"
_ROWS = "properties.materializationSettings"


def monitor(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What a schedule watches, and whom it tells."""
    definition = at(inputs, *_DEFINITION.split("."))
    if not isinstance(definition, Mapping):
        return
    yield from _size(definition, "computeConfiguration.instanceType", _DEFINITION)
    settings = ("alertNotificationSettings", "emailNotificationSettings", "emails")
    yield from _emails(items(definition, *settings), f"{_DEFINITION}.{'.'.join(settings)}")
    signals = definition.get("signals")
    for name, signal in signals.items() if isinstance(signals, Mapping) else ():
        path = f"{_DEFINITION}.signals.{name}"
        for part in ("productionData", "referenceData"):
            yield from _windows(signal, part, path)
        yield from _thresholds(signal, path)


def materialization(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """On what the rows of a feature set are computed, and who hears of it."""
    settings = at(inputs, *_ROWS.split("."))
    if isinstance(settings, Mapping):
        yield from _size(settings, "resource.instanceType", _ROWS)
        yield from _emails(
            items(settings, "notification", "emails"), f"{_ROWS}.notification.emails"
        )


def _windows(signal: Any, part: str, path: str) -> Iterator[Problem]:
    """One set of data or several, each with its window."""
    given = at(signal, part)
    listed = isinstance(given, list | tuple)
    for position, data in enumerate(items(signal, part) if listed else [given]):
        where = f"{path}.{part}[{position}]" if listed else f"{path}.{part}"
        for name in ("windowSize", "windowOffset"):
            for problem in duration(data, name, _WINDOWS) if isinstance(data, Mapping) else ():
                yield _moved(problem, where)


def _thresholds(signal: Any, path: str) -> Iterator[Problem]:
    """A distance or a rate is not negative."""
    several = [
        (f"metricThresholds[{position}]", one)
        for position, one in enumerate(items(signal, "metricThresholds"))
    ]
    for name, one in [*several, ("metricThreshold", at(signal, "metricThreshold"))]:
        value = at(one, "threshold", "value")
        if isinstance(value, int | float) and value < 0:
            where = f"{path}.{name}.threshold.value"
            yield Problem(path=where, got=value, message="allowed: 0 or more", source=_THRESHOLD)


def _size(given: Mapping[str, Any], name: str, path: str) -> Iterator[Problem]:
    size = at(given, *name.split("."))
    if isinstance(size, str) and size.lower() not in SIZES:
        message = f"allowed for serverless Spark: {', '.join(SIZES)}"
        yield Problem(path=f"{path}.{name}", got=size, message=message, source=_SPARK)


def _emails(given: list[Any], path: str) -> Iterator[Problem]:
    for position, email in enumerate(given):
        known = at({"it": email}, "it")
        if isinstance(known, str) and _EMAIL.fullmatch(known) is None:
            message = "allowed: an address such as team@example.com"
            yield Problem(path=f"{path}[{position}]", got=email, message=message, source=_EMAILS)


def _moved(problem: Problem, path: str) -> Problem:
    return Problem(
        path=f"{path}.{problem.path}",
        got=problem.got,
        message=problem.message,
        source=problem.source,
    )
