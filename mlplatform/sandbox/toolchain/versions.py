"""Which engine the sandbox runs."""

from __future__ import annotations

import re

ENGINE = "3.259.0"
"""Built when the machine has no newer one. The SDK in the lock works with it."""

MINIMUM = (3, 259, 0)
"""Older engines lack ``plugins.providers`` as the project uses it."""


def parse(text: str) -> tuple[int, int, int] | None:
    """``v3.259.0`` or ``3.259.0-dev`` as numbers; ``None`` when it is no version."""
    found = re.match(r"\s*v?(\d+)\.(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def new_enough(text: str) -> bool:
    version = parse(text)
    return version is not None and version >= MINIMUM
