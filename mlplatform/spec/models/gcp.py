"""What people write for Google Cloud only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlplatform.spec.models.base import (
    ALIAS_PATTERN,
    BUCKET_PATTERN,
    CHANNEL_PATTERN,
    CIDR_PATTERN,
    GCP_ATTACHMENT_PATTERN,
    GCP_KEY_PATTERN,
    GCP_NETWORK_PATTERN,
    PROJECT_NUMBER_PATTERN,
    PROJECT_PATTERN,
    Column,
    Email,
    Name,
    StrictModel,
)
from mlplatform.spec.models.gcp_ci import GcpCiModel


class GcpNetworkModel(StrictModel):
    """The network that private endpoints are reached from and training runs in: `id` or `cidr`."""

    id: str | None = Field(
        None,
        pattern=GCP_NETWORK_PATTERN,
        description="An existing network with a service connection policy for gcp-vertexai.",
    )
    network_attachment: str | None = Field(
        None,
        pattern=GCP_ATTACHMENT_PATTERN,
        description="With id: an existing network attachment, by which training is in the network.",
    )
    cidr: str | None = Field(
        None,
        pattern=CIDR_PATTERN,
        description="Makes a network of these private addresses, /16 to /26: half for machines "
        "and endpoints, half for training.",
    )


class GcpKeysModel(StrictModel):
    """The key that encrypts everything."""

    id: str | None = Field(
        None,
        pattern=GCP_KEY_PATTERN,
        description="An existing key in the region, looked after by others; made when left out.",
    )
    rotation_days: int = Field(
        90, ge=1, le=365, description="A made key gets a new version that often."
    )


class GcpLogsModel(StrictModel):
    """Who reads and writes artifacts."""

    bucket: str = Field(
        pattern=BUCKET_PATTERN,
        min_length=3,
        max_length=222,
        description="An existing bucket that takes access logs.",
    )


class GcpFeatureStoreModel(StrictModel):
    """The online store that all feature groups of the environment share."""

    storage: Literal["bigtable", "optimized"] = Field(
        "bigtable",
        description="bigtable scales by its nodes; optimized answers fastest and scales by itself.",
    )
    min_nodes: int = Field(1, ge=1, le=1000, description="Bigtable's least nodes; always paid.")
    max_nodes: int = Field(
        3, ge=1, le=1000, description="Bigtable's most nodes; at most 10 times the least."
    )
    cpu_percent: int = Field(
        60, ge=10, le=80, description="CPU use that Bigtable's autoscaling holds."
    )
    readers: list[Email] = Field(
        default_factory=list,
        description="Groups, by address, that may read the tables of features.",
    )


class GcpQuotasModel(StrictModel):
    """What this project may have, and whether to ask for more."""

    declared: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Quota id to its value, such as "
        "CustomModelServingT4GPUsPerProjectPerRegion: 20. What the stack needs is compared.",
    )
    request: bool = Field(
        False, description="Ask for what the stack needs; Google decides, and may take days."
    )
    contact_email: Email | None = Field(None, description="Whom Google asks about a request.")


class GcpTargetModel(StrictModel):
    """Exactly one of these."""

    cpu_percent: float | None = Field(None, gt=0, le=100, description="Average CPU use.")
    gpu_duty_cycle_percent: float | None = Field(
        None, gt=0, le=100, description="Average share of the time that the GPU works."
    )
    requests_per_replica_per_minute: float | None = Field(
        None, gt=0, description="Average request count."
    )


class GcpDeploymentPoolModel(StrictModel):
    """Machines that the endpoints of several workloads share."""

    machine_type: str | None = Field(
        None, description="Such as n1-standard-8; the smallest with the accelerator otherwise."
    )
    accelerator: str | None = Field(None, description="Such as T4.")
    accelerator_count: int = Field(1, ge=1, le=16, description="Per replica, with N1 machines.")
    min: int = Field(1, ge=1, le=1000, description="Least replicas of the machine.")
    max: int = Field(ge=1, le=1000, description="Most replicas.")
    target: GcpTargetModel = Field(description="What autoscaling holds.")


class GcpModel(StrictModel):
    """Where on Google Cloud."""

    project: str = Field(pattern=PROJECT_PATTERN, description="Project id, not its number.")
    project_number: str | None = Field(
        None,
        pattern=PROJECT_NUMBER_PATTERN,
        description="The project's number, in quotes: names Google's own service accounts.",
    )
    region: str = Field(description="Such as us-central1.")
    network: GcpNetworkModel | None = Field(
        None, description="Needed for private endpoints; training runs in it."
    )
    ci: GcpCiModel | None = Field(None, description="Pipelines that roll out models.")
    keys: GcpKeysModel = Field(
        default_factory=lambda: GcpKeysModel.model_validate({}), description="Encryption."
    )
    logs: GcpLogsModel | None = Field(None, description="Access logs of the artifacts' bucket.")
    image_repositories: list[Name] = Field(
        default_factory=list, description="Repositories for container images of your own."
    )
    deployment_pools: dict[Name, GcpDeploymentPoolModel] = Field(
        default_factory=dict, description="Machines that endpoints share, by name."
    )
    feature_store: GcpFeatureStoreModel = Field(
        default_factory=lambda: GcpFeatureStoreModel.model_validate({}),
        description="How features are stored.",
    )
    quotas: GcpQuotasModel | None = Field(
        None, description="Accelerators that the project may have; not compared when left out."
    )


class GcpScaleToZeroModel(StrictModel):
    """When the last replica goes. Part of the API that may still change (v1beta1)."""

    idle_s: int = Field(
        3600, ge=300, le=28800, description="Seconds without a request before it goes."
    )
    min_up_s: int = Field(300, ge=300, le=28800, description="Seconds that it stays at least.")


class GcpEndpointModel(StrictModel):
    """Vertex AI."""

    machine_type: str | None = Field(
        None, description="Such as n1-standard-4; the smallest with the accelerator otherwise."
    )
    accelerator_count: int = Field(1, ge=1, le=16, description="Per replica, with N1 machines.")
    target: GcpTargetModel | None = Field(
        None, description="What autoscaling holds; needed but in a pool."
    )
    pool: Name | None = Field(
        None,
        description="Shares the machines of this one of clouds.gcp.deployment_pools, instead of "
        "machines of its own.",
    )
    version_aliases: list[Annotated[str, Field(pattern=ALIAS_PATTERN)]] = Field(
        default_factory=list,
        description="Names that always point to the version that is served, such as live.",
    )
    scale_to_zero: GcpScaleToZeroModel | None = Field(
        None, description="Allows `min: 0`: the first request after a rest waits, or is refused."
    )


class GcpPoolModel(StrictModel):
    """Machines that are kept between runs: a persistent resource."""

    min_nodes: int = Field(
        1, ge=1, le=1000, description="Kept and paid for at all times; below max_nodes."
    )


class GcpTpuModel(StrictModel):
    """A TPU machine."""

    type: str = Field(description="Such as v5litepod-4.")
    zone: str = Field(description="Such as us-central1-a.")
    topology: str | None = Field(
        None, description="How its chips are arranged, such as 4x8x8; the usual way otherwise."
    )
    runtime_version: str | None = Field(
        None, description="Its software; the newest base of the generation otherwise."
    )
    spot: bool = Field(False, description="Take capacity that may be taken away.")
    queued: bool = Field(False, description="Wait in a queue until there is room.")


class GcpTrainingModel(StrictModel):
    """Training on Google Cloud only."""

    machine_type: str | None = Field(
        None, description="Such as n1-standard-8; the smallest with the accelerators otherwise."
    )
    nodes: int = Field(1, ge=1, le=1000, description="Nodes of one run; at most max_nodes.")
    boot_disk_gib: int = Field(100, ge=100, le=64000, description="Of each node.")
    pool: GcpPoolModel | None = Field(
        None, description="`{}` keeps machines between runs; none when left out."
    )
    environment: dict[str, str] = Field(
        default_factory=dict, description="Variables of the training program."
    )
    register_model: bool = Field(
        False,
        description="What a run leaves in its model folder becomes a model of the registry, with "
        "the image that serves `model`; with `run: true` only.",
    )
    tpus: dict[Name, GcpTpuModel] = Field(
        default_factory=dict, description="TPU machines to log in to, by name."
    )


class GcpFeaturesModel(StrictModel):
    """A feature group on Google Cloud only."""


class GcpAlertsModel(StrictModel):
    """Incidents of Cloud Monitoring on how the endpoint answers."""

    error_percent: float | None = Field(
        None, gt=0, le=100, description="Above this share of answers with a status of 5xx."
    )
    latency_ms: int | None = Field(
        None, ge=1, description="Above this time to an answer; one in twenty may take longer."
    )


class GcpMonitoringModel(StrictModel):
    """Monitoring on Google Cloud only."""

    version: Literal[1, 2] = Field(
        1,
        description="2 reads the requests that `endpoint.capture` keeps, each objective on its own "
        "schedule, answers too; part of the API that may still change (v1beta1).",
    )
    features: list[Column] = Field(
        default_factory=list,
        description="Version 2: the columns that requests have, in their order; all of the "
        "baseline but the label when left out.",
    )
    sampling_percent: float = Field(
        80, gt=0, le=100, description="Share of the requests that is logged and analysed."
    )
    log_retention_days: int = Field(
        90, ge=1, le=3650, description="How long logged requests are kept."
    )
    notification_channels: list[Annotated[str, Field(pattern=CHANNEL_PATTERN)]] = Field(
        default_factory=list,
        description="Existing channels that are told as well, such as one to a chat.",
    )
    alerts: GcpAlertsModel | None = Field(
        None, description="Alerts on the endpoint; none when left out."
    )
