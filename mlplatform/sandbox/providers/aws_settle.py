"""Settling what was declared against what the cloud shows, so that drift, and only drift, is
seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlplatform.contracts.aws.lifecycle import equal_documents
from mlplatform.provider.values import is_unknown


def settle(declared: Any, seen: Any) -> Any:
    """The declared structure with the values that the cloud shows.

    What means the same keeps the program's own spelling (layout of a document, order of a set,
    number as text). An answer that leaves a member out says nothing about it: AWS omits many on
    purpose.
    """
    if seen is None or is_unknown(declared) or same(declared, seen):
        return declared
    if isinstance(declared, Mapping) and isinstance(seen, Mapping):
        return {key: settle(value, seen.get(key)) for key, value in declared.items()}
    if isinstance(declared, list) and isinstance(seen, list):
        if len(declared) == len(seen) and all(isinstance(one, Mapping) for one in declared):
            return [settle(a, b) for a, b in zip(declared, _aligned(declared, seen), strict=True)]
        return seen
    return seen


def same(declared: Any, seen: Any) -> bool:
    """True when the two mean the same to AWS."""
    if declared == seen or equal_documents(declared, seen):
        return True
    if isinstance(declared, Mapping) and isinstance(seen, Mapping):
        return all(
            value is None or value == "" or (key in seen and same(value, seen[key]))
            for key, value in declared.items()
        ) and bool(declared)
    if isinstance(declared, list) and isinstance(seen, list):
        if len(declared) != len(seen):
            return False
        return all(same(a, b) for a, b in zip(declared, _aligned(declared, seen), strict=True))
    if isinstance(declared, Mapping | list) or isinstance(seen, Mapping | list):
        return False
    one, other = _text(declared), _text(seen)
    return one == other or _names(one, other) or _names(other, one)


def _names(arn: str, name: str) -> bool:
    """AWS answers with an ARN where a name was given, and the other way round."""
    return bool(name) and arn.startswith("arn:") and arn.endswith(f"/{name}")


def _aligned(declared: list[Any], seen: list[Any]) -> list[Any]:
    """The seen elements in the order of the declared ones: most lists of AWS are sets."""
    left = list(seen)
    out: list[Any] = [None] * len(declared)
    open_places: list[int] = []
    for i, one in enumerate(declared):
        hit = next((n for n, other in enumerate(left) if same(one, other)), None)
        if hit is None:
            open_places.append(i)
        else:
            out[i] = left.pop(hit)
    for i, other in zip(open_places, left, strict=False):
        out[i] = other
    return out


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)
