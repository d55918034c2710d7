"""What Google Cloud is to have for data: feature groups and the store that serves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlplatform.spec.plan.common import Artifact


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


@dataclass(frozen=True, kw_only=True)
class GcpThresholds:
    """Distances above which a column raises an alert."""

    columns: Mapping[str, float]
    default: float | None
    """For every column without its own; None: those are not watched."""


@dataclass(frozen=True, kw_only=True)
class GcpMonitoring:
    """What is watched on one endpoint."""

    interval_s: int
    """Whole hours."""
    sampling_rate: float
    """Above 0, at most 1."""
    log_retention_days: int
    skew: GcpThresholds | None
    """Serving against training data."""
    drift: GcpThresholds | None
    """Serving against earlier serving."""
    baseline: Artifact | None
    """The training data as CSV; always with ``skew``."""
    label: str | None
    """The column of the training data that the model predicts."""
    alert_emails: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GcpObjective:
    """One thing that model monitors compute, on a schedule of its own."""

    name: str
    """``skew``, ``drift`` or ``prediction_drift``."""
    cron: str
    """Five fields, in UTC."""
    window: str
    """How far back a run looks, such as ``1h`` or ``1d``."""
    thresholds: GcpThresholds
    with_training: bool
    """True compares with the training data; False with the window before."""
    of_answers: bool
    """True looks at predictions; False at features."""


@dataclass(frozen=True, kw_only=True)
class GcpMonitors:
    """What is watched of every model of one endpoint, from the requests that it keeps."""

    objectives: tuple[GcpObjective, ...]
    features: Mapping[str, str]
    """Column to its type, in the order in which requests have them."""
    predicted: tuple[str, str] | None
    """Name and type of the answers; None where they are not watched."""
    baseline: Artifact
    """The training data as CSV."""
    alert_emails: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class GcpAlerts:
    """Alert policies on one endpoint and on what watches it."""

    emails: tuple[str, ...]
    channels: tuple[str, ...]
    """``projects/P/notificationChannels/N`` that others look after."""
    error_percent: float | None
    """Share of answers with a status of 5xx; None: no alert."""
    latency_ms: int | None
    """Ninety-fifth percentile; None: no alert."""
