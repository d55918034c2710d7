"""What people write about training on AWS only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.base import StrictModel


class AwsTrainingModel(StrictModel):
    """SageMaker training jobs."""

    instance_type: str | None = Field(
        None, description="Such as ml.g4dn.xlarge; the smallest with the accelerators otherwise."
    )
    instance_count: int = Field(1, ge=1, le=1000, description="Of one run; a run never grows.")
    volume_gib: int = Field(50, ge=1, le=16384, description="Storage of each instance.")
    max_wait_s: int | None = Field(
        None,
        ge=60,
        le=2_419_200,
        description="With spot: seconds for waiting and running together; twice max_run_s if left "
        "out.",
    )
    network_isolation: bool = Field(
        True, description="Containers reach nothing; false lets them install packages."
    )
    distribution: Literal["torch", "mpi"] | None = Field(
        None, description="How processes of several accelerators or instances find each other."
    )
    sharded: bool = Field(
        False, description="Each instance gets a part of the data; all of it otherwise."
    )
    environment: dict[str, str] = Field(
        default_factory=dict, description="Variables of the container."
    )
    metrics: dict[str, str] = Field(
        default_factory=dict, description="Metric to the regular expression that finds it in logs."
    )
