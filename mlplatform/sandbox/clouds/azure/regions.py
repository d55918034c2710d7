"""Where a resource of the local Azure may lie."""

from __future__ import annotations

from mlplatform.catalog.azure_regions import PUBLIC


def is_region(place: str) -> bool:
    """Whether a resource may lie there; `place` in lower case, without spaces."""
    return place in PUBLIC or place == "global"


def regions() -> list[str]:
    return sorted(PUBLIC)
