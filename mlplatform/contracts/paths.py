"""Pulumi property paths: building them, and finding where two sets of inputs differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$]*")
_STEP = re.compile(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.\[\]]+)')


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where inputs differ; `add`: absent before, `delete`: absent now."""

    path: str
    kind: Literal["add", "update", "delete"]


def join(at: str, key: str | int) -> str:
    """One step deeper: `a` + `b` = `a.b`, `a` + 0 = `a[0]`, `tags` + `x/y` = `tags["x/y"]`."""
    if isinstance(key, int):
        return f"{at}[{key}]"
    if not _PLAIN_KEY.fullmatch(key):
        return f'{at}["{key}"]'
    return f"{at}.{key}" if at else key


def split(path: str) -> tuple[str | int, ...]:
    """The steps of a path: `a[0].b` -> ("a", 0, "b")."""
    return tuple(
        int(m.group(1)) if m.group(1) is not None else m.group(2) or m.group(3)
        for m in _STEP.finditer(path)
    )


def names(path: str) -> tuple[str, ...]:
    """The steps of a path without list positions: `a[0].b` -> ("a", "b")."""
    return tuple(step for step in split(path) if isinstance(step, str))


def differences(old: Any, new: Any, at: str = "") -> Iterator[Difference]:
    """Every place where `new` differs from `old`, as deep as both sides have the same structure.

    Absent and None are the same. Keys that start with `__` belong to the engine's bridge and are
    skipped. Lists of different length differ element by element, then in the elements left over.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            if not str(key).startswith("__"):
                yield from differences(old.get(key), new.get(key), join(at, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        for i in range(max(len(old), len(new))):
            before = old[i] if i < len(old) else None
            after = new[i] if i < len(new) else None
            yield from differences(before, after, join(at, i))
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        kind: Literal["add", "update", "delete"] = (
            "add" if old is None else "delete" if new is None else "update"
        )
        yield Difference(path=at, kind=kind)
