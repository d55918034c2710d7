"""Nearest matches and the words for "what is allowed", so that every refusal reads the same."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

_LISTED_AT_MOST = 12
_CLOSE_ENOUGH = 0.6


def nearest(got: object, choices: Collection[str]) -> str | None:
    """The choice that the writer most likely meant, or None when nothing is close.

    Case, underscores and dashes do not count: `instance_type` is as near to `instanceType` as can
    be.
    """
    text = str(got)
    plain: dict[str, str] = {}
    for choice in sorted(choices):
        plain.setdefault(_fold(choice), choice)
    folded = _fold(text)
    if folded in plain:
        return plain[folded]
    found = difflib.get_close_matches(folded, plain, n=1, cutoff=_CLOSE_ENOUGH)
    if found:
        return plain[found[0]]
    inside = [c for f, c in plain.items() if len(folded) > 2 and (folded in f or f in folded)]
    return min(inside, key=len) if inside else None


def allowed(choices: Collection[str], got: object, *, noun: str = "values") -> str:
    """`allowed: a, b, c` for short sets, `allowed: one of 300 <noun>` for long ones, plus the
    nearest.
    """
    words = sorted(choices)
    text = ", ".join(words) if len(words) <= _LISTED_AT_MOST else f"one of {len(words)} {noun}"
    near = nearest(got, words)
    return f"allowed: {text}" + (f"; nearest: {near}" if near is not None else "")


def unknown_property(name: str, known: Collection[str]) -> str:
    """The message for a property that the type does not have."""
    near = nearest(name, known)
    return "no such property" + (
        f"; nearest: {near}" if near is not None else f"; {allowed(known, '', noun='properties')}"
    )


def _fold(text: str) -> str:
    return re.sub(r"[_\-\s]", "", text).lower()
