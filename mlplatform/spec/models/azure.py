"""What people write for Azure only."""

from __future__ import annotations

from pydantic import Field

from mlplatform.spec.models.base import UUID_PATTERN, StrictModel


class AzureNetworkModel(StrictModel):
    """The network that endpoints and training run in."""

    create: bool = Field(True, description="Make one; false needs the ids of an existing one.")


class AzureModel(StrictModel):
    """Where on Azure."""

    subscription_id: str = Field(pattern=UUID_PATTERN, description="The subscription's id.")
    tenant_id: str = Field(pattern=UUID_PATTERN, description="The directory's id.")
    location: str = Field(description="Such as westeurope.")
    network: AzureNetworkModel | None = Field(None, description="Managed virtual network.")


class AzureTargetModel(StrictModel):
    """Exactly one of these."""

    cpu_percent: float | None = Field(None, gt=0, le=100, description="Average CPU use.")
    gpu_percent: float | None = Field(None, gt=0, le=100, description="Average GPU use.")


class AzureEndpointModel(StrictModel):
    """Azure ML."""

    instance_type: str | None = Field(
        None,
        description="Such as Standard_NC4as_T4_v3; the smallest with the accelerator otherwise.",
    )
    target: AzureTargetModel = Field(description="What autoscaling holds.")


class AzureTrainingModel(StrictModel):
    """Training on Azure only."""


class AzureFeaturesModel(StrictModel):
    """A feature group on Azure only."""


class AzureMonitoringModel(StrictModel):
    """Monitoring on Azure only."""
