"""What people write for AWS only, in a workload; the account as a whole is in ``aws_place``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.base import S3_PATTERN, StrictModel


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

    instance_type: str = Field("ml.m5.xlarge", description="Of the monitoring jobs; each has one.")
    volume_gib: int = Field(20, ge=1, le=16384, description="Storage of a job.")
    max_run_s: int = Field(
        1800, ge=60, le=86400, description="A job is stopped after so many seconds."
    )
    statistics: str | None = Field(
        None,
        pattern=S3_PATTERN,
        description="statistics.json of a baseline job: makes skew a comparison of distributions.",
    )
    constraints: str | None = Field(
        None,
        pattern=S3_PATTERN,
        description="constraints.json of a baseline job, instead of those made of `baseline`.",
    )
    inference_attribute: str = Field(
        "0", description="Where in an answer the prediction stands: an index or a JSONPath."
    )
    positive_label: list[str | int | float] | None = Field(
        None, min_length=1, description="Values of the label that count as positive; 1 if left out."
    )
    account_used_it_before: bool = Field(
        False,
        description="True: the account used Model Monitor before it was closed to new ones.",
    )
