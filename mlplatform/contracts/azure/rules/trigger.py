"""When something runs: triggers of schedules, of machines of people, and of feature sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mlplatform.catalog.azure_time_zones import TIME_ZONES
from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.azure.rules.values import at, items, whole
from mlplatform.contracts.problem import Problem

_CRON = "rule: learn.microsoft.com, Schedule YAML schema: cron expression"
_RECURRENCE = "rule: learn.microsoft.com, Schedule YAML schema: recurrence pattern"
_TIMES = "rule: azure-ai-ml 1.35.2, arm_ml_service TriggerBase: no UTC offset in its times"
_ZONES = "rule: azure-ai-ml 1.35.2, TimeZone"
_KNOWN_ZONES = frozenset(zone.lower() for zone in TIME_ZONES)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?")
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6))
_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?")
_WORD = re.compile(r"[A-Za-z]{3}(-[A-Za-z]{3})?")
_LISTS = (("hours", 0, 23), ("minutes", 0, 59), ("monthDays", 1, 31))


def schedule(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A schedule of Azure ML."""
    yield from trigger(at(inputs, "properties", "trigger"), "properties.trigger")


def materialization(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """When the rows of a feature set are computed."""
    steps = ("properties", "materializationSettings", "schedule")
    yield from trigger(at(inputs, *steps), ".".join(steps))


def machine(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """When a machine of a person starts and stops."""
    steps = ("properties", "properties", "schedules", "computeStartStop")
    for position, one in enumerate(items(inputs, *steps)):
        path = f"{'.'.join(steps)}[{position}]"
        yield from _cron(at(one, "cron", "expression"), f"{path}.cron.expression")
        yield from _recurrence(at(one, "recurrence"), f"{path}.recurrence")
        for kind in ("cron", "recurrence"):
            yield from _when(at(one, kind), f"{path}.{kind}")


def trigger(given: Any, path: str) -> Iterator[Problem]:
    """Cron or recurrence, from one time to another."""
    yield from _cron(at(given, "expression"), f"{path}.expression")
    yield from _recurrence(given, path)
    yield from _when(given, path)


def time_zone(given: Any, path: str) -> Iterator[Problem]:
    """A Windows time zone; Azure knows no names such as Europe/Berlin. Case does not count."""
    zone = at(given, "timeZone")
    if isinstance(zone, str) and zone.lower() not in _KNOWN_ZONES:
        message = allowed(TIME_ZONES, zone, noun="Windows time zones such as UTC")
        yield Problem(path=f"{path}.timeZone", got=zone, message=message, source=_ZONES)


def _when(given: Any, path: str) -> Iterator[Problem]:
    """The zone, and the times that it is the zone of."""
    yield from time_zone(given, path)
    times = {}
    for name in ("startTime", "endTime"):
        value = at(given, name)
        if not isinstance(value, str):
            continue
        times[name] = _time(value)
        if times[name] is None:
            message = "allowed: an ISO 8601 time without an offset, such as 2026-11-21T06:00:00"
            yield Problem(path=f"{path}.{name}", got=value, message=message, source=_TIMES)
    start, end = times.get("startTime"), times.get("endTime")
    if start is not None and end is not None and end <= start:
        message = "allowed: a time after startTime"
        yield Problem(path=f"{path}.endTime", got=given["endTime"], message=message, source=_TIMES)


def _recurrence(given: Any, path: str) -> Iterator[Problem]:
    interval = at(given, "interval")
    if interval is not None and (whole(interval) or 0) < 1:
        message = "allowed: 1 or more"
        yield Problem(path=f"{path}.interval", got=interval, message=message, source=_RECURRENCE)
    for name, low, high in _LISTS:
        for position, value in enumerate(items(given, "schedule", name)):
            count = whole(at({"it": value}, "it"))
            if count is not None and not low <= count <= high:
                message = f"allowed: {low} to {high}"
                where = f"{path}.schedule.{name}[{position}]"
                yield Problem(path=where, got=value, message=message, source=_RECURRENCE)


def _cron(text: Any, path: str) -> Iterator[Problem]:
    """Five fields of numbers, *, lists, ranges and steps; months and weekdays also as words."""
    if not isinstance(text, str):
        return
    parts = text.split()
    wrong = [
        name
        for part, (name, low, high) in zip(parts, _FIELDS, strict=False)
        if not all(_fits(one, name, low, high) for one in part.split(","))
    ]
    if len(parts) != len(_FIELDS) or wrong:
        message = "allowed: minute hour day month weekday, such as 0 6 * * 1-5"
        if wrong and len(parts) == len(_FIELDS):
            message += f"; wrong: {', '.join(wrong)}"
        yield Problem(path=path, got=text, message=message, source=_CRON)


def _fits(part: str, name: str, low: int, high: int) -> bool:
    if name in ("month", "weekday") and _WORD.fullmatch(part):
        return True
    found = _PART.fullmatch(part)
    if found is None:
        return False
    bounds = [int(value) for value in (found[1], found[2]) if value is not None]
    step = found[3]
    return (
        all(low <= value <= high for value in bounds)
        and bounds == sorted(bounds)
        and (step is None or int(step) > 0)
    )


def _time(text: str) -> datetime | None:
    """None unless it is a time of day without a zone: the trigger names that beside."""
    try:
        return datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        return None
