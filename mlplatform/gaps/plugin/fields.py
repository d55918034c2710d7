"""Checks of inputs that resources of every cloud share. Unknown values pass: they count as given.

The messages are those of the contracts, so that a refusal reads the same wherever it comes from.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.catalog.nearest import unknown_property
from mlplatform.contracts.problem import show
from mlplatform.provider.model import Failure
from mlplatform.provider.values import is_unknown


@dataclass(frozen=True, kw_only=True)
class Text:
    """A string property: what it may be, and where that is written.

    Attributes:
        pattern: what the whole value must match.
        longest: most characters.
        allowed: the rule in words.
        source: the document or model that the rule comes from.
    """

    pattern: str
    longest: int
    allowed: str
    source: str
    required: bool = True

    def check(self, path: str, value: Any) -> list[Failure]:
        """Nothing, or the one reason to refuse ``value``."""
        if is_unknown(value) or (value is None and not self.required):
            return []
        good = (
            isinstance(value, str)
            and len(value) <= self.longest
            and re.fullmatch(self.pattern, value) is not None
        )
        return [] if good else [self.refuse(path, value)]

    def refuse(self, path: str, value: Any) -> Failure:
        """The failure for ``value``."""
        reason = f"got {show(value)}, allowed: {self.allowed} ({self.source})"
        return Failure(path=path, reason=reason)


def unknown_names(values: Mapping[str, Any], known: Collection[str], at: str = "") -> list[Failure]:
    """A failure for each key that is none of ``known``, with the nearest that is."""
    return [
        Failure(path=at + name, reason=f"got {show(value)}, {unknown_property(name, known)}")
        for name, value in values.items()
        if name not in known and not name.startswith("__")  # the engine's own, like __defaults
    ]


def check_texts(
    values: Mapping[str, Any], rules: Mapping[str, Text], at: str = ""
) -> list[Failure]:
    """All failures of the string properties in ``rules``."""
    return [f for name, rule in rules.items() for f in rule.check(at + name, values.get(name))]
