"""Writes a rule with its three examples: one that is right, and how it goes wrong or unknown."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ml_policies.checks import put
from ml_policies.rule import Check, Example, Rule, Setting, Severity
from mlplatform.contracts.unknown import UNKNOWN

DROP: Final = object()
"""As a value in ``bad``: without the property."""


def rule(
    id: str,  # noqa: A002  the name that it has everywhere
    severity: Severity,
    types: str | tuple[str, ...],
    check: Check,
    summary: str,
    rationale: str,
    remediation: str,
    *,
    good: Mapping[str, Any],
    bad: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    unknown: str,
    sources: tuple[str, ...] = (),
    settings: Mapping[str, Setting] | None = None,
    production_only: bool = False,
    stack: str = "prod",
    also: tuple[str, ...] = (),
) -> Rule:
    """A rule about one resource.

    Args:
        good: properties with which the rule is silent.
        bad: what to change in them, by path, so that it speaks; several ways are each one example.
        also: other rules that the bad examples break too.
        stack: the stack that the examples stand in.
        unknown: the path whose value, not known before apply, makes it undecidable.
    """
    ways = [bad] if isinstance(bad, Mapping) else bad
    return Rule(
        id=id,
        severity=severity,
        types=(types,) if isinstance(types, str) else types,
        check=check,
        summary=summary,
        rationale=rationale,
        remediation=remediation,
        sources=sources,
        settings=settings or {},
        also=frozenset(also),
        production_only=production_only,
        good=Example(props=good, stack=stack),
        bad=tuple(Example(props=but(good, way), stack=stack) for way in ways),
        unknown=Example(props=but(good, {unknown: UNKNOWN}), stack=stack),
    )


def but(props: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with each path set to its value, or without it."""
    made: dict[str, Any] = copy.deepcopy(dict(props))
    for path, value in changes.items():
        if value is DROP:
            _drop(made, path)
        else:
            put(made, path, value)
    return made


def _drop(props: Any, path: str) -> None:
    *steps, last = re.findall(r"[^.\[\]]+|\[\d+\]", path)
    for step in steps:
        props = props[int(step[1:-1])] if step.startswith("[") else props[step]
    del props[int(last[1:-1]) if last.startswith("[") else last]
