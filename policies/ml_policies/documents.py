"""Reads IAM policy documents: text or object, one statement or several, one value or many."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.unknown import has_unknown


class UndecidableError(Exception):
    """The document is not known before apply."""


def statements(document: Any) -> Iterator[Mapping[str, Any]]:
    """Every statement. Raises ``UndecidableError``; a text that is no JSON has none."""
    if has_unknown(document):
        raise UndecidableError
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return
    if isinstance(document, Mapping):
        found = document.get("Statement", [])
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, Mapping):
                yield one


def listed(value: Any) -> list[str]:
    """One text or a list of them."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def allows(statement: Mapping[str, Any]) -> bool:
    return statement.get("Effect") == "Allow"


def conditions(statement: Mapping[str, Any]) -> dict[str, list[str]]:
    """Condition keys in lower case, over all operators, and what they are compared with."""
    found: dict[str, list[str]] = {}
    for operands in (statement.get("Condition") or {}).values():
        for key, value in operands.items() if isinstance(operands, Mapping) else ():
            found.setdefault(key.lower(), []).extend(listed(value))
    return found


def principals(statement: Mapping[str, Any]) -> dict[str, list[str]]:
    """Principals by kind; ``*`` alone is of the kind AWS."""
    found = statement.get("Principal")
    if isinstance(found, str):
        return {"AWS": [found]}
    if isinstance(found, Mapping):
        return {kind: listed(value) for kind, value in found.items()}
    return {}
