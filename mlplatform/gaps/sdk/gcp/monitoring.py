"""Model monitoring on Vertex AI: of an endpoint (v1) and of a registered model (v2)."""

from __future__ import annotations

from typing import Any

import pulumi

from mlplatform.gaps.sdk.gcp.mirrored import Labels, Message, Messages, Mirrored


class ModelDeploymentMonitoringJob(Mirrored):
    """Watches what is asked of an endpoint: skew, drift, mails. It logs requests by itself.

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

    kind = "ModelDeploymentMonitoringJob"
    needed = (
        "displayName",
        "endpoint",
        "modelDeploymentMonitoringObjectiveConfigs",
        "modelDeploymentMonitoringScheduleConfig",
        "loggingSamplingStrategy",
    )

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        display_name: pulumi.Input[str] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        objective_configs: Messages | None = None,
        schedule_config: Message | None = None,
        logging_sampling_strategy: Message | None = None,
        alert_config: Message | None = None,
        log_ttl: pulumi.Input[str] | None = None,
        enable_monitoring_pipeline_logs: pulumi.Input[bool] | None = None,
        stats_anomalies_base_directory: Message | None = None,
        sample_predict_instance: pulumi.Input[Any] | None = None,
        predict_instance_schema_uri: pulumi.Input[str] | None = None,
        analysis_instance_schema_uri: pulumi.Input[str] | None = None,
        encryption_spec: Message | None = None,
        labels: Labels | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "displayName": display_name,
            "endpoint": endpoint,
            "modelDeploymentMonitoringObjectiveConfigs": objective_configs,
            "modelDeploymentMonitoringScheduleConfig": schedule_config,
            "loggingSamplingStrategy": logging_sampling_strategy,
            "modelMonitoringAlertConfig": alert_config,
            "logTtl": log_ttl,
            "enableMonitoringPipelineLogs": enable_monitoring_pipeline_logs,
            "statsAnomaliesBaseDirectory": stats_anomalies_base_directory,
            "samplePredictInstance": sample_predict_instance,
            "predictInstanceSchemaUri": predict_instance_schema_uri,
            "analysisInstanceSchemaUri": analysis_instance_schema_uri,
            "encryptionSpec": encryption_spec,
            "labels": labels,
        }
        super().__init__(resource_name, opts, properties)


class ModelMonitor(Mirrored):
    """What is watched of a registered model: its fields, its training data, and thresholds.

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

    kind = "ModelMonitor"
    needed = (
        "modelMonitorId",
        "displayName",
        "modelMonitoringTarget",
    )

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        model_monitor_id: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        model_monitoring_target: Message | None = None,
        model_monitoring_schema: Message | None = None,
        training_dataset: Message | None = None,
        tabular_objective: Message | None = None,
        explanation_spec: Message | None = None,
        notification_spec: Message | None = None,
        output_spec: Message | None = None,
        encryption_spec: Message | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "modelMonitorId": model_monitor_id,
            "displayName": display_name,
            "modelMonitoringTarget": model_monitoring_target,
            "modelMonitoringSchema": model_monitoring_schema,
            "trainingDataset": training_dataset,
            "tabularObjective": tabular_objective,
            "explanationSpec": explanation_spec,
            "notificationSpec": notification_spec,
            "outputSpec": output_spec,
            "encryptionSpec": encryption_spec,
        }
        super().__init__(resource_name, opts, properties)


class Schedule(Mirrored):
    """When a model monitor computes: a schedule of monitoring jobs.

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

    kind = "Schedule"
    needed = (
        "displayName",
        "cron",
        "createModelMonitoringJobRequest",
    )

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        display_name: pulumi.Input[str] | None = None,
        cron: pulumi.Input[str] | None = None,
        create_model_monitoring_job_request: Message | None = None,
        max_concurrent_run_count: pulumi.Input[str] | None = None,
        max_run_count: pulumi.Input[str] | None = None,
        allow_queueing: pulumi.Input[bool] | None = None,
        start_time: pulumi.Input[str] | None = None,
        end_time: pulumi.Input[str] | None = None,
    ) -> None:
        properties: dict[str, Any] = {
            "displayName": display_name,
            "cron": cron,
            "createModelMonitoringJobRequest": create_model_monitoring_job_request,
            "maxConcurrentRunCount": max_concurrent_run_count,
            "maxRunCount": max_run_count,
            "allowQueueing": allow_queueing,
            "startTime": start_time,
            "endTime": end_time,
        }
        super().__init__(resource_name, opts, properties)
