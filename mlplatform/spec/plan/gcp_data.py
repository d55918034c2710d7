"""What Google Cloud is to have for data: feature groups and the store that serves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GcpFeature:
    """One feature: a column that may be asked for by its id."""

    feature_id: str
    """Lower-case, as Vertex AI asks."""
    column: str


@dataclass(frozen=True, kw_only=True)
class GcpFeatureGroup:
    """A table of BigQuery and its features in Vertex AI's registry."""

    name: str
    record_id: str
    event_time: str
    columns: Mapping[str, str]
    """Name to BigQuery type, in the order of the spec."""
    features: tuple[GcpFeature, ...]
    description: str | None
    online: bool
    sync_cron: str | None
    """When the online store takes over new rows; None: when someone asks for it."""
    source: str | None
    """``bq://project.dataset.table`` that others fill; None: a table of our own."""


@dataclass(frozen=True, kw_only=True)
class GcpOnlineStore:
    """The store that answers at once, shared by all groups of the environment."""

    optimized: bool
    """Else Bigtable, with the bounds below."""
    min_nodes: int
    max_nodes: int
    cpu_percent: int
