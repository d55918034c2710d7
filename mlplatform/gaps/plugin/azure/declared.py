"""What Azure shows, as far as a program declared it: what the service fills in is no change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def shown(declared: Any, live: Any) -> Any:
    """The live values of the members that are declared, at every depth."""
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        return {name: shown(one, live.get(name)) for name, one in declared.items()}
    if isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        return [shown(one, other) for one, other in zip(declared, live, strict=True)]
    return live
