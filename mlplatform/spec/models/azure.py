"""What people write for Azure only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.azure_compute import AzureComputeModel, AzureQuotasModel
from mlplatform.spec.models.base import (
    CATALOGUE_PATTERN,
    GITHUB_PATTERN,
    ISSUER_PATTERN,
    UUID_PATTERN,
    Name,
    StrictModel,
)


class AzureOutboundModel(StrictModel):
    """One thing that may be reached: a host, a service of Azure, or one resource."""

    fqdn: str | None = Field(None, description="Host, such as pypi.org or *.pypi.org.")
    service_tag: str | None = Field(None, description="Service, such as AzureMonitor.")
    ports: str | None = Field(None, description="With service_tag: such as 443,8000-8100; 443.")
    protocol: Literal["TCP", "UDP", "ICMP", "*"] | None = Field(
        None, description="With service_tag; TCP when left out."
    )
    resource_id: str | None = Field(None, description="Resource, by a private endpoint.")
    sub_resource: str | None = Field(None, description="With resource_id: such as blob.")


class AzureNetworkModel(StrictModel):
    """The network that the platform is reached through, and what it may reach itself."""

    isolation: Literal["internet_outbound", "approved_outbound"] | None = Field(
        None,
        description="Managed network of the workspace: with all of the internet, or with what "
        "`outbound` names. It cannot be taken back.",
    )
    outbound: dict[Name, AzureOutboundModel] = Field(
        default_factory=dict, description="What may be reached, by name."
    )
    private: bool = Field(
        False,
        description="Workspace, vault, storage and registry are reached through private endpoints.",
    )
    address_space: str | None = Field(
        None, description="With private: CIDR range of a network that is made."
    )
    subnet_id: str | None = Field(None, description="With private: an existing subnet instead.")
    dns_group_id: str | None = Field(
        None, description="With subnet_id: resource group that holds the private DNS zones already."
    )
    allowed_ips: list[str] = Field(
        default_factory=list,
        description="With private: addresses that may reach vault and storage all the same, such "
        "as that of the machine that runs `pulumi up`.",
    )
    image_build_compute: str | None = Field(
        None, description="With private: a cluster that builds images; one is made when left out."
    )


class AzureTrustModel(StrictModel):
    """Whose tokens a pipeline's identity takes: a GitHub repository, or any other issuer."""

    github: str | None = Field(
        None, pattern=GITHUB_PATTERN, description="Repository, such as acme/ml."
    )
    environment: str | None = Field(None, min_length=1, description="With github: its environment.")
    branch: str | None = Field(None, min_length=1, description="With github: its branch.")
    issuer: str | None = Field(
        None, pattern=ISSUER_PATTERN, description="Without github: iss of the token."
    )
    subject: str | None = Field(
        None, min_length=1, max_length=600, description="Without github: sub, to the letter."
    )


class AzureCiModel(StrictModel):
    """An identity for pipelines that roll out models, without a password."""

    trusts: dict[Name, AzureTrustModel] = Field(
        min_length=1, max_length=20, description="Whose tokens it takes, by name."
    )


class AzureFeatureStoreModel(StrictModel):
    """The environment's feature store."""

    redis_id: str | None = Field(
        None,
        description="Database of an existing Azure Managed Redis, or an Azure Cache for Redis, for "
        "online rows; no online store without.",
    )


class AzureModel(StrictModel):
    """Where on Azure."""

    subscription_id: str = Field(pattern=UUID_PATTERN, description="The subscription's id.")
    tenant_id: str = Field(pattern=UUID_PATTERN, description="The directory's id.")
    location: str = Field(description="Such as westeurope.")
    network: AzureNetworkModel | None = Field(
        None, description="Isolation; the public network when left out."
    )
    key_vault_id: str | None = Field(
        None, description="Existing vault with roles and purge protection; made when left out."
    )
    container_registry_id: str | None = Field(
        None, description="Existing container registry; made when left out."
    )
    log_analytics_id: str | None = Field(
        None, description="Existing Log Analytics workspace; made when left out."
    )
    log_retention_days: int = Field(
        30, ge=30, le=730, description="Days that logs are kept, where they are made here."
    )
    encrypt_workspace: bool = Field(
        False,
        description="What Azure ML keeps of the workspace is encrypted with the platform's key "
        "too. It cannot be taken back.",
    )
    deleted_workspaces: Literal["purge", "keep"] = Field(
        "purge",
        description="keep: Azure takes a deleted workspace back for 14 days, and refuses another "
        "one of its name until then.",
    )
    feature_store: AzureFeatureStoreModel | None = Field(
        None, description="What the feature store leans on; it is made when a workload needs it."
    )
    ci: AzureCiModel | None = Field(None, description="Identity of pipelines; none when left out.")
    compute: AzureComputeModel | None = Field(
        None, description="Compute that workloads share; none when left out."
    )
    quotas: AzureQuotasModel | None = Field(
        None, description="vCPUs that the subscription may use; not compared when left out."
    )


class AzureTargetModel(StrictModel):
    """Exactly one of these: one instance more above it, one fewer below half of it."""

    cpu_percent: float | None = Field(None, gt=0, lt=100, description="Average CPU use.")
    gpu_percent: float | None = Field(None, gt=0, lt=100, description="Average GPU use.")


class AzureProbeModel(StrictModel):
    """How Azure ML asks a container whether it is well. Defaults are Azure ML's own."""

    initial_delay_s: int = Field(10, ge=1, le=3600, description="Seconds before the first.")
    period_s: int = Field(10, ge=1, le=3600, description="Seconds from one to the next.")
    timeout_s: int = Field(2, ge=1, le=3600, description="Seconds for an answer.")
    success_threshold: int = Field(1, ge=1, description="Answers in a row until it is well.")
    failure_threshold: int = Field(30, ge=1, description="Failures in a row until it is not.")


class AzureRequestModel(StrictModel):
    """How an instance takes requests."""

    timeout_s: int = Field(90, ge=1, le=180, description="Seconds for an answer.")
    max_concurrent_per_instance: int = Field(
        1, ge=1, le=1000, description="Requests at a time; the number of workers, as a rule."
    )


class AzureBatchModel(StrictModel):
    """With mode batch: how files are scored."""

    files_per_batch: int = Field(10, ge=1, description="Files that one call of `run` gets.")
    batches_per_node: int = Field(1, ge=1, description="At a time.")
    retries: int = Field(3, ge=0, description="Of a batch that fails.")
    timeout_s: int = Field(300, ge=1, le=86400, description="Seconds for one batch.")
    idle_before_scale_down_s: int = Field(
        300, ge=60, le=86400, description="Seconds until a node without work goes."
    )
    low_priority: bool = Field(False, description="Cheaper nodes that Azure may take back.")


class AzureServerlessModel(StrictModel):
    """With mode serverless: a model of Azure's catalogue."""

    model_id: str = Field(
        pattern=CATALOGUE_PATTERN,
        description="Such as azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct.",
    )
    marketplace: bool = Field(True, description="Whether a partner offers it, with terms.")
    content_safety: bool = Field(True, description="Filter what goes in and comes out.")


class AzureEndpointModel(StrictModel):
    """Azure ML."""

    instance_type: str | None = Field(
        None,
        description="Such as Standard_NC4as_T4_v3; the smallest with the accelerator otherwise.",
    )
    target: AzureTargetModel | None = Field(
        None, description="What autoscaling goes by; needed with mode real_time."
    )
    batch: AzureBatchModel | None = Field(None, description="With mode batch only.")
    serverless: AzureServerlessModel | None = Field(
        None, description="With mode serverless, and needed there."
    )
    request: AzureRequestModel | None = Field(None, description="How an instance takes requests.")
    liveness_probe: AzureProbeModel | None = Field(None, description="Restarts what fails it.")
    readiness_probe: AzureProbeModel | None = Field(None, description="Holds requests back.")
    egress: Literal["public", "workspace"] = Field(
        "public", description="workspace: containers reach only what the workspace leans on."
    )


class AzureTrainingModel(StrictModel):
    """Training on Azure only."""

    vm_size: str | None = Field(
        None,
        description="Such as Standard_NC4as_T4_v3; the smallest with the accelerator otherwise.",
    )
    nodes: int = Field(
        1, ge=1, le=1000, description="Of one run; above 1 with framework pytorch only."
    )
    environment: dict[str, str] = Field(
        default_factory=dict, description="Variables of the container; no secrets."
    )
    sampling: Literal["random", "bayesian", "grid"] = Field(
        "random", description="With tuning: how values are chosen."
    )
    stop_after_reports: int | None = Field(
        None,
        ge=1,
        description="With tuning: a run whose metric is worse than the median of the others is "
        "stopped once it has been reported so often.",
    )


class AzureFeaturesModel(StrictModel):
    """A feature group on Azure only."""

    instance_type: str = Field(
        "standard_e8s_v3",
        description="Of the serverless Spark that materialises the rows: standard_e4s_v3 to "
        "standard_e64s_v3.",
    )


class AzureMonitoringModel(StrictModel):
    """Monitoring on Azure only."""

    instance_type: str = Field(
        "standard_e4s_v3",
        description="Of the serverless Spark that the monitors run on: standard_e4s_v3 to "
        "standard_e64s_v3.",
    )
    prediction_column: str = Field(
        "value",
        min_length=1,
        description="With model_quality: column of the answers that holds the prediction; `value` "
        "where an answer is a list of plain numbers or texts.",
    )
    join_column: str = Field(
        "correlationid",
        min_length=1,
        description="With model_quality: column of answers and ground truth that ties a row to "
        "its truth.",
    )
