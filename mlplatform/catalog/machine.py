"""What the clouds' machine tables have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine type that serves models."""

    name: str
    accelerator: str | None = None
    """The field's short name: ``T4``, ``V100``, ``A100``, ``Inferentia2``..."""
    accelerator_count: int = 0
    local_nvme: bool = False
    """Instance storage on the host's own NVMe disks."""
    burstable: bool = False
    """CPU credits: performance falls when they are used up."""
    retired: date | None = None
    """First day on which it could not be had any more, or at the latest then."""
    replacement: str | None = None
    """What to take instead of a retired type."""
    cores: int | None = None
    """vCPUs, where the quota or a metric counts in them."""

    def is_retired(self, on: date) -> bool:
        return self.retired is not None and self.retired <= on
