"""Cloud Monitoring: alert policies and the channels that they tell.

Source: monitoring v3 discovery document, AlertPolicy and NotificationChannel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules import labels
from mlplatform.contracts.gcp.rules.grammar import Grammar
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_MOST_CONDITIONS = 6
_LONGEST_NAME = 512
_MINUTE_S = 60
_MATCHED_LOG = "conditionMatchedLog"
_THRESHOLD = "conditionThreshold"
_KINDS = (
    "conditionAbsent",
    _MATCHED_LOG,
    "conditionMonitoringQueryLanguage",
    "conditionPrometheusQueryLanguage",
    "conditionSql",
    _THRESHOLD,
)
_CHANNEL = Grammar(
    pattern=r"projects/[^/]+/notificationChannels/[^/]+",
    words="projects/P/notificationChannels/N",
    source="monitoring AlertPolicy.notificationChannels",
)
_EMAIL = Grammar(
    pattern=r"[^\s@]+@[^\s@]+\.[^\s@]+",
    words="an address such as ml-team@example.com",
    source="monitoring NotificationChannelDescriptor.labels of type email",
)


def channel(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Who is told."""
    yield from _short("displayName", inputs.get("displayName"), "NotificationChannel.displayName")
    yield from labels.user_labels(inputs)
    given = inputs.get("labels")
    if inputs.get("type") != "email" or is_unknown(given):
        return
    address = given.get("email_address") if isinstance(given, Mapping) else None
    if address is None:
        message = "required: a channel of type email has an address"
        yield Problem(path="labels.email_address", got=None, message=message, source=_EMAIL.source)
    yield from _EMAIL.check("labels.email_address", address)


def policy(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """When an incident opens, and who is told."""
    yield from _short("displayName", inputs.get("displayName"), "AlertPolicy.displayName")
    yield from labels.user_labels(inputs)
    for index, name in enumerate(_rows(inputs.get("notificationChannels"))):
        yield from _CHANNEL.check(f"notificationChannels[{index}]", name)
    conditions = inputs.get("conditions")
    if not isinstance(conditions, list) or is_unknown(conditions):
        return
    if not 1 <= len(conditions) <= _MOST_CONDITIONS:
        message = f"allowed: one to {_MOST_CONDITIONS} conditions"
        source = "monitoring AlertPolicy.conditions"
        yield Problem(path="conditions", got=len(conditions), message=message, source=source)
    for index, condition in enumerate(conditions):
        if isinstance(condition, Mapping) and not is_unknown(condition):
            yield from _condition(f"conditions[{index}]", condition)
    if any(isinstance(c, Mapping) and c.get(_MATCHED_LOG) is not None for c in conditions):
        yield from _on_a_log(inputs, conditions)


def _condition(at: str, condition: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = [kind for kind in _KINDS if condition.get(kind) is not None]
    if len(kinds) != 1:
        message = f"allowed: exactly one of {', '.join(_KINDS)}"
        yield Problem(path=at, got=kinds, message=message, source="monitoring Condition")
    threshold = condition.get(_THRESHOLD)
    if not isinstance(threshold, Mapping) or is_unknown(threshold):
        return
    path = f"{at}.{_THRESHOLD}"
    duration = _seconds(threshold.get("duration"))
    if duration is not None and duration % _MINUTE_S:
        message = "allowed: whole minutes, such as 0s, 60s or 300s"
        got = threshold.get("duration")
        source = "monitoring MetricThreshold.duration"
        yield Problem(path=f"{path}.duration", got=got, message=message, source=source)
    for name in ("aggregations", "denominatorAggregations"):
        for index, row in enumerate(_rows(threshold.get(name))):
            period = row.get("alignmentPeriod") if isinstance(row, Mapping) else None
            seconds = _seconds(period)
            if seconds is not None and seconds < _MINUTE_S:
                message = f"allowed: {_MINUTE_S}s or more"
                source = "monitoring Aggregation.alignmentPeriod"
                where = f"{path}.{name}[{index}].alignmentPeriod"
                yield Problem(path=where, got=period, message=message, source=source)


def _on_a_log(inputs: Mapping[str, Any], conditions: list[Any]) -> Iterator[Problem]:
    if len(conditions) > 1:
        message = "allowed: one condition, where one is conditionMatchedLog"
        source = "monitoring Condition.conditionMatchedLog"
        yield Problem(path="conditions", got=len(conditions), message=message, source=source)
    strategy = inputs.get("alertStrategy")
    if is_unknown(strategy):
        return
    if not isinstance(strategy, Mapping) or strategy.get("notificationRateLimit") is None:
        message = "required: a policy on a log says how often it tells at most"
        source = "monitoring AlertStrategy.notificationRateLimit"
        path = "alertStrategy.notificationRateLimit"
        yield Problem(path=path, got=None, message=message, source=source)


def _short(path: str, value: Any, source: str) -> Iterator[Problem]:
    if isinstance(value, str) and not is_unknown(value) and len(value) > _LONGEST_NAME:
        message = f"allowed: at most {_LONGEST_NAME} characters"
        yield Problem(path=path, got=value, message=message, source=f"monitoring {source}")


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) and not is_unknown(value) else []


def _seconds(value: Any) -> float | None:
    if not isinstance(value, str) or is_unknown(value):
        return None
    return as_number(value.removesuffix("s"))
