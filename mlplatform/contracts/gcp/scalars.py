"""One value against one field: type, width, closed set, format. The vendor's JSON rules decide.

The engine sends every number as a double and a whole one as an integer; the provider writes 64-bit
numbers as text. Both forms of a number are taken where Google's JSON mapping takes both
(protobuf.dev/programming-guides/json).
"""

from __future__ import annotations

import base64
import binascii
import datetime
import math
import re
from collections.abc import Iterator
from typing import Any

from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.gcp.plan import Node
from mlplatform.contracts.problem import Problem

_WIDTHS = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_DAYS = re.compile(r"\d+d")
_DURATION = re.compile(r"-?\d+(\.\d{1,9})?s")


def problems(node: Node, value: Any, path: str, source: str) -> Iterator[Problem]:
    """What is wrong with a known scalar; nothing when the service would take it."""
    kind = node.get("wire", node["kind"])

    def bad(message: str) -> Problem:
        return Problem(path=path, got=value, message=message, source=source)

    if kind == "boolean":
        if not isinstance(value, bool) and value not in ("true", "false"):
            yield bad("allowed: true or false")
    elif kind in ("integer", "number") or node.get("format") in _WIDTHS:
        yield from _number(node, value, bad)
    elif isinstance(value, dict | list):
        yield bad("allowed: one text value")
    else:
        yield from _text(node, _as_text(value), bad)


def _number(node: Node, value: Any, bad: Any) -> Iterator[Problem]:
    whole = node.get("wire") != "number"
    number = as_number(value)
    if number is None or (whole and not isinstance(number, int)):
        yield bad(f"allowed: a {'whole ' if whole else ''}number")
        return
    low, high = _WIDTHS.get(node.get("format", ""), (None, None))
    low, high = node.get("minimum", low), node.get("maximum", high)
    if (low is not None and number < low) or (high is not None and number > high):
        yield bad(f"allowed: {low} to {high}")


def as_number(value: Any) -> int | float | None:
    """The number that a value stands for, whole ones as int; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _text(node: Node, value: str, bad: Any) -> Iterator[Problem]:
    choices = node.get("enum")
    if choices is not None and value and value not in choices:
        yield bad(allowed(choices, value))
        return
    retired = node.get("retired", {}).get(value)
    if retired is not None:
        yield bad(f"no longer offered: {retired}")
    if node.get("convert") == "days" and _DAYS.fullmatch(value):
        return  # the provider turns days into seconds
    wanted = _format_problem(node.get("format", ""), value)
    if wanted is not None:
        yield bad(wanted)
    pattern = node.get("pattern")
    if pattern is not None and value and not re.search(pattern, value):
        yield bad(f"must match {pattern}")


def _format_problem(form: str, value: str) -> str | None:
    if form == "google-duration" and not _DURATION.fullmatch(value):
        return "allowed: a duration in seconds, such as 3600s"
    if form in ("google-datetime", "date-time"):
        try:
            datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return "allowed: an RFC 3339 time, such as 2026-01-31T00:00:00Z"
    if form == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "allowed: a date, such as 2026-01-31"
    if form == "byte":
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return "allowed: base64 text"
    return None


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)
