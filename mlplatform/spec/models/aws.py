"""What people write for AWS only, in a workload; the account as a whole is in ``aws_place``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.base import StrictModel


class AwsTargetModel(StrictModel):
    invocations_per_instance_per_minute: float = Field(
        gt=0, description="SageMakerVariantInvocationsPerInstance, the average to hold."
    )


class AwsEndpointModel(StrictModel):
    """SageMaker."""

    instance_type: str | None = Field(
        None, description="Such as ml.g4dn.xlarge; the smallest with the accelerator otherwise."
    )
    target: AwsTargetModel = Field(description="What autoscaling holds.")


class AwsTrainingModel(StrictModel):
    """Training on AWS only."""


class AwsThroughputModel(StrictModel):
    """Capacity of an online store that is paid for whether it is used or not."""

    read_units: int = Field(ge=1, le=10_000_000, description="Records of 4 KB read per second.")
    write_units: int = Field(ge=1, le=10_000_000, description="Records of 1 KB written per second.")


class AwsFeaturesModel(StrictModel):
    """A feature group on AWS only."""

    storage: Literal["Standard", "Standard_V2", "InMemory"] = Field(
        "Standard", description="Kind of online store; Standard may become Standard_V2 later."
    )
    throughput: AwsThroughputModel | None = Field(
        None, description="Provisioned capacity of the online store; by use when left out."
    )
    table_format: Literal["Glue", "Iceberg"] = Field(
        "Glue", description="Of the offline store's table."
    )


class AwsMonitoringModel(StrictModel):
    """Monitoring on AWS only."""
