"""The whole spec as people write it. Descriptions become the JSON Schema that editors show."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from mlplatform.spec.models.artifact import ModelModel
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.models.azure import AzureModel
from mlplatform.spec.models.base import Name, StrictModel
from mlplatform.spec.models.features import FeatureGroupModel
from mlplatform.spec.models.gcp import GcpModel
from mlplatform.spec.models.labels import LabelsModel
from mlplatform.spec.models.monitoring import MonitoringModel
from mlplatform.spec.models.serving import EndpointModel
from mlplatform.spec.models.training import TrainingModel

Cloud = Literal["aws", "gcp", "azure"]


class CloudsModel(StrictModel):
    """The clouds that this environment uses; leave one out to do without it."""

    aws: AwsModel | None = Field(None, description="Amazon SageMaker.")
    gcp: GcpModel | None = Field(None, description="Google Vertex AI.")
    azure: AzureModel | None = Field(None, description="Azure Machine Learning.")


class WorkloadModel(StrictModel):
    """One model's life: training, serving, watching."""

    clouds: list[Cloud] | None = Field(
        None, min_length=1, description="Where; all that the environment enables when left out."
    )
    model: ModelModel | None = Field(None, description="What is served.")
    endpoint: EndpointModel | None = Field(None, description="How it is served.")
    training: TrainingModel | None = Field(None, description="Where it is trained.")
    features: dict[Name, FeatureGroupModel] | None = Field(
        None, description="Feature groups, by name."
    )
    monitoring: MonitoringModel | None = Field(None, description="What is watched.")
    registry: dict[str, Any] | None = Field(None, description="Model registry and approvals.")
    pipelines: dict[str, Any] | None = Field(None, description="Pipelines and their schedules.")
    notebooks: dict[str, Any] | None = Field(None, description="Workbenches for people.")
    budget: dict[str, Any] | None = Field(None, description="Spending limit and its alerts.")


class SpecModel(StrictModel):
    """Everything under ``mlplatform:``."""

    labels: LabelsModel = Field(description="Who owns it and who pays.")
    clouds: CloudsModel = Field(description="Where.")
    workloads: dict[Name, WorkloadModel] = Field(default_factory=dict, description="What, by name.")
    strict: bool = Field(
        False, description="True makes every gap (what a cloud cannot do as asked) an error."
    )


NOT_BUILT = frozenset(
    {
        *(f"workloads.*.{noun}" for noun in ("registry", "pipelines", "notebooks", "budget")),
    }
)
"""Known keys that this version builds on no cloud: refused, never ignored."""

BUILT_PER_CLOUD = (
    "training",
    "features",
    "monitoring",
    "endpoint.mode",
    "endpoint.private",
    "endpoint.capture",
    "endpoint.rollout",
    "endpoint.scaling.schedules",
    "endpoint.variants.*.shadow_percent",
)
"""Keys of a workload that a cloud may not build: refused there unless its planner's ``BUILT``
has them. A planner that has one either honours it or says on the gap list what it gives."""
