"""The life-cycle layer: what AWS does with each changed property."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, cast

from mlplatform.contracts.aws.plan import Plan
from mlplatform.contracts.paths import differences, names, split
from mlplatform.contracts.problem import Change

_REASONS = {
    "update": "changed in place",
    "replace": "needs a new object",
    "refuse": "AWS refuses the change",
}


def changes(plan: Plan, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every changed property; the longest path that the plan knows decides.

    Documents that differ only in layout are the same, and an empty string is the same as absent.
    """
    out: list[Change] = []
    for found in differences(old, new):
        steps = split(found.path)
        before, after = _dig(old, steps), _dig(new, steps)
        if before in (None, "") and after in (None, ""):
            continue
        if equal_documents(before, after):
            continue
        kind, source = _decide(plan, names(found.path))
        out.append(Change(path=found.path, kind=kind, reason=_REASONS[kind], source=source))
    return out


def equal_documents(one: Any, other: Any) -> bool:
    """True for two JSON texts with the same content."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    if one[:1] not in "{[" or other[:1] not in "{[":
        return False
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def _decide(
    plan: Plan, path: tuple[str, ...]
) -> tuple[Literal["update", "replace", "refuse"], str]:
    for length in range(len(path), 0, -1):
        line = plan.lifecycle.get(".".join(path[:length]))
        if line is not None:
            return cast("Literal['update', 'replace', 'refuse']", line["kind"]), line["source"]
    return "update", "not a property of the type; the check refuses it"


def _dig(value: Any, steps: tuple[str | int, ...]) -> Any:
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value
