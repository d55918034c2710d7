"""Model monitors of one workload's endpoint on Vertex AI, and what their alerts compare."""

from __future__ import annotations

from components.core.naming import physical_name
from components.gcp.alerts import DriftAlertArgs
from components.gcp.endpoint import Endpoint
from components.gcp.monitoring import ThresholdArgs
from components.gcp.monitors import Monitors, MonitorsArgs, ObjectiveArgs
from infra.gcp.common import ENDPOINT_ID_MAX, Common
from mlplatform.spec import GcpMonitors, GcpObjective

MONITOR_ID_MAX = 24
"""Of the 63 characters of an id, what leaves room for a variant's 32 and a version's number."""


def monitor(workload: str, plan: GcpMonitors, endpoint: Endpoint, common: Common) -> Monitors:
    """Declare the monitors and schedules of one endpoint."""
    bucket = common.storage.bucket
    uploads = [
        common.storage.upload(key.replace("/", "-"), path, key) for key, path in plan.baseline.files
    ]
    return Monitors(
        physical_name(common.environment, workload, "monitors", max_length=ENDPOINT_ID_MAX),
        MonitorsArgs(
            endpoint=endpoint.endpoint_name,
            versions=endpoint.versions,
            monitor_id=physical_name(common.environment, workload, max_length=MONITOR_ID_MAX),
            objectives={_slug(one): _objective(one) for one in plan.objectives},
            features=plan.features,
            predicted=plan.predicted,
            training_data=f"gs://{bucket}/{plan.baseline.object_key}",
            output_uri=f"gs://{bucket}/{workload}/monitors/",
            key_name=common.keys.key_name,
            alert_emails=plan.alert_emails,
        ),
        opts=common.opts,
        after=[endpoint, *uploads],
    )


def drifts(plan: GcpMonitors, made: Monitors) -> dict[str, DriftAlertArgs]:
    """What alert policies compare, by objective."""
    return {
        _slug(one): DriftAlertArgs(
            schedules=made.schedule_names[_slug(one)],
            thresholds=_by_threshold(plan, one),
            of_answers=one.of_answers,
        )
        for one in plan.objectives
    }


def _by_threshold(plan: GcpMonitors, objective: GcpObjective) -> dict[float, list[str]]:
    """Columns that share a threshold share a condition; a default is that of all the others."""
    given = objective.thresholds
    watched = dict([plan.predicted]) if objective.of_answers and plan.predicted else plan.features
    found: dict[float, list[str]] = {}
    for column in watched:
        threshold = given.columns.get(column, given.default)
        if threshold is not None:
            found.setdefault(threshold, []).append(column)
    return found


def _objective(plan: GcpObjective) -> ObjectiveArgs:
    return ObjectiveArgs(
        cron=plan.cron,
        window=plan.window,
        thresholds=ThresholdArgs(columns=plan.thresholds.columns, default=plan.thresholds.default),
        with_training=plan.with_training,
        of_answers=plan.of_answers,
    )


def _slug(plan: GcpObjective) -> str:
    return plan.name.replace("_", "-")
