"""What AWS is to have of data, training and monitoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AwsThroughput:
    """Provisioned capacity units of an online store."""

    read_units: int
    write_units: int


@dataclass(frozen=True, kw_only=True)
class AwsFeatureGroup:
    """A SageMaker feature group."""

    name: str
    """Unique in the workload."""
    record_id: str
    event_time: str
    columns: Mapping[str, str]
    """Name to Integral, Fractional or String."""
    description: str | None
    online: bool
    ttl_s: int | None
    storage: str
    offline: bool
    table_format: str
    throughput: AwsThroughput | None
