"""Azure Monitor autoscale settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.trigger import time_zone
from mlplatform.contracts.azure.rules.values import at, duration, items, whole
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: learn.microsoft.com, REST reference AutoscaleSettings CreateOrUpdate"
_PRACTICE = "rule: learn.microsoft.com, Best practices for autoscale: flapping"

_ENABLED = "rule: pulumi-azure-native 3.29: AutoscaleSetting.enabled is False when left out"
_TIMES = "rule: azure-mgmt-monitor, docstring of RecurrentSchedule"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK_S = 7 * 86400.0


def setting(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """It is on; bounds and times of each profile, and metric rules that can work."""
    # Left out it is off: pulumi-azure-native's class fills in False.
    if inputs.get("enabled") in (None, False):
        message = "say true: otherwise the setting scales nothing"
        yield Problem(path="enabled", got=inputs.get("enabled"), message=message, source=_ENABLED)
    if inputs.get("profiles") == []:
        message = "allowed: 1 to 20 profiles"
        yield Problem(path="profiles", got=[], message=message, source=_SOURCE)
    named = [at(profile, "name") for profile in items(inputs, "profiles")]
    for name in sorted({str(one) for one in named if one is not None and named.count(one) > 1}):
        message = "allowed: a name of its own for each profile"
        yield Problem(path="profiles", got=name, message=message, source=_SOURCE)
    for position, profile in enumerate(items(inputs, "profiles")):
        path = f"profiles[{position}]"
        yield from _capacity(profile, path)
        yield from _times(at(profile, "recurrence", "schedule"), f"{path}.recurrence.schedule")
        yield from time_zone(at(profile, "fixedDate"), f"{path}.fixedDate")
        rules = items(profile, "rules")
        if len(rules) > 10:
            message = "allowed: at most 10 rules"
            yield Problem(path=f"{path}.rules", got=len(rules), message=message, source=_SOURCE)
        for number, rule in enumerate(rules):
            yield from _rule(rule, f"{path}.rules[{number}]")


def _capacity(profile: Any, path: str) -> Iterator[Problem]:
    """Counts are whole numbers written as text; minimum <= default <= maximum."""
    counts: dict[str, int] = {}
    for name in ("minimum", "maximum", "default"):
        value = at(profile, "capacity", name)
        if value is None:
            continue
        count = whole(value)
        if count is None or count < 0:
            message = 'allowed: a whole number as text, such as "2"'
            where = f"{path}.capacity.{name}"
            yield Problem(path=where, got=value, message=message, source=_SOURCE)
        else:
            counts[name] = count
    low, high, default = (counts.get(name) for name in ("minimum", "maximum", "default"))
    if low is not None and high is not None and low > high:
        message = f"allowed: at most the maximum, {high}"
        yield Problem(path=f"{path}.capacity.minimum", got=low, message=message, source=_SOURCE)
    elif default is not None and (
        (low is not None and default < low) or (high is not None and default > high)
    ):
        message = f"allowed: {low} to {high}, the minimum to the maximum"
        yield Problem(path=f"{path}.capacity.default", got=default, message=message, source=_SOURCE)


def _times(schedule: Any, path: str) -> Iterator[Problem]:
    """Days of the week by their names, hours and minutes of the day, in a zone that Azure knows."""
    yield from time_zone(schedule, path)
    for position, day in enumerate(items(schedule, "days")):
        known = at({"it": day}, "it")
        if isinstance(known, str) and known.lower() not in _DAYS:
            message = "allowed: Monday to Sunday"
            yield Problem(path=f"{path}.days[{position}]", got=day, message=message, source=_TIMES)
    for name, most in (("hours", 23), ("minutes", 59)):
        for position, value in enumerate(items(schedule, name)):
            count = whole(at({"it": value}, "it"))
            if count is not None and not 0 <= count <= most:
                message = f"allowed: 0 to {most}"
                where = f"{path}.{name}[{position}]"
                yield Problem(path=where, got=value, message=message, source=_TIMES)


def _rule(rule: Any, path: str) -> Iterator[Problem]:
    if not isinstance(rule, Mapping):
        return
    bounds: dict[str, tuple[float, float]] = {
        "metricTrigger.timeGrain": (60, 12 * 3600),
        "metricTrigger.timeWindow": (300, 12 * 3600),
        "scaleAction.cooldown": (60, _WEEK_S),
    }
    for name, (least, most) in bounds.items():
        for problem in duration(rule, name, _SOURCE, least=least, most=most):
            yield Problem(
                path=f"{path}.{problem.path}",
                got=problem.got,
                message=problem.message,
                source=problem.source,
            )
    value = at(rule, "scaleAction", "value")
    if value is not None and (whole(value) or 0) < 1:
        message = 'allowed: a whole number of 1 or more as text, such as "1"'
        yield Problem(path=f"{path}.scaleAction.value", got=value, message=message, source=_SOURCE)
    yield from _direction(rule, path)


def _direction(rule: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """A rule on utilisation that adds instances when there is little to do never stops adding."""
    metric = str(at(rule, "metricTrigger", "metricName") or "").lower()
    operator = str(at(rule, "metricTrigger", "operator") or "").lower()
    direction = str(at(rule, "scaleAction", "direction") or "").lower()
    if "utilization" not in metric:
        return
    wrong = (operator.startswith("lessthan") and direction == "increase") or (
        operator.startswith("greaterthan") and direction == "decrease"
    )
    if wrong:
        yield Problem(
            path=f"{path}.scaleAction.direction",
            got=at(rule, "scaleAction", "direction"),
            message="allowed: Increase above a threshold, Decrease below one",
            source=_PRACTICE,
        )
