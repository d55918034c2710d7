"""Training runs on Vertex AI: each definition runs once."""

from __future__ import annotations

from typing import Any

import pulumi

from mlplatform.gaps.sdk.gcp.mirrored import Labels, Message, Mirrored


class CustomJob(Mirrored):
    """One run of a training program. A changed definition is another run beside the old one.

    Args:
        display_name: at most 128 characters.
        job_spec: ``workerPoolSpecs``, ``scheduling``, ``serviceAccount``, and so on.
        encryption_spec: ``kmsKeyName``; another key is another object.
        labels: lower-case keys and values; keys that start with ``mlgap-`` are taken.
    """

    kind = "CustomJob"
    needed = (
        "displayName",
        "jobSpec",
    )

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        display_name: pulumi.Input[str] | None = None,
        job_spec: Message | None = None,
        encryption_spec: Message | None = None,
        labels: Labels | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "displayName": display_name,
            "jobSpec": job_spec,
            "encryptionSpec": encryption_spec,
            "labels": labels,
        }
        super().__init__(resource_name, opts, properties)


class HyperparameterTuningJob(Mirrored):
    """One search for hyperparameters. A changed definition is another search.

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

    kind = "HyperparameterTuningJob"
    needed = (
        "displayName",
        "studySpec",
        "trialJobSpec",
        "maxTrialCount",
        "parallelTrialCount",
    )

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        display_name: pulumi.Input[str] | None = None,
        study_spec: Message | None = None,
        trial_job_spec: Message | None = None,
        max_trial_count: pulumi.Input[int] | None = None,
        parallel_trial_count: pulumi.Input[int] | None = None,
        max_failed_trial_count: pulumi.Input[int] | None = None,
        encryption_spec: Message | None = None,
        labels: Labels | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "displayName": display_name,
            "studySpec": study_spec,
            "trialJobSpec": trial_job_spec,
            "maxTrialCount": max_trial_count,
            "parallelTrialCount": parallel_trial_count,
            "maxFailedTrialCount": max_failed_trial_count,
            "encryptionSpec": encryption_spec,
            "labels": labels,
        }
        super().__init__(resource_name, opts, properties)


class TrainingPipeline(Mirrored):
    """A training run of Vertex AI's own kinds, AutoML too, whose model may be registered.

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

    kind = "TrainingPipeline"
    needed = (
        "displayName",
        "trainingTaskDefinition",
        "trainingTaskInputs",
    )

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        display_name: pulumi.Input[str] | None = None,
        training_task_definition: pulumi.Input[str] | None = None,
        training_task_inputs: pulumi.Input[Any] | None = None,
        input_data_config: Message | None = None,
        model_to_upload: Message | None = None,
        model_id: pulumi.Input[str] | None = None,
        parent_model: pulumi.Input[str] | None = None,
        encryption_spec: Message | None = None,
        labels: Labels | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "displayName": display_name,
            "trainingTaskDefinition": training_task_definition,
            "trainingTaskInputs": training_task_inputs,
            "inputDataConfig": input_data_config,
            "modelToUpload": model_to_upload,
            "modelId": model_id,
            "parentModel": parent_model,
            "encryptionSpec": encryption_spec,
            "labels": labels,
        }
        super().__init__(resource_name, opts, properties)
