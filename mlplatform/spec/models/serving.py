"""How a model is served."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.artifact import ModelModel
from mlplatform.spec.models.aws_serving import AwsEndpointModel
from mlplatform.spec.models.azure import AzureEndpointModel
from mlplatform.spec.models.base import INSTANCES_MAX, Cron, Name, StrictModel
from mlplatform.spec.models.gcp import GcpEndpointModel
from mlplatform.spec.models.hardware import SubstitutableModel


class BoundsModel(StrictModel):
    """How many instances; hold for each variant, as every cloud scales each on its own."""

    min: int = Field(
        ge=0,
        le=INSTANCES_MAX,
        description="Never fewer; 0 only where the cloud and `mode` allow it.",
    )
    max: int = Field(ge=1, le=INSTANCES_MAX, description="Never more.")


class ScheduledBoundsModel(BoundsModel):
    """Bounds that hold from a time on, until the next schedule's."""

    cron: Cron


class ScalingModel(BoundsModel):
    """Bounds and how soon one change may follow another."""

    scale_in_cooldown_s: int = Field(
        300, ge=0, le=86400, description="Seconds after a change before instances are taken away."
    )
    scale_out_cooldown_s: int = Field(
        60, ge=0, le=86400, description="Seconds after a change before instances are added."
    )
    schedules: dict[Name, ScheduledBoundsModel] = Field(
        default_factory=dict, description="Other bounds at other times, by name."
    )


class CaptureModel(StrictModel):
    """Requests and answers that are kept, for monitoring."""

    sampling_percent: float = Field(100, gt=0, le=100, description="Share of the requests.")
    retention_days: int = Field(90, ge=1, le=3650, description="Deleted after so many days.")


class RolloutAlarmsModel(StrictModel):
    """What takes a rollout back."""

    error_percent: float | None = Field(
        None, gt=0, le=100, description="Share of requests that the endpoint fails to answer."
    )
    latency_ms: float | None = Field(None, gt=0, description="Average time to an answer.")


class RolloutModel(StrictModel):
    """How a new version takes over the traffic."""

    strategy: Literal["all_at_once", "canary", "linear"] = Field(
        "canary", description="At once; one step and then the rest; or equal steps."
    )
    step_percent: int = Field(
        10, ge=1, le=50, description="Share of the traffic, or of the capacity, in one step."
    )
    wait_s: int = Field(
        600, ge=0, le=3600, description="Seconds to watch after each step (baking)."
    )
    alarms: RolloutAlarmsModel | None = Field(None, description="What takes it back.")


class VariantModel(StrictModel):
    """One version that takes a share of the traffic."""

    weight: float = Field(ge=0, le=100, description="Percent; all variants together are 100.")
    shadow_percent: float | None = Field(
        None,
        gt=0,
        le=100,
        description="Gets a copy of this share of the requests; its answers are dropped. "
        "Its weight is 0.",
    )
    scaling: BoundsModel | None = Field(None, description="Bounds of its own.")
    model: ModelModel | None = Field(None, description="A model of its own.")


class EndpointModel(StrictModel):
    """An endpoint with autoscaling."""

    accelerator: str | SubstitutableModel | None = Field(
        None, description="Such as T4; `{want: V100, or: T4}` allows a substitute."
    )
    mode: Literal["real_time", "serverless", "asynchronous", "batch"] = Field(
        "real_time", description="How requests are answered; not every cloud has every mode."
    )
    private: bool = Field(False, description="Reachable from the environment's network only.")
    capture: CaptureModel | None = Field(None, description="Requests and answers that are kept.")
    rollout: RolloutModel | None = Field(
        None, description="How a new version takes over; at once when left out."
    )
    scaling: ScalingModel = Field(description="Bounds and cooldowns.")
    variants: dict[Name, VariantModel] = Field(
        default_factory=lambda: {"primary": VariantModel.model_validate({"weight": 100})},
        description="Versions side by side, by name; one, `primary`, when left out.",
    )
    aws: AwsEndpointModel | None = Field(
        None, description="What holds on SageMaker only; needed where the workload runs there."
    )
    gcp: GcpEndpointModel | None = Field(
        None, description="What holds on Vertex AI only; needed where the workload runs there."
    )
    azure: AzureEndpointModel | None = Field(
        None, description="What holds on Azure ML only; needed where the workload runs there."
    )
