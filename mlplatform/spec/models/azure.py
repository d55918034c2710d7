"""What people write for Azure only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.base import UUID_PATTERN, Name, StrictModel


class AzureNetworkModel(StrictModel):
    """The network that endpoints and training run in."""

    create: bool = Field(True, description="Make one; false needs the ids of an existing one.")


class AzureTrustModel(StrictModel):
    """Whose tokens a pipeline's identity takes: a GitHub repository, or any other issuer."""

    github: str | None = Field(
        None, pattern=r"^[\w.-]+/[\w.-]+$", description="Repository, such as acme/ml."
    )
    environment: str | None = Field(None, description="With github: its environment.")
    branch: str | None = Field(None, description="With github: its branch.")
    issuer: str | None = Field(
        None, pattern=r"^https://[^\s?#]+$", description="Without github: iss of the token."
    )
    subject: str | None = Field(
        None, min_length=1, max_length=600, description="Without github: sub, to the letter."
    )


class AzureCiModel(StrictModel):
    """An identity for pipelines that roll out models, without a password."""

    trusts: dict[Name, AzureTrustModel] = Field(
        min_length=1, max_length=20, description="Whose tokens it takes, by name."
    )


class AzureModel(StrictModel):
    """Where on Azure."""

    subscription_id: str = Field(pattern=UUID_PATTERN, description="The subscription's id.")
    tenant_id: str = Field(pattern=UUID_PATTERN, description="The directory's id.")
    location: str = Field(description="Such as westeurope.")
    network: AzureNetworkModel | None = Field(None, description="Managed virtual network.")
    ci: AzureCiModel | None = Field(None, description="Identity of pipelines; none when left out.")


class AzureTargetModel(StrictModel):
    """Exactly one of these: one instance more above it, one fewer below half of it."""

    cpu_percent: float | None = Field(None, gt=0, le=100, description="Average CPU use.")
    gpu_percent: float | None = Field(None, gt=0, le=100, description="Average GPU use.")


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


class AzureEndpointModel(StrictModel):
    """Azure ML."""

    instance_type: str | None = Field(
        None,
        description="Such as Standard_NC4as_T4_v3; the smallest with the accelerator otherwise.",
    )
    target: AzureTargetModel = Field(description="What autoscaling goes by.")
    request: AzureRequestModel | None = Field(None, description="How an instance takes requests.")
    liveness_probe: AzureProbeModel | None = Field(None, description="Restarts what fails it.")
    readiness_probe: AzureProbeModel | None = Field(None, description="Holds requests back.")
    egress: Literal["public", "workspace"] = Field(
        "public", description="workspace: containers reach only what the workspace leans on."
    )


class AzureTrainingModel(StrictModel):
    """Training on Azure only."""


class AzureFeaturesModel(StrictModel):
    """A feature group on Azure only."""


class AzureMonitoringModel(StrictModel):
    """Monitoring on Azure only."""
