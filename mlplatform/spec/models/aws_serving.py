"""What people write for endpoints on AWS only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlplatform.spec.models.base import METRIC_PATTERN, ROLE_PATTERN, StrictModel

Percent = Annotated[float, Field(gt=0, le=100)]


class AwsMetricModel(StrictModel):
    """A metric of one's own in CloudWatch, and the value to hold."""

    namespace: str = Field(pattern=METRIC_PATTERN, description="Such as Shop/Models.")
    metric: str = Field(pattern=METRIC_PATTERN, description="Its name.")
    dimensions: dict[str, str] = Field(
        default_factory=dict,
        description="Its dimensions; `{endpoint}` and `{variant}` stand for the names.",
    )
    statistic: Literal["Average", "Minimum", "Maximum", "SampleCount", "Sum"] = Field(
        "Average", description="How values of a minute become one."
    )
    value: float = Field(gt=0, description="The value to hold.")


class AwsTargetModel(StrictModel):
    """What autoscaling holds; with several, the one that wants the most instances decides."""

    invocations_per_instance_per_minute: float | None = Field(
        None, gt=0, description="SageMakerVariantInvocationsPerInstance, the average to hold."
    )
    cpu_percent: Percent | None = Field(None, description="Average over all cores.")
    gpu_percent: Percent | None = Field(None, description="Average over all GPUs.")
    backlog_per_instance: float | None = Field(
        None, gt=0, description="Waiting requests of an asynchronous endpoint."
    )
    provisioned_concurrency_percent: Percent | None = Field(
        None, description="Use of the concurrency that a serverless endpoint keeps warm."
    )
    custom: AwsMetricModel | None = Field(None, description="A metric of your own.")


class AwsStepOutModel(StrictModel):
    at: float = Field(gt=0, description="At this value and above ...")
    add: int = Field(ge=1, le=100, description="... so many more instances.")


class AwsStepInModel(StrictModel):
    at: float = Field(ge=0, description="At this value and below ...")
    remove: int = Field(ge=1, le=100, description="... so many fewer instances.")


class AwsStepsModel(StrictModel):
    """Larger steps the further a metric is away."""

    metric: Literal["cpu_percent", "gpu_percent", "latency_ms"] = Field(
        description="What is watched, as an average of one minute."
    )
    out: list[AwsStepOutModel] = Field(min_length=1, max_length=10, description="Ascending.")
    in_: list[AwsStepInModel] = Field(
        default_factory=list, alias="in", max_length=10, description="Descending."
    )


class AwsServerlessModel(StrictModel):
    """With mode serverless; `scaling.max` is how many requests at a time, `scaling.min` how many
    are kept warm.
    """

    memory_mib: Literal[1024, 2048, 3072, 4096, 5120, 6144] = Field(
        2048, description="Processor power grows with it."
    )


class AwsAsynchronousModel(StrictModel):
    """With mode asynchronous."""

    max_concurrent_per_instance: int | None = Field(
        None, ge=1, le=1000, description="Requests at a time; SageMaker chooses when left out."
    )
    notify: bool = Field(False, description="SNS topics that are told of answers and failures.")
    retention_days: int = Field(
        30, ge=1, le=3650, description="Requests and answers are deleted after so many days."
    )


class AwsCopiesModel(StrictModel):
    """The model as an inference component: copies that share the endpoint's instances."""

    min: int = Field(ge=0, le=1000, description="Never fewer; 0 scales to zero.")
    max: int = Field(ge=1, le=1000, description="Never more.")
    cpu_cores: float | None = Field(None, ge=0.25, description="Of each copy.")
    accelerators: int | None = Field(None, ge=1, description="Of each copy.")
    memory_mib: int = Field(ge=128, description="Of each copy, at least.")
    invocations_per_copy_per_minute: float = Field(gt=0, description="The average to hold.")


class AwsEndpointModel(StrictModel):
    """SageMaker."""

    instance_type: str | None = Field(
        None, description="Such as ml.g4dn.xlarge; the smallest with the accelerator otherwise."
    )
    target: AwsTargetModel | None = Field(
        None, description="What autoscaling holds; needed where min is below max."
    )
    steps: AwsStepsModel | None = Field(None, description="Steps beside or instead of targets.")
    serverless: AwsServerlessModel | None = Field(None, description="Settings of that mode.")
    asynchronous: AwsAsynchronousModel | None = Field(None, description="Settings of that mode.")
    multi_model: bool = Field(
        False,
        description="The artifact is a folder, or s3:// prefix, of many models behind one image.",
    )
    copies: AwsCopiesModel | None = Field(
        None, description="Serves the model as an inference component."
    )
    invoked_by: list[Annotated[str, Field(pattern=ROLE_PATTERN)]] = Field(
        default_factory=list, description="Names of existing roles that may ask the endpoint."
    )
