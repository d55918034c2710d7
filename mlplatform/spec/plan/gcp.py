"""What Google Cloud is to have."""

from __future__ import annotations

from dataclasses import dataclass

from mlplatform.spec.plan.common import Artifact
from mlplatform.spec.plan.gcp_data import (
    GcpAlerts,
    GcpFeatureGroup,
    GcpMonitoring,
    GcpMonitors,
    GcpOnlineStore,
)
from mlplatform.spec.plan.gcp_training import GcpQuota, GcpTraining


@dataclass(frozen=True, kw_only=True)
class GcpScaleToZero:
    """When a variant without requests gives its last replica back."""

    idle_s: int
    min_up_s: int


@dataclass(frozen=True, kw_only=True)
class GcpVariant:
    """One deployed model, scaled on its own."""

    name: str
    weight: int
    """Percent of the traffic; the variants' weights sum to 100."""
    min_replicas: int
    max_replicas: int
    artifact: Artifact
    image_uri: str
    scale_to_zero: GcpScaleToZero | None = None
    """Given where min_replicas is 0."""


@dataclass(frozen=True, kw_only=True)
class GcpCapture:
    """Requests and answers that are kept."""

    sampling_percent: float
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class GcpRollout:
    """The steps in which traffic moves to a new model."""

    strategy: str
    """``canary`` or ``linear``."""
    step_percent: int
    wait_s: int


@dataclass(frozen=True, kw_only=True)
class GcpPool:
    """Machines that the endpoints of several workloads share."""

    name: str
    machine_type: str
    accelerator_type: str | None
    accelerator_count: int
    min_replicas: int
    max_replicas: int
    target_metric: str
    target_value: float


@dataclass(frozen=True, kw_only=True)
class GcpEndpoint:
    """A Vertex AI endpoint."""

    machine_type: str
    """The pool's, where there is one; so are accelerators and target."""
    accelerator_type: str | None
    """Vertex AI's own name, for example ``NVIDIA_TESLA_T4``."""
    accelerator_count: int
    variants: tuple[GcpVariant, ...]
    target_metric: str
    """``cpu_percent``, ``gpu_duty_cycle_percent`` or ``requests_per_replica_per_minute``."""
    target_value: float
    version_aliases: tuple[str, ...] = ()
    """Of each variant's model: they move to the version that is served."""
    private: bool = False
    """Reachable from the plan's network only."""
    capture: GcpCapture | None = None
    pool: str | None = None
    """Whose machines it shares; None: it has its own."""
    rollout: GcpRollout | None = None
    """None moves the traffic at once."""


@dataclass(frozen=True, kw_only=True)
class GcpWorkload:
    name: str
    endpoint: GcpEndpoint | None
    features: tuple[GcpFeatureGroup, ...] = ()
    monitoring: GcpMonitoring | None = None
    """Version 1."""
    monitors: GcpMonitors | None = None
    """Version 2."""
    alerts: GcpAlerts | None = None
    """None where nobody is to be told."""
    training: GcpTraining | None = None


@dataclass(frozen=True, kw_only=True)
class GcpNetwork:
    """A network to make."""

    machines_cidr: str
    interfaces_cidr: str


@dataclass(frozen=True, kw_only=True)
class GcpExistingNetwork:
    """A network that is there."""

    id: str
    """``projects/P/global/networks/N``."""
    attachment: str | None
    """``projects/P/regions/R/networkAttachments/A``; training is not in the network without."""


@dataclass(frozen=True, kw_only=True)
class GcpTrust:
    """Whose tokens the account of pipelines takes."""

    name: str
    issuer: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class GcpCi:
    """The account of pipelines that roll out models."""

    pool_id: str | None
    """None names it after the environment."""
    trusts: tuple[GcpTrust, ...]


@dataclass(frozen=True, kw_only=True)
class GcpPlan:
    project: str
    project_number: str | None
    """Needed only where a service agent is named; looked up when absent."""
    region: str
    workloads: tuple[GcpWorkload, ...]
    pools: tuple[GcpPool, ...] = ()
    online_store: GcpOnlineStore | None = None
    """None where no group is served online."""
    feature_readers: tuple[str, ...] = ()
    quotas: tuple[GcpQuota, ...] = ()
    quota_contact: str | None = None
    """Whom Google Cloud asks about a request."""
    """Groups that may read feature tables."""
    key_name: str | None = None
    """An existing key; None makes one."""
    rotation_days: int = 90
    log_bucket: str | None = None
    """An existing bucket for access logs."""
    network: GcpNetwork | GcpExistingNetwork | None = None
    ci: GcpCi | None = None
    image_repositories: tuple[str, ...] = ()
