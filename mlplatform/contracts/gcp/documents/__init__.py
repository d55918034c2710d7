"""Discovery documents that no client library ships, written by hand; see README.md."""

from __future__ import annotations

from pathlib import Path


def own(name: str) -> Path | None:
    """The file of a document of our own; None when there is none of that name."""
    path = Path(__file__).parent / f"{name}.json"
    return path if path.exists() else None
