"""What Azure is to have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mlplatform.spec.plan.azure_compute import AzureCompute, AzureQuota
from mlplatform.spec.plan.azure_training import AzureTraining
from mlplatform.spec.plan.common import Artifact


@dataclass(frozen=True, kw_only=True)
class AzureVariant:
    """One managed online deployment, scaled on its own."""

    name: str
    weight: int
    """Percent of the traffic; the variants' weights sum to 100."""
    min_instances: int
    max_instances: int
    artifact: Artifact
    image_uri: str
    pip_packages: tuple[str, ...] = ()
    """What the environment installs on top of the image; empty for an own image."""
    shadow_percent: int = 0
    """Share of the requests that it gets a copy of."""


@dataclass(frozen=True, kw_only=True)
class AzureSchedule:
    """Other bounds from a time on, in UTC, until another schedule's time."""

    name: str
    weekdays: tuple[int, ...]
    """Sunday is 0."""
    hour: int
    minute: int
    min_instances: int
    max_instances: int


@dataclass(frozen=True, kw_only=True)
class AzureProbe:
    """Seconds and counts of one probe."""

    initial_delay_s: int
    period_s: int
    timeout_s: int
    success_threshold: int
    failure_threshold: int


@dataclass(frozen=True, kw_only=True)
class AzureRollout:
    """Traffic in steps."""

    strategy: str
    """``canary`` or ``linear``."""
    step_percent: int
    wait_s: int
    max_error_percent: float | None = None
    max_latency_ms: float | None = None


@dataclass(frozen=True, kw_only=True)
class AzureCapture:
    """Requests and answers that are kept."""

    sampling_percent: float
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class AzureEndpoint:
    """An Azure ML managed online endpoint."""

    instance_type: str
    variants: tuple[AzureVariant, ...]
    target_metric: str
    """``cpu_percent`` or ``gpu_percent``."""
    target_value: float
    scale_in_cooldown_s: int
    scale_out_cooldown_s: int
    """Whole minutes: Azure Monitor counts in them."""
    schedules: tuple[AzureSchedule, ...] = ()
    request_timeout_s: int = 90
    max_concurrent_per_instance: int = 1
    liveness: AzureProbe | None = None
    readiness: AzureProbe | None = None
    public: bool = True
    egress_public: bool = True
    capture: AzureCapture | None = None
    rollout: AzureRollout | None = None
    """``None``: new content at once, instance by instance."""


@dataclass(frozen=True, kw_only=True)
class AzureBatch:
    """A batch endpoint with its cluster."""

    instance_type: str
    variants: tuple[AzureVariant, ...]
    """Their shares and bounds mean nothing here."""
    min_nodes: int
    max_nodes: int
    files_per_batch: int
    batches_per_node: int
    retries: int
    timeout_s: int
    idle_before_scale_down_s: int
    low_priority: bool


@dataclass(frozen=True, kw_only=True)
class AzureServerless:
    """A model of Azure's catalogue, served without machines of one's own."""

    model_id: str
    marketplace: bool
    content_safety: bool


AzureMonitorKind = Literal["data_quality", "skew", "drift", "prediction_drift", "attribution"]


@dataclass(frozen=True, kw_only=True)
class AzureMonitor:
    """One thing that is watched."""

    kind: AzureMonitorKind
    cron: str
    """Five fields, in UTC."""
    window_days: int
    thresholds: Mapping[str, float]
    default_threshold: float | None


@dataclass(frozen=True, kw_only=True)
class AzureModelQuality:
    """Predictions against what came true."""

    cron: str
    """Five fields, in UTC."""
    task: Literal["Classification", "Regression"]
    window_days: int
    thresholds: Mapping[str, float]
    ground_truth_uri: str
    label: str
    prediction_column: str
    join_column: str


@dataclass(frozen=True, kw_only=True)
class AzureMonitoring:
    """The monitors of one workload."""

    variants: tuple[str, ...]
    monitors: tuple[AzureMonitor, ...]
    model_quality: AzureModelQuality | None
    baseline: Artifact | None
    label: str | None
    emails: tuple[str, ...]
    instance_type: str


@dataclass(frozen=True, kw_only=True)
class AzureMaterialization:
    """When rows are computed and kept."""

    frequency: str
    """``Day`` or ``Week``."""
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    week_days: tuple[str, ...] = ()
    instance_type: str = "standard_e8s_v3"


@dataclass(frozen=True, kw_only=True)
class AzureFeatures:
    """One feature group."""

    name: str
    record_id: str
    event_time: str
    columns: Mapping[str, str]
    """In the types of a feature set's specification."""
    source_uri: str
    description: str
    online: bool
    offline: bool
    materialization: AzureMaterialization | None


@dataclass(frozen=True, kw_only=True)
class AzureWorkload:
    """At most one of the three kinds of endpoint."""

    name: str
    endpoint: AzureEndpoint | None
    batch: AzureBatch | None = None
    serverless: AzureServerless | None = None
    training: AzureTraining | None = None
    monitoring: AzureMonitoring | None = None
    features: tuple[AzureFeatures, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AzureTrust:
    """Whose tokens the identity of pipelines takes."""

    name: str
    issuer: str
    subject: str


IMAGE_BUILDER_NODES = 2
"""Most nodes of the cluster that builds images: as many at a time."""
SPARK_RULE = "spark-storage"
"""Name of the rule by which monitors reach private storage; no other may have it."""


@dataclass(frozen=True, kw_only=True)
class AzureOutbound:
    """One thing that the managed network may reach."""

    name: str
    fqdn: str | None = None
    service_tag: str | None = None
    ports: str = "443"
    protocol: str = "TCP"
    resource_id: str | None = None
    sub_resource: str | None = None


@dataclass(frozen=True, kw_only=True)
class AzureNetwork:
    """Isolation of an environment; the public network without."""

    isolation: str | None = None
    """``internet_outbound`` or ``approved_outbound``."""
    outbound: tuple[AzureOutbound, ...] = ()
    private: bool = False
    address_space: str | None = None
    subnet_id: str | None = None
    dns_group_id: str | None = None
    allowed_ips: tuple[str, ...] = ()
    image_build_compute: str | None = None
    """A cluster that exists."""
    image_builder_size: str | None = None
    """Machines of a cluster that is made to build images: a private registry builds none."""


@dataclass(frozen=True, kw_only=True)
class AzureStores:
    """What is taken as it is, and how what is made is kept."""

    key_vault_id: str | None = None
    container_registry_id: str | None = None
    log_analytics_id: str | None = None
    log_retention_days: int = 30
    encrypt_workspace: bool = False
    purge_workspaces: bool = True
    """Whether a deleted workspace gives its name back at once."""


@dataclass(frozen=True, kw_only=True)
class AzurePlan:
    subscription_id: str
    tenant_id: str
    location: str
    workloads: tuple[AzureWorkload, ...]
    ci: tuple[AzureTrust, ...] = ()
    """Pipelines that may roll out models; none when empty."""
    network: AzureNetwork = AzureNetwork()
    stores: AzureStores = AzureStores()
    redis_id: str | None = None
    """Of the online feature store."""
    compute: AzureCompute = field(default_factory=AzureCompute)
    quotas: tuple[AzureQuota, ...] = ()
    """What the whole stack may use at once."""
