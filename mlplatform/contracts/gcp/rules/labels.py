"""Labels: at most 64, keys and values lower case, 63 characters.

Source: cloud.google.com/resource-manager/docs/labels-overview (requirements for labels).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts import paths
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

SOURCE = "cloud.google.com/resource-manager/docs/labels-overview"
_MOST = 64
_LONGEST = 63


def labels(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Every label of the resource that the service would refuse."""
    yield from _problems("labels", inputs.get("labels"))


def user_labels(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The same of Cloud Monitoring, which keeps its own labels apart (AlertPolicy.userLabels)."""
    yield from _problems("userLabels", inputs.get("userLabels"))


def _problems(at: str, given: Any) -> Iterator[Problem]:
    if not isinstance(given, Mapping):
        return
    if len(given) > _MOST:
        message = f"allowed: at most {_MOST} labels"
        yield Problem(path=at, got=len(given), message=message, source=SOURCE)
    for key, value in given.items():
        path = paths.join(at, str(key))
        if not _good_key(str(key)):
            message = (
                "allowed: a key of lower-case letters, digits, _ and -, first a letter, "
                f"at most {_LONGEST} characters"
            )
            yield Problem(path=path, got=key, message=message, source=SOURCE)
        if isinstance(value, str) and not is_unknown(value) and not _good_value(value):
            message = (
                "allowed: lower-case letters, digits, _ and -, "
                f"at most {_LONGEST} characters; nearest: {suggestion(value)}"
            )
            yield Problem(path=path, got=value, message=message, source=SOURCE)


def suggestion(text: str) -> str:
    """The label value that comes nearest to a text."""
    lowered = text.lower()[:_LONGEST]
    return "".join(char if _allowed(char) else "-" for char in lowered)


def _good_key(key: str) -> bool:
    return bool(key) and _letter(key[0]) and _good_value(key)


def _good_value(value: str) -> bool:
    return len(value) <= _LONGEST and all(_allowed(char) for char in value)


def _allowed(char: str) -> bool:
    return char in "_-" or _letter(char) or unicodedata.category(char).startswith("N")


def _letter(char: str) -> bool:
    """Lower-case letters, and letters of scripts that have no case."""
    return unicodedata.category(char) in ("Ll", "Lo")
