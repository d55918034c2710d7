"""Model monitoring on Vertex AI: of an endpoint (v1) and of a registered model (v2)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.gcp.mirrored import Mirrored
from mlplatform.gaps.sdk.resource import Labels, Message


class ModelDeploymentMonitoringJobArgs(TypedDict, total=False):
    """Arguments of ``ModelDeploymentMonitoringJob``.

    Args:
        display_name: at most 128 characters.
        endpoint: ``projects/P/locations/L/endpoints/E``; another one is another job.
        objective_configs: one for each deployed model: ``deployedModelId``, ``objectiveConfig``.
        schedule_config: ``monitorInterval``, whole hours in seconds, such as ``3600s``.
        logging_sampling_strategy: ``randomSampleConfig.sampleRate``, above 0 and at most 1.
        alert_config: ``emailAlertConfig``, ``notificationChannels``, ``enableLogging``.
        log_ttl: how long logged requests are kept, whole days in seconds: ``7776000s``.
        enable_monitoring_pipeline_logs: True sends what the monitoring does to Cloud Logging.
        stats_anomalies_base_directory: ``outputUriPrefix``: where statistics go.
        sample_predict_instance: an instance as requests have it, to learn its form from.
        predict_instance_schema_uri: or a schema of instances, ``gs://``.
        analysis_instance_schema_uri: a schema of what is analysed, ``gs://``.
        encryption_spec: ``kmsKeyName``; another key is another object.
        labels: lower-case keys and values; keys that start with ``mlgap-`` are taken.
    """

    display_name: Required[pulumi.Input[str]]
    endpoint: Required[pulumi.Input[str]]
    objective_configs: Required[pulumi.Input[Sequence[Mapping[str, Any]]]]
    schedule_config: Required[Message]
    logging_sampling_strategy: Required[Message]
    alert_config: Message | None
    log_ttl: pulumi.Input[str] | None
    enable_monitoring_pipeline_logs: pulumi.Input[bool] | None
    stats_anomalies_base_directory: Message | None
    sample_predict_instance: pulumi.Input[Any] | None
    predict_instance_schema_uri: pulumi.Input[str] | None
    analysis_instance_schema_uri: pulumi.Input[str] | None
    encryption_spec: Message | None
    labels: Labels | None


class ModelDeploymentMonitoringJob(Mirrored):
    """Watches what is asked of an endpoint: skew, drift, mails. It logs requests by itself."""

    TOKEN = "mlgap:gcp:ModelDeploymentMonitoringJob"
    ARGS = ModelDeploymentMonitoringJobArgs
    NAMES: ClassVar[Mapping[str, str]] = {
        "objective_configs": "modelDeploymentMonitoringObjectiveConfigs",
        "schedule_config": "modelDeploymentMonitoringScheduleConfig",
        "alert_config": "modelMonitoringAlertConfig",
    }

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ModelDeploymentMonitoringJobArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)


class ModelMonitorArgs(TypedDict, total=False):
    """Arguments of ``ModelMonitor``.

    Args:
        model_monitor_id: up to 63 of ``[a-z0-9-]``, first a letter; another id is another monitor.
        display_name: at most 128 characters.
        model_monitoring_target: ``vertexModel.model`` and ``modelVersionId``; another one is
            another monitor.
        model_monitoring_schema: ``featureFields``, ``predictionFields``, ``groundTruthFields``.
        training_dataset: what serving is compared with.
        tabular_objective: ``featureDriftSpec``, ``predictionOutputDriftSpec``,
            ``featureAttributionSpec``: thresholds.
        explanation_spec: needed for attributions.
        notification_spec: ``emailConfig.userEmails``, ``notificationChannelConfigs``,
            ``enableCloudLogging``.
        output_spec: ``gcsBaseDirectory.outputUriPrefix``: where metrics go.
        encryption_spec: ``kmsKeyName``; another key is another object.
    """

    model_monitor_id: Required[pulumi.Input[str]]
    display_name: Required[pulumi.Input[str]]
    model_monitoring_target: Required[Message]
    model_monitoring_schema: Message | None
    training_dataset: Message | None
    tabular_objective: Message | None
    explanation_spec: Message | None
    notification_spec: Message | None
    output_spec: Message | None
    encryption_spec: Message | None


class ModelMonitor(Mirrored):
    """What is watched of a registered model: its fields, its training data, and thresholds."""

    TOKEN = "mlgap:gcp:ModelMonitor"
    ARGS = ModelMonitorArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ModelMonitorArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)


class ScheduleArgs(TypedDict, total=False):
    """Arguments of ``Schedule``.

    Args:
        display_name: at most 128 characters, unique in the project and region.
        cron: five fields, after ``CRON_TZ=ZONE`` if wanted.
        create_model_monitoring_job_request: ``parent``, the monitor, and ``modelMonitoringJob``.
        max_concurrent_run_count: runs at a time; a whole number as text.
        max_run_count: runs in all; a whole number as text.
        allow_queueing: True keeps a run that finds no place; else it is left out.
        start_time: RFC 3339; no run before.
        end_time: RFC 3339; no run after.
    """

    display_name: Required[pulumi.Input[str]]
    cron: Required[pulumi.Input[str]]
    create_model_monitoring_job_request: Required[Message]
    max_concurrent_run_count: pulumi.Input[str] | None
    max_run_count: pulumi.Input[str] | None
    allow_queueing: pulumi.Input[bool] | None
    start_time: pulumi.Input[str] | None
    end_time: pulumi.Input[str] | None


class Schedule(Mirrored):
    """When a model monitor computes: a schedule of monitoring jobs."""

    TOKEN = "mlgap:gcp:Schedule"
    ARGS = ScheduleArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ScheduleArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)
