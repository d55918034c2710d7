"""Property paths: ``productionVariants[0].instanceType``, ``tags["a.b"]``, ``containers[*].image``.

Used for ``ignoreChanges``, whose paths the engine hands to Diff and Update, and to tell whether a
changed path was changed by the program or has drifted.

Source of the grammar: ``sdk/go/common/resource/properties_path.go`` of pulumi/pulumi.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Segment = str | int

_SEGMENT = re.compile(
    r"""
    \.?(?P<name>[^.\[\]"]+)            # name, .name and *
    | \[(?P<index>\d+)\]               # [0]
    | \[(?P<star>\*)\]                 # [*]
    | \.?\[(?P<quoted>"(?:[^"\\]|\\.)*")\]  # ["a.b"]
    """,
    re.VERBOSE,
)

MISSING = object()
"""What ``get`` answers where nothing is."""


def parse(path: str) -> tuple[Segment, ...] | None:
    """The segments of a path; None when the text is no path (the engine skips such a one)."""
    segments: list[Segment] = []
    position = 0
    while position < len(path):
        match = _SEGMENT.match(path, position)
        if match is None:
            return None
        position = match.end()
        if match["index"] is not None:
            segments.append(int(match["index"]))
        elif match["quoted"] is not None:
            segments.append(json.loads(match["quoted"]))
        else:
            segments.append(match["star"] or match["name"])
    return tuple(segments)


def top(path: str) -> str:
    """The property of the resource that a path lies in."""
    segments = parse(path)
    return str(segments[0]) if segments else path


def get(values: Any, path: str) -> Any:
    """What stands at ``path``, or MISSING."""
    for segment in parse(path) or ():
        values = _child(values, segment)
        if values is MISSING:
            return MISSING
    return values


def covers(pattern: str, path: str) -> bool:
    """Whether ``path`` is ``pattern`` itself or lies inside it (``*`` stands for any segment)."""
    want, have = parse(pattern), parse(path)
    if not want or have is None or len(have) < len(want):
        return False
    return all(w in ("*", h) for w, h in zip(want, have, strict=False))


def restore(
    values: Mapping[str, Any], old: Mapping[str, Any], ignored: Iterable[str]
) -> dict[str, Any]:
    """``values`` with every ignored path as it stands in ``old``, removed where old has none.

    An element of a list that only one side has cannot be restored (the engine tells the user so)
    and stays as it is.
    """
    restored: dict[str, Any] = copy.deepcopy(dict(values))
    for path in ignored:
        segments = parse(path)
        if segments:
            _restore(restored, old, segments)
    return restored


def _restore(new: Any, old: Any, segments: tuple[Segment, ...]) -> None:
    head, rest = segments[0], segments[1:]
    if head == "*":
        for key in _keys(new) | _keys(old):
            _restore(new, old, (key, *rest))
        return
    was = _child(old, head)
    if rest:
        _restore(_child(new, head), was, rest)
    elif isinstance(new, dict) and isinstance(head, str):
        if was is MISSING:
            new.pop(head, None)
        else:
            new[head] = copy.deepcopy(was)
    elif isinstance(new, list) and isinstance(head, int) and head < len(new) and was is not MISSING:
        new[head] = copy.deepcopy(was)


def _keys(values: Any) -> set[Segment]:
    if isinstance(values, Mapping):
        return set(values)
    if isinstance(values, list):
        return set(range(len(values)))
    return set()


def _child(values: Any, segment: Segment) -> Any:
    if isinstance(values, Mapping):
        return values.get(segment, MISSING) if isinstance(segment, str) else MISSING
    if isinstance(values, list) and isinstance(segment, int) and segment < len(values):
        return values[segment]
    return MISSING
