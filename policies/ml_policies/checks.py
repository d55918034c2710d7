"""The checks that most rules are made of: a property is set, equals, is at most.

Each treats a value that is not known yet as undecided, never as right or wrong.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ml_policies.finding import Finding
from ml_policies.resource import ABSENT, Resource, absent
from ml_policies.rule import Check, Settings
from mlplatform.contracts.problem import show
from mlplatform.contracts.unknown import is_unknown

Condition = Callable[[Resource], bool]
Judge = Callable[[Any, Settings], str | None]
"""A known value, ``ABSENT`` included, to what is wrong with it."""


def each(path: str, judge: Judge, *, fix: Any = None) -> Check:
    """Every place that the path names is judged; ``fix`` is a value that is right there."""

    def run(resource: Resource, settings: Settings) -> Iterator[Finding]:
        for place, value in resource.find(path):
            if is_unknown(value):
                yield Finding(problem="", path=place, undecided=True)
                continue
            wrong = judge(ABSENT if absent(value) else value, settings)
            if wrong is not None:
                yield Finding(problem=wrong, path=place, got=value)

    def mend(props: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
        resource = Resource(type="", name="", props=props)
        made: Any = copy.deepcopy(dict(props))
        for place, value in resource.find(path):
            if not is_unknown(value) and judge(ABSENT if absent(value) else value, settings):
                put(made, place, fix(settings) if callable(fix) else fix)
        found: Mapping[str, Any] = made
        return found

    return Check(run=run, fix=None if fix is None else mend)


def equals(path: str, want: Any, *, absent_is_fine: bool = False, safe: bool = False) -> Check:
    """The property has this value. ``safe``: setting it changes nothing else."""

    def judge(value: Any, settings: Settings) -> str | None:
        del settings
        if value is ABSENT and absent_is_fine:
            return None
        same = value == want or (isinstance(want, bool) and value == str(want).lower())
        return None if same else f"allowed: {show(want)}"

    return each(path, judge, fix=want if safe else None)


def among(path: str, *allowed: Any, absent_is_fine: bool = False, safe: Any = None) -> Check:
    """The property has one of these values."""

    def judge(value: Any, settings: Settings) -> str | None:
        del settings
        if value in allowed or (value is ABSENT and absent_is_fine):
            return None
        return f"allowed: {', '.join(map(show, allowed))}"

    return each(path, judge, fix=safe)


def is_set(path: str, what: str) -> Check:
    """The property is there; ``what`` says what it is for the reader."""

    def judge(value: Any, settings: Settings) -> str | None:
        del settings
        return f"needed: {what}" if value is ABSENT else None

    return each(path, judge)


def any_set(what: str, *paths: str) -> Check:
    """At least one of these properties is there."""

    def run(resource: Resource, settings: Settings) -> Iterator[Finding]:
        del settings
        found = [value for path in paths for _, value in resource.find(path)]
        if any(not absent(v) and v is not False and not is_unknown(v) for v in found):
            return
        if any(is_unknown(value) for value in found):
            yield Finding(problem="", path=paths[0], undecided=True)
        else:
            yield Finding(problem=f"needed: {what}", path=paths[0])

    return Check(run=run)


def at_most(path: str, limit: float | str, *, needed: bool = False, safe: bool = False) -> Check:
    """The number is at most the limit, or the setting of that name."""
    return _bound(path, limit, needed, safe, "at most", lambda value, bound: value <= bound)


def at_least(path: str, limit: float | str, *, needed: bool = False, safe: bool = False) -> Check:
    """The number is at least the limit, or the setting of that name."""
    return _bound(path, limit, needed, safe, "at least", lambda value, bound: value >= bound)


def _bound(
    path: str,
    limit: float | str,
    needed: bool,
    safe: bool,
    words: str,
    holds: Callable[[float, float], bool],
) -> Check:
    def bound(settings: Settings) -> float:
        return float(settings[limit] if isinstance(limit, str) else limit)

    def judge(value: Any, settings: Settings) -> str | None:
        allowed = f"allowed: {words} {bound(settings):g}"
        if value is ABSENT:
            return allowed if needed else None
        number = _number(value)
        return None if number is not None and holds(number, bound(settings)) else allowed

    return each(path, judge, fix=bound if safe else None)


def matches(path: str, pattern: str, words: str, *, absent_is_fine: bool = False) -> Check:
    """The text matches as a whole; ``words`` says what is allowed."""
    compiled = re.compile(pattern)

    def judge(value: Any, settings: Settings) -> str | None:
        del settings
        if value is ABSENT:
            return None if absent_is_fine else f"allowed: {words}"
        return None if compiled.fullmatch(str(value)) else f"allowed: {words}"

    return each(path, judge)


def both(*checks: Check) -> Check:
    """All of them; mended when each can be."""

    def run(resource: Resource, settings: Settings) -> Iterator[Finding]:
        for check in checks:
            yield from check.run(resource, settings)

    def mend(props: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
        for check in checks:
            if check.fix is not None:
                props = check.fix(props, settings)
        return props

    return Check(run=run, fix=mend if all(check.fix for check in checks) else None)


def where(condition: Condition, check: Check) -> Check:
    """The check, of those resources that it is about."""

    def run(resource: Resource, settings: Settings) -> Iterator[Finding]:
        if condition(resource):
            yield from check.run(resource, settings)

    def mend(props: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
        assert check.fix is not None
        return (
            check.fix(props, settings)
            if condition(Resource(type="", name="", props=props))
            else props
        )

    return Check(run=run, fix=mend if check.fix else None)


def has(path: str) -> Condition:
    """A condition: the property is there, or may turn out to be."""
    return lambda resource: any(not absent(value) for _, value in resource.find(path))


def put(props: Any, path: str, value: Any) -> None:
    """Set a value in place; makes the objects on the way to it."""
    steps = re.findall(r"[^.\[\]]+|\[\d+\]", path)
    at = props
    for step, following in itertools.pairwise(steps):
        empty: Any = [] if following.startswith("[") else {}
        if step.startswith("["):
            index = int(step[1:-1])
            while len(at) <= index:
                at.append(copy.copy(empty))
            at = at[index]
        else:
            if at.get(step) is None:
                at[step] = empty
            at = at[step]
    last = steps[-1]
    if last.startswith("["):
        index = int(last[1:-1])
        while len(at) <= index:
            at.append(None)
        at[index] = value
    else:
        at[last] = value


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
