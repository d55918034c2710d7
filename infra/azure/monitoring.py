"""One workload's monitors on Azure ML."""

from __future__ import annotations

from typing import Any

from components.azure.access import READ_BLOBS, Access, AccessArgs, GrantArgs
from components.azure.model_quality import ModelQualityArgs
from components.azure.monitoring import MonitorArgs, Monitoring, MonitoringArgs
from components.core.naming import physical_name
from infra.azure.common import GROUP_NAME_MAX, IDENTITY_NAME_MAX, Common, model_uri
from mlplatform.spec import AzureMonitoring


def watch(workload: str, plan: AzureMonitoring, common: Common) -> dict[str, Any]:
    """Declare the monitors with an identity of their own; return their outputs."""
    environment, storage = common.environment, common.storage
    name = physical_name(environment, workload, max_length=GROUP_NAME_MAX)
    access = Access(
        f"{name}-monitor",
        AccessArgs(
            place=common.place,
            identity_name=physical_name(
                environment, workload, "monitor", max_length=IDENTITY_NAME_MAX
            ),
            grants=[
                GrantArgs(
                    suffix="captured",
                    scope=storage.captured_id,
                    scope_name=storage.captured_id,
                    role=READ_BLOBS,
                ),
                GrantArgs(
                    suffix="baseline",
                    scope=storage.container_id,
                    scope_name=storage.container_id,
                    role=READ_BLOBS,
                ),
            ],
            tags=common.tags,
        ),
        opts=common.opts,
        after=[storage, common.workspace],
    )
    uploads = []
    if plan.baseline is not None:
        uploads = [
            storage.upload(f"{workload}-{key.replace('/', '-')}", path, key)
            for key, path in plan.baseline.files
        ]
    monitoring = Monitoring(
        f"{name}-watch",
        MonitoringArgs(
            workspace=common.workspace,
            workload=workload,
            variants=plan.variants,
            identity_id=access.identity_id,
            monitors=[
                MonitorArgs(
                    kind=one.kind,
                    cron=one.cron,
                    window_days=one.window_days,
                    thresholds=one.thresholds,
                    default_threshold=one.default_threshold,
                )
                for one in plan.monitors
            ],
            model_quality=_quality(plan),
            baseline_uri=model_uri(plan.baseline, common.workspace) if plan.baseline else None,
            label=plan.label,
            emails=plan.emails,
            instance_type=plan.instance_type,
        ),
        opts=common.opts,
        after=[access, common.workspace, *uploads],
    )
    made: dict[str, Any] = {"monitors": monitoring.schedules}
    if plan.model_quality is not None:
        # Who owns the ground truth lets it read that.
        made["monitor_principal_id"] = access.principal_id
    return made


def _quality(plan: AzureMonitoring) -> ModelQualityArgs | None:
    asked = plan.model_quality
    if asked is None:
        return None
    return ModelQualityArgs(
        cron=asked.cron,
        task=asked.task,
        window_days=asked.window_days,
        thresholds=asked.thresholds,
        ground_truth_uri=asked.ground_truth_uri,
        label=asked.label,
        prediction_column=asked.prediction_column,
        join_column=asked.join_column,
    )
