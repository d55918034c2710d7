"""What a run of the engine leaves for a review."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mlplatform.review.sources import Sources


@dataclass(frozen=True, kw_only=True)
class Run:
    """One event log to review. stack: its name; empty to read it from the log. gaps_before: the
    gaps of the base; None to take the stack's old output. notes: what a reader has to know.
    base_failed: the base did not come up whole, so more is listed than the head changes.
    """

    log: Path
    stack: str = ""
    gaps_before: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    sources: Sources = field(default_factory=Sources)
    base_failed: bool = False
