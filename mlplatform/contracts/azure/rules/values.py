"""Reading inputs for rules: values that are absent, empty or not known yet are never judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.azure import arm_id
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

_DURATION = re.compile(
    r"P(?:(?P<d>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<h>\d+(?:\.\d+)?)H)?(?:(?P<m>\d+(?:\.\d+)?)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def at(inputs: Any, *steps: str) -> Any:
    """The value at these steps; None when it is absent, empty or not known yet."""
    for step in steps:
        if not isinstance(inputs, Mapping):
            return None
        inputs = inputs.get(step)
    return None if is_unknown(inputs) or inputs == "" else inputs


def items(inputs: Any, *steps: str) -> list[Any]:
    """The known items of a list; [] when it is no list."""
    found = at(inputs, *steps)
    return list(found) if isinstance(found, list | tuple) else []


def whole(value: Any) -> int | None:
    """A whole number, also when the engine carries it as a double or Azure as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"-?\d+", value.strip()) else None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def seconds(text: Any) -> float | None:
    """The length of an ISO 8601 duration such as `PT5M`; None when the text is none."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groupdict().values()):
        return None
    scale = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
    return sum(float(v) * scale[k] for k, v in found.groupdict().items() if v is not None)


def is_guid(value: Any) -> bool:
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def resource_id(
    inputs: Mapping[str, Any], path: str, types: tuple[str, ...], source: str
) -> Iterator[Problem]:
    """Refuse what is not the id of a resource of one of these types."""
    value = at(inputs, *path.split("."))
    if not isinstance(value, str):
        return
    parsed = arm_id.parse(value)
    if parsed is None or parsed.type.lower() not in {t.lower() for t in types}:
        words = " or ".join(types)
        yield Problem(path=path, got=value, message=f"allowed: the id of a {words}", source=source)


def duration(
    inputs: Mapping[str, Any],
    path: str,
    source: str,
    *,
    least: float | None = None,
    most: float | None = None,
) -> Iterator[Problem]:
    """Refuse what is no ISO 8601 duration, or one outside the bounds (seconds)."""
    value = at(inputs, *path.split("."))
    if value is None:
        return
    length = seconds(value)
    if length is None:
        message = "allowed: an ISO 8601 duration such as PT5M"
        yield Problem(path=path, got=value, message=message, source=source)
    elif (least is not None and length < least) or (most is not None and length > most):
        low = f"{least:g}" if least is not None else "0"
        message = f"allowed: {low} s to {most:g} s" if most is not None else f"allowed: {low} s up"
        yield Problem(path=path, got=value, message=message, source=source)
