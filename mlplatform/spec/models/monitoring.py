"""Watching an endpoint's data and answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.artifact import PerCloudModel
from mlplatform.spec.models.aws import AwsMonitoringModel
from mlplatform.spec.models.azure import AzureMonitoringModel
from mlplatform.spec.models.base import Column, Cron, Email, StrictModel
from mlplatform.spec.models.gcp import GcpMonitoringModel


class MonitorModel(StrictModel):
    """One thing that is watched on a schedule."""

    schedule: Cron = Field(description="When it is computed.")
    thresholds: dict[str, float] = Field(
        default_factory=dict, description="Alert above this distance, by column or metric."
    )
    default_threshold: float | None = Field(
        None, gt=0, description="For every column without its own."
    )


class ModelQualityModel(MonitorModel):
    """Predictions against what came true."""

    problem: Literal["binary", "multiclass", "regression"] = Field(
        description="What the model predicts."
    )
    ground_truth: str | PerCloudModel = Field(
        description="Where what came true is put, as a URI for each cloud."
    )


class BiasModel(MonitorModel):
    """Whether predictions treat groups alike."""

    facet: Column = Field(description="The column that tells the groups apart.")
    facet_values: list[str | int | float] = Field(
        min_length=1, description="Values of the group that might be treated worse."
    )


class MonitoringModel(StrictModel):
    """What is watched, against which baseline, and who is told."""

    baseline: str | PerCloudModel | None = Field(
        None, description="The training data: a CSV file of the project, or a URI."
    )
    label: Column | None = Field(None, description="The column that the model predicts.")
    alert_emails: list[Email] = Field(default_factory=list, description="Who is told.")
    data_quality: MonitorModel | None = Field(
        None, description="Types, missing and impossible values, against the baseline."
    )
    skew: MonitorModel | None = Field(None, description="Serving data against training data.")
    drift: MonitorModel | None = Field(None, description="Serving data against earlier ones.")
    prediction_drift: MonitorModel | None = Field(
        None, description="Predictions against earlier ones."
    )
    model_quality: ModelQualityModel | None = Field(
        None, description="Predictions against what came true."
    )
    bias: BiasModel | None = Field(None, description="Whether groups are treated alike.")
    attribution: MonitorModel | None = Field(
        None, description="How much each feature counts, against the baseline."
    )
    aws: AwsMonitoringModel | None = Field(None, description="What holds on SageMaker only.")
    gcp: GcpMonitoringModel | None = Field(None, description="What holds on Vertex AI only.")
    azure: AzureMonitoringModel | None = Field(None, description="What holds on Azure ML only.")
