"""Feature groups: columns that models are trained on and ask for when they serve."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.artifact import PerCloudModel
from mlplatform.spec.models.aws import AwsFeaturesModel
from mlplatform.spec.models.azure import AzureFeaturesModel
from mlplatform.spec.models.base import Column, Cron, StrictModel
from mlplatform.spec.models.gcp import GcpFeaturesModel

ColumnType = Literal["string", "integer", "float", "boolean", "timestamp"]


class OnlineModel(StrictModel):
    """A store that answers at once, with the newest row of each record."""

    ttl_s: int | None = Field(
        None, ge=1, description="Rows older than so many seconds go; kept when left out."
    )


class FeatureGroupModel(StrictModel):
    """One table of features. A new column may be added; none may be taken out or retyped."""

    record_id: Column = Field(description="The column that says whose row it is.")
    event_time: Column = Field(description="The column that says when a row became true.")
    columns: dict[Column, ColumnType] = Field(
        min_length=2, description="Every column, with those two."
    )
    description: str | None = Field(None, max_length=128, description="What it holds.")
    online: OnlineModel | None = Field(
        None, description="`{}` for a store that answers at once; none when left out."
    )
    offline: bool = Field(True, description="Keeps the history, for training.")
    schedule: Cron | None = Field(
        None, description="When rows are taken over from `source`, where the cloud does that."
    )
    source: PerCloudModel | None = Field(
        None, description="Where rows come from, in each cloud's own words."
    )
    aws: AwsFeaturesModel | None = Field(None, description="What holds on SageMaker only.")
    gcp: GcpFeaturesModel | None = Field(None, description="What holds on Vertex AI only.")
    azure: AzureFeaturesModel | None = Field(None, description="What holds on Azure ML only.")
