"""Alert policies of Cloud Monitoring: on an endpoint, and on what its monitors find."""

from __future__ import annotations

from mlplatform.spec.models.gcp import GcpAlertsModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.plan.gcp_data import GcpAlerts
from mlplatform.spec.scope import Scope

_NONE = GcpAlertsModel.model_validate({})


def alerts(scope: Scope, workload: WorkloadModel) -> GcpAlerts | None:
    """Who is told of what; ``None`` where there is nothing to watch or nobody to tell."""
    asked = workload.monitoring
    if asked is None or workload.endpoint is None:
        return None
    at, own = f"{scope.at}.monitoring", asked.gcp
    channels = own.notification_channels if own is not None else []
    _once(scope, f"{at}.alert_emails", asked.alert_emails)
    _once(scope, f"{at}.gcp.notification_channels", channels)
    wanted = own.alerts if own is not None else None
    if not asked.alert_emails and not channels:
        if wanted is not None:
            scope.findings.missing(
                f"{at}.alert_emails", "who is told of an alert, or gcp.notification_channels"
            )
        return None
    on = wanted or _NONE
    return GcpAlerts(
        emails=tuple(asked.alert_emails),
        channels=tuple(channels),
        error_percent=on.error_percent,
        latency_ms=on.latency_ms,
    )


def _once(scope: Scope, path: str, given: list[str]) -> None:
    lower = [one.lower() for one in given]
    twice = sorted({one for one in lower if lower.count(one) > 1})
    if twice:
        scope.findings.problem(path, twice, "allowed: each one once")
