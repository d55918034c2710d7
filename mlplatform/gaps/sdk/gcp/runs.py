"""Training runs on Vertex AI: each definition runs once."""

from typing import Any, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.gcp.mirrored import Mirrored
from mlplatform.gaps.sdk.resource import Labels, Message


class CustomJobArgs(TypedDict, total=False):
    """Arguments of ``CustomJob``.

    Args:
        display_name: at most 128 characters.
        job_spec: ``workerPoolSpecs``, ``scheduling``, ``serviceAccount``, and so on.
        encryption_spec: ``kmsKeyName``; another key is another object.
        labels: lower-case keys and values; keys that start with ``mlgap-`` are taken.
    """

    display_name: Required[pulumi.Input[str]]
    job_spec: Required[Message]
    encryption_spec: Message | None
    labels: Labels | None


class CustomJob(Mirrored):
    """One run of a training program. A changed definition is another run beside the old one."""

    TOKEN = "mlgap:gcp:CustomJob"
    ARGS = CustomJobArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[CustomJobArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)


class HyperparameterTuningJobArgs(TypedDict, total=False):
    """Arguments of ``HyperparameterTuningJob``.

    Args:
        display_name: at most 128 characters.
        study_spec: ``metrics``, ``parameters``, ``algorithm``.
        trial_job_spec: the job of each trial.
        max_trial_count: trials in all.
        parallel_trial_count: trials at a time.
        max_failed_trial_count: failures that end the search; None: Vertex AI decides.
        encryption_spec: ``kmsKeyName``; another key is another object.
        labels: lower-case keys and values; keys that start with ``mlgap-`` are taken.
    """

    display_name: Required[pulumi.Input[str]]
    study_spec: Required[Message]
    trial_job_spec: Required[Message]
    max_trial_count: Required[pulumi.Input[int]]
    parallel_trial_count: Required[pulumi.Input[int]]
    max_failed_trial_count: pulumi.Input[int] | None
    encryption_spec: Message | None
    labels: Labels | None


class HyperparameterTuningJob(Mirrored):
    """One search for hyperparameters. A changed definition is another search."""

    TOKEN = "mlgap:gcp:HyperparameterTuningJob"
    ARGS = HyperparameterTuningJobArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[HyperparameterTuningJobArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)


class TrainingPipelineArgs(TypedDict, total=False):
    """Arguments of ``TrainingPipeline``.

    Args:
        display_name: at most 128 characters.
        training_task_definition: ``gs://google-cloud-aiplatform/schema/trainingjob/definition/...yaml``.
        training_task_inputs: parameters as that definition has them.
        input_data_config: the dataset and how it is split.
        model_to_upload: the model that is registered.
        model_id: its id.
        parent_model: or the model that it becomes a version of.
        encryption_spec: ``kmsKeyName``; another key is another object.
        labels: lower-case keys and values; keys that start with ``mlgap-`` are taken.
    """

    display_name: Required[pulumi.Input[str]]
    training_task_definition: Required[pulumi.Input[str]]
    training_task_inputs: Required[pulumi.Input[Any]]
    input_data_config: Message | None
    model_to_upload: Message | None
    model_id: pulumi.Input[str] | None
    parent_model: pulumi.Input[str] | None
    encryption_spec: Message | None
    labels: Labels | None


class TrainingPipeline(Mirrored):
    """A training run of Vertex AI's own kinds, AutoML too, whose model may be registered."""

    TOKEN = "mlgap:gcp:TrainingPipeline"
    ARGS = TrainingPipelineArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[TrainingPipelineArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)
