"""Azure Monitor autoscale settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure.rules.values import at, duration, items, whole
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: learn.microsoft.com, REST reference AutoscaleSettings CreateOrUpdate"
_PRACTICE = "rule: learn.microsoft.com, Best practices for autoscale: flapping"

_WEEK_S = 7 * 86400.0


def setting(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Bounds of each profile, and metric rules that can work."""
    for position, profile in enumerate(items(inputs, "profiles")):
        path = f"profiles[{position}]"
        yield from _capacity(profile, path)
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
