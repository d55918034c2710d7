"""One workload's monitoring on SageMaker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from components.aws import policy, purposes
from components.aws.access import Access, AccessArgs
from components.aws.endpoint import Endpoint
from components.aws.monitoring import Monitoring
from components.aws.monitoring_alarms import AlarmArgs
from components.aws.monitoring_jobs import MonitorArgs, MonitoringArgs, shadow_prefix
from infra.aws.common import Common
from mlplatform.spec import AwsAlarm, AwsMonitor, AwsMonitoring


def watch(workload: str, plan: AwsMonitoring, endpoint: Endpoint, common: Common) -> dict[str, Any]:
    """Declare the monitors of one endpoint; return where they tell."""
    endpoint_name, name = common.name(workload), common.name(workload, "monitor")
    inside = common.inside
    both = [common.keys.reference, common.data_keys.reference]
    statements = purposes.monitor(
        replace(common.stores(workload), keys=both),
        capture_bucket=common.capture.bucket,
        reports_bucket=common.capture.bucket,
        endpoint_name=endpoint_name,
        image_uris=[one.image_uri for one in plan.monitors],
        data_uris=[
            uri
            for one in plan.monitors
            for uri in (one.constraints_uri, one.statistics_uri)
            if uri is not None
        ],
        network=inside.permissions if inside is not None else None,
    )
    truths = [one.ground_truth_uri for one in plan.monitors if one.ground_truth_uri is not None]
    for number, uri in enumerate(sorted(set(truths))):
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        statements += policy.read_objects(
            common.place, bucket, f"{prefix.rstrip('/')}/", sid=f"Truth{number}"
        )
    if any(one.kind == "ModelExplainability" for one in plan.monitors):
        statements += policy.ask_shadow(common.place, shadow_prefix(endpoint_name))
    access = Access(
        name,
        AccessArgs(
            place=common.place,
            role_name=common.role_name(workload, "monitor"),
            description=f"Monitors the SageMaker endpoint {endpoint_name}",
            statements=statements,
            tags=common.tags,
        ),
        opts=common.opts,
    )
    made = Monitoring(
        name,
        MonitoringArgs(
            endpoint_name=endpoint_name,
            role_arn=access.role_arn,
            model_name=next(iter(endpoint.model_names.values())),
            bucket=common.capture.bucket,
            prefix=f"{workload}/",
            key_arn=common.data_keys.use_arn,
            monitors=[_monitor(one) for one in plan.monitors],
            instance_type=plan.instance_type,
            volume_gib=plan.volume_gib,
            max_run_s=plan.max_run_s,
            alert_emails=plan.alert_emails,
            subnet_ids=inside.subnet_ids if inside is not None else (),
            security_group_ids=inside.security_group_ids if inside is not None else (),
            tags=common.tags,
        ),
        opts=common.opts,
        after=[
            *(access, endpoint, common.capture, common.data_keys),
            *(inside.after if inside is not None else ()),
        ],
    )
    return {"monitoring_schedules": made.schedule_names, "alerts_topic_arn": made.topic_arn}


def _monitor(plan: AwsMonitor) -> MonitorArgs:
    return MonitorArgs(
        kind=plan.kind,
        schedule=plan.schedule,
        interval_h=plan.interval_h,
        image_uri=plan.image_uri,
        constraints=plan.constraints,
        constraints_uri=plan.constraints_uri,
        statistics_uri=plan.statistics_uri,
        analysis=plan.analysis,
        problem_type=plan.problem_type,
        ground_truth_uri=plan.ground_truth_uri,
        inference_attribute=plan.inference_attribute,
        alarms=[_alarm(one) for one in plan.alarms],
    )


def _alarm(plan: AwsAlarm) -> AlarmArgs:
    return AlarmArgs(
        name=plan.name,
        namespace=plan.namespace,
        metric=plan.metric,
        threshold=plan.threshold,
        comparison=plan.comparison,
        absolute=plan.absolute,
        dimensions=plan.dimensions,
    )
