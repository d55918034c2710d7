"""Where and how a model is trained."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.artifact import PerCloudModel
from mlplatform.spec.models.aws_training import AwsTrainingModel
from mlplatform.spec.models.azure import AzureTrainingModel
from mlplatform.spec.models.base import Cron, Name, StrictModel
from mlplatform.spec.models.gcp import GcpTrainingModel
from mlplatform.spec.models.hardware import SubstitutableModel

DAY_S = 86400


class ParameterModel(StrictModel):
    """A hyperparameter to search: either `min` and `max`, or `values`."""

    min: float | None = Field(None, description="Least value.")
    max: float | None = Field(None, description="Greatest value.")
    integer: bool = Field(False, description="Whole numbers only.")
    scale: Literal["linear", "log"] = Field("linear", description="How values are spread.")
    values: list[str] | None = Field(None, min_length=1, description="One of these.")


class TuningModel(StrictModel):
    """A search for hyperparameters."""

    metric: str = Field(min_length=1, description="What the training program reports.")
    goal: Literal["maximize", "minimize"] = Field("maximize", description="What is best.")
    max_runs: int = Field(ge=1, le=500, description="Runs in all.")
    parallel_runs: int = Field(1, ge=1, le=100, description="Runs at a time.")
    parameters: dict[str, ParameterModel] = Field(min_length=1, description="What to search.")


class TrainingModel(StrictModel):
    """Compute for training, and what runs on it."""

    accelerator: str | SubstitutableModel | None = Field(
        None, description="Such as V100; `{want: V100, or: T4}` allows a substitute."
    )
    accelerators_per_node: int = Field(1, ge=1, le=16, description="In each node.")
    max_nodes: int = Field(1, ge=1, le=1000, description="Never more at a time.")
    idle_before_scale_down_s: int = Field(
        300, ge=0, le=DAY_S, description="Seconds that a node may be idle before it goes."
    )
    spot: bool = Field(False, description="Take capacity that may be taken away.")
    max_run_s: int = Field(
        DAY_S, ge=60, le=28 * DAY_S, description="A run is stopped after so many seconds."
    )
    image: PerCloudModel | None = Field(
        None, description="Training image for each cloud, instead of the framework's prebuilt one."
    )
    code: str | None = Field(
        None, description="Folder with the training program, uploaded under its content's hash."
    )
    entry_point: str | None = Field(None, description="The file in `code` that is run.")
    hyperparameters: dict[str, str | int | float | bool] = Field(
        default_factory=dict, description="Arguments of the training program."
    )
    data: dict[Name, str | PerCloudModel] = Field(
        default_factory=dict,
        description="Inputs by channel: a file or folder of the project, or a URI.",
    )
    schedule: Cron | None = Field(None, description="When it runs by itself.")
    run: bool = Field(False, description="One run for each new definition, as part of the update.")
    tuning: TuningModel | None = Field(None, description="A search for hyperparameters.")
    aws: AwsTrainingModel | None = Field(None, description="What holds on SageMaker only.")
    gcp: GcpTrainingModel | None = Field(None, description="What holds on Vertex AI only.")
    azure: AzureTrainingModel | None = Field(None, description="What holds on Azure ML only.")
