"""What people write for compute of the whole environment on Azure, and for its quotas."""

from __future__ import annotations

from pydantic import Field

from mlplatform.spec.models.base import (
    CORES_PATTERN,
    MEMORY_PATTERN,
    NAMESPACE_PATTERN,
    UUID_PATTERN,
    Cron,
    Name,
    StrictModel,
)

IDLE_LEAST_S = 15 * 60
IDLE_MOST_S = 3 * 24 * 3600
"""azure-ai-ml, ComputeInstance.idle_time_before_shutdown_minutes: 15 minutes to 3 days."""


class AzureInstanceModel(StrictModel):
    """One person's machine: it stops when idle, and starts and stops by the clock."""

    user_object_id: str = Field(
        pattern=UUID_PATTERN, description="Object id of its user; nobody else can open it."
    )
    vm_size: str | None = Field(None, description="Such as Standard_D4s_v5; two cores otherwise.")
    idle_before_shutdown_s: int = Field(
        1800,
        ge=IDLE_LEAST_S,
        le=IDLE_MOST_S,
        description="Seconds without work until it stops; whole minutes.",
    )
    start: Cron | None = Field(None, description="When it starts by itself.")
    stop: Cron | None = Field(None, description="When it stops by itself.")


class AzureKubernetesTypeModel(StrictModel):
    """What one pod of a job or deployment gets."""

    cpu: str = Field(pattern=CORES_PATTERN, description="Cores, such as 2 or 500m.")
    memory: str = Field(pattern=MEMORY_PATTERN, description="Such as 8Gi.")
    gpus: int = Field(0, ge=0, le=16, description="NVIDIA accelerators.")
    node_selector: dict[str, str] = Field(
        default_factory=dict, description="Labels of the nodes that it may run on."
    )


class AzureKubernetesModel(StrictModel):
    """An existing cluster that has the extension of Azure ML, as compute of the workspace."""

    cluster_id: str = Field(description="Resource id of the AKS or Azure Arc cluster.")
    namespace: str = Field(
        "default",
        pattern=NAMESPACE_PATTERN,
        description="Where pods run; it must exist.",
    )
    instance_types: dict[Name, AzureKubernetesTypeModel] = Field(
        default_factory=dict, description="What pods may ask for, by name."
    )
    default_instance_type: str | None = Field(
        None, description="Of those that ask for none; one of `instance_types`."
    )


class AzureServerlessComputeModel(StrictModel):
    """Where jobs run that name no compute."""

    subnet_id: str | None = Field(
        None, description="Existing subnet; the workspace's managed network when left out."
    )
    public_addresses: bool = Field(False, description="Whether their nodes have public addresses.")


class AzureComputeModel(StrictModel):
    """Compute that the whole environment shares."""

    instances: dict[Name, AzureInstanceModel] = Field(
        default_factory=dict, description="Machines of people, by name."
    )
    kubernetes: dict[Name, AzureKubernetesModel] = Field(
        default_factory=dict, description="Attached clusters, by name."
    )
    serverless: AzureServerlessComputeModel | None = Field(
        None, description="Network of jobs that name no compute."
    )


class AzureQuotasModel(StrictModel):
    """vCPUs that the subscription may use in Azure ML in this location."""

    declared: dict[str, int] = Field(
        default_factory=dict,
        description='Family to its limit, such as "standardDASv4Family": 100; '
        "TotalLowPriorityCores for what may be taken away. What the stack needs is compared with "
        "it; families with accelerators must be among them.",
    )
