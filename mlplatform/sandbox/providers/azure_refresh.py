"""Inputs after a refresh: what changed in Azure since the last update, applied to the inputs.

Azure fills in many defaults, so outputs cannot simply become inputs. As pulumi-azure-native does
(provider.go, Read): old and new outputs are both cut down to what can be written, and only the
difference between the two is applied to the inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def drifted(inputs: Any, before: Any, now: Any) -> Any:
    """`inputs` with every change from `before` to `now` applied."""
    if all(isinstance(value, Mapping) for value in (inputs, before, now)):
        return _object(inputs, before, now)
    if all(isinstance(value, list) for value in (inputs, before, now)):
        return [
            drifted(inputs[i], before[i], item) if i < min(len(inputs), len(before)) else item
            for i, item in enumerate(now)
        ]
    return now


def _object(
    inputs: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    kept = {k: v for k, v in inputs.items() if not (k in before and k not in now)}
    for key, value in now.items():
        if key not in before:
            kept[key] = value
        elif before[key] != value:
            kept[key] = drifted(inputs[key], before[key], value) if key in inputs else value
    return kept
