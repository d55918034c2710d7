"""Taking out what is wrong, so that everything else can still be checked.

The stand-ins are values that raise no problem of their own: the widest bounds, no weight, a place
that exists. A plan made with one is thrown away, as the problem that led to it is on the list.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

from mlplatform.spec.models.base import INSTANCES_MAX

Location = tuple[str | int, ...]

_LABELS = {"project": "x", "owner": "x", "cost_center": "x"}
_AWS = {"account_id": "000000000000", "region": "us-east-1"}
_GCP = {"project": "stand-in", "region": "us-central1"}
_NO_ID = "00000000-0000-0000-0000-000000000000"
_AZURE = {"subscription_id": _NO_ID, "tenant_id": _NO_ID, "location": "westeurope"}
_BOUNDS = {"min": 1, "max": INSTANCES_MAX}
_AWS_TARGET = {"invocations_per_instance_per_minute": 1}
_PERCENT = {"cpu_percent": 50}
_ENDPOINT = "workloads.*.endpoint"

_WHOLE: dict[str, dict[str, Any]] = {
    "labels": _LABELS,
    "clouds.aws": _AWS,
    "clouds.gcp": _GCP,
    "clouds.azure": _AZURE,
    f"{_ENDPOINT}.scaling": _BOUNDS,
    f"{_ENDPOINT}.variants.*.scaling": _BOUNDS,
    f"{_ENDPOINT}.variants.*": {"weight": 0},
    f"{_ENDPOINT}.aws.target": _AWS_TARGET,
    f"{_ENDPOINT}.gcp.target": _PERCENT,
    f"{_ENDPOINT}.azure.target": _PERCENT,
}
_STAND_INS: dict[str, Any] = {
    **_WHOLE,
    **{f"{at}.{key}": value for at, whole in _WHOLE.items() for key, value in whole.items()},
    "clouds": {},
    "workloads": {},
    "workloads.*.model.artifact": "stand-in",
    f"{_ENDPOINT}.variants.*.model.artifact": "stand-in",
}


def mend(values: Any, needed: Collection[Location], unwanted: Collection[Location]) -> Any:
    """A copy in which each needed place has a stand-in where there is one, else is gone.

    Args:
        values: what could not be read.
        needed: places whose value is wrong or absent.
        unwanted: places whose key is wrong.
    """
    mended = copy.deepcopy(values)
    for place in sorted({*needed, *unwanted}, key=len, reverse=True):
        stand_in = None if place in unwanted else _stand_in_for(place)
        parent = _at(mended, place[:-1])
        if stand_in is not None and isinstance(parent, dict):
            parent[place[-1]] = copy.deepcopy(stand_in)
        else:
            mended = without(mended, place)
    return mended


def without(values: Any, place: Location) -> Any:
    """The values with a place gone; its parent goes with what cannot be read without it."""
    if not place:
        return {}
    parent = _at(values, place[:-1])
    last = place[-1]
    in_list = isinstance(parent, list) and isinstance(last, int) and last < len(parent)
    if not in_list and not (isinstance(parent, dict) and last in parent):
        return without(values, place[:-1])
    del parent[last]
    return values


def _at(values: Any, place: Location) -> Any:
    for part in place:
        if isinstance(values, dict):
            values = values.get(part)
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            values = values[part]
        else:
            return None
    return values


def _stand_in_for(place: Location) -> Any:
    for pattern, value in _STAND_INS.items():
        parts = pattern.split(".")
        if len(parts) == len(place) and all(
            known in ("*", part) for known, part in zip(parts, place, strict=True)
        ):
            return value
    return None
