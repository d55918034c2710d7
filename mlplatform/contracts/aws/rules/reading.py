"""Reading inputs in a rule: only what is there and known; everything else is skipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.paths import join
from mlplatform.contracts.unknown import is_unknown

_Inputs = Mapping[str, Any]


def text(inputs: _Inputs, name: str) -> str | None:
    """A known, non-empty string."""
    value = inputs.get(name)
    return value if isinstance(value, str) and value and not is_unknown(value) else None


def number(inputs: _Inputs, name: str) -> float | None:
    """A known number; numbers written as text count, as the provider reads them."""
    value = inputs.get(name)
    if isinstance(value, bool) or value is None or is_unknown(value):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def given(inputs: _Inputs, name: str) -> bool:
    """True when the property is there, known or not; empty text, lists and objects are absent."""
    return inputs.get(name) not in (None, "", [], {})


def known(inputs: _Inputs, *names: str) -> bool:
    """True when none of the properties is unknown as a whole."""
    return not any(is_unknown(inputs.get(name)) for name in names)


def inner(inputs: _Inputs, name: str) -> _Inputs:
    """A nested object, {} when it is absent, unknown or of another kind."""
    value = inputs.get(name)
    return value if isinstance(value, Mapping) else {}


def items(inputs: _Inputs, name: str) -> Iterator[tuple[str, _Inputs]]:
    """(path, object) for each known object of a list."""
    value = inputs.get(name)
    for i, element in enumerate(value if isinstance(value, list) else ()):
        if isinstance(element, Mapping):
            yield join(name, i), element
