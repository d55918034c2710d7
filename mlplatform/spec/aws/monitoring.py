"""Monitoring on SageMaker: what may be watched, against which baseline, and what has to give."""

from __future__ import annotations

from mlplatform.catalog import aws_monitoring as catalog
from mlplatform.spec import artifacts
from mlplatform.spec.aws import baseline
from mlplatform.spec.aws.baseline import Column
from mlplatform.spec.aws.monitors import Maker
from mlplatform.spec.models.aws import AwsMonitoringModel
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.models.monitoring import MonitoringModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan.aws_data import AwsMonitoring
from mlplatform.spec.scope import Scope

_DEFAULTS = AwsMonitoringModel.model_validate({})


def monitoring(scope: Scope, settings: AwsModel, workload: WorkloadModel) -> AwsMonitoring | None:
    """What is watched; ``None`` with a problem when it cannot be."""
    asked = workload.monitoring
    if asked is None:
        return None
    at, findings = f"{scope.at}.monitoring", scope.findings
    if workload.endpoint is None:
        findings.missing(f"{scope.at}.endpoint", "an endpoint to watch")
        return None
    if workload.endpoint.capture is None:
        findings.missing(
            f"{scope.endpoint}.capture", "monitors read what the endpoint captured: capture: {}"
        )
    own = asked.aws or _DEFAULTS
    if not own.account_used_it_before:
        scope.gap(
            at,
            asked="monitoring",
            given="Model Monitor and Clarify",
            reason=f"closed to accounts that did not use them before "
            f"{catalog.CLOSED_TO_NEW_ACCOUNTS}; monitoring.aws.account_used_it_before: true says "
            "that yours did",
        )
    found = _columns(scope, asked, own, f"{at}.baseline")
    _gaps(scope, asked, own, at)
    made = Maker(scope, settings.region, asked, own, found, at)
    return AwsMonitoring(
        instance_type=own.instance_type,
        volume_gib=own.volume_gib,
        max_run_s=own.max_run_s,
        alert_emails=tuple(asked.alert_emails),
        monitors=tuple(made.all()),
    )


def _columns(
    scope: Scope, asked: MonitoringModel, own: AwsMonitoringModel, at: str
) -> tuple[Column, ...]:
    """What the baseline says; empty with a problem when it cannot be read, or is a URI."""
    if asked.baseline is None:
        return ()
    found = artifacts.content(asked.baseline, scope, at=at, prefix="monitoring")
    if found is None or found.path is None:
        if found is not None and own.constraints is None:
            scope.findings.missing(
                f"{scope.at}.monitoring.aws.constraints",
                "constraints.json of a baseline job, as the baseline is not a file of the project",
            )
        return ()
    if not found.path.is_file():
        scope.findings.problem(at, str(asked.baseline), "allowed: a CSV file with a header")
        return ()
    try:
        return baseline.columns(found.path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        scope.findings.problem(at, str(asked.baseline), f"is no baseline: {error}")
        return ()


def _gaps(scope: Scope, asked: MonitoringModel, own: AwsMonitoringModel, at: str) -> None:
    if asked.skew is not None and own.statistics is None:
        scope.gap(
            f"{at}.skew",
            asked="distance of distributions",
            given="types, completeness, signs and known values"
            if asked.data_quality
            else "nothing",
            reason="distributions need the statistics.json of a baseline job: "
            "monitoring.aws.statistics",
        )
    elif asked.skew and asked.data_quality and asked.skew.schedule != asked.data_quality.schedule:
        scope.gap(
            f"{at}.skew.schedule",
            asked=asked.skew.schedule,
            given=asked.data_quality.schedule,
            reason="one data quality job does both",
        )
    for name in ("drift", "prediction_drift"):
        if getattr(asked, name) is not None:
            scope.gap(
                f"{at}.{name}",
                asked="serving against earlier serving",
                given="nothing; skew compares with the training data",
                reason="Model Monitor compares with a baseline only",
            )
