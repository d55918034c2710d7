"""Monitoring of one workload's endpoint on Vertex AI."""

from __future__ import annotations

from typing import Any

import pulumi

from components.core.naming import physical_name
from components.gcp.endpoint import Endpoint
from components.gcp.monitoring import Monitoring, MonitoringArgs, ThresholdArgs
from infra.gcp.common import ENDPOINT_ID_MAX, Common
from mlplatform.spec import GcpMonitoring, GcpThresholds


def watch(workload: str, plan: GcpMonitoring, endpoint: Endpoint, common: Common) -> dict[str, Any]:
    """Declare what watches one endpoint; return its outputs."""
    name = physical_name(common.environment, workload, "monitoring", max_length=ENDPOINT_ID_MAX)
    uploads: list[pulumi.Resource] = []
    training_data = None
    if plan.baseline is not None:
        training_data = plan.baseline.uri
        for key, path in plan.baseline.files:
            uploads.append(common.storage.upload(key.replace("/", "-"), path, key))
            training_data = f"gs://{common.storage.bucket}/{key}"
    made = Monitoring(
        name,
        MonitoringArgs(
            endpoint=endpoint.served_name,
            deployed_model_ids=endpoint.deployed_model_ids,
            display_name=name,
            interval_s=plan.interval_s,
            sampling_rate=plan.sampling_rate,
            log_retention_days=plan.log_retention_days,
            key_name=common.keys.key_name,
            skew=_thresholds(plan.skew),
            drift=_thresholds(plan.drift),
            training_data=training_data,
            label=plan.label,
            alert_emails=plan.alert_emails,
            labels=common.labels,
        ),
        opts=common.opts,
        after=[endpoint, *uploads],
    )
    return {"monitoring_job": made.job_name}


def _thresholds(plan: GcpThresholds | None) -> ThresholdArgs | None:
    if plan is None:
        return None
    return ThresholdArgs(columns=plan.columns, default=plan.default)
