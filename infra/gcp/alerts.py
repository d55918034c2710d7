"""Alert policies of the workloads, and the channels that all of them tell."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.core.naming import physical_name
from components.gcp.alerts import Alerts, AlertsArgs, DriftAlertArgs
from components.gcp.channels import Channels, ChannelsArgs
from components.gcp.services import Services
from infra.gcp.common import ENDPOINT_ID_MAX, Common
from mlplatform.spec import GcpAlerts, GcpPlan


def channels(plan: GcpPlan, common: Common, services: Services) -> Channels | None:
    """One channel for each address of the environment; None where nobody is mailed."""
    told = [one.alerts for one in plan.workloads if one.alerts is not None]
    emails = sorted({email for alerts in told for email in alerts.emails})
    if not emails:
        return None
    return Channels(
        physical_name(common.environment, "alerts", max_length=ENDPOINT_ID_MAX),
        ChannelsArgs(place=common.place, emails=emails, labels=common.labels),
        opts=common.opts,
        after=[services],
    )


def alert(
    workload: str,
    plan: GcpAlerts,
    common: Common,
    *,
    addresses: Channels | None,
    monitoring_job: pulumi.Output[str] | None,
    drifts: Mapping[str, DriftAlertArgs],
    services: Services,
) -> None:
    """Declare the alert policies of one workload's endpoint."""
    watched = monitoring_job is not None or drifts
    if not watched and plan.error_percent is None and plan.latency_ms is None:
        return
    mailed = addresses.names if addresses is not None else {}
    Alerts(
        physical_name(common.environment, workload, "alerts", max_length=ENDPOINT_ID_MAX),
        AlertsArgs(
            place=common.place,
            endpoint_id=physical_name(common.environment, workload, max_length=ENDPOINT_ID_MAX),
            channels=[*plan.channels, *(mailed[email] for email in plan.emails)],
            monitoring_job=monitoring_job,
            drifts=drifts,
            error_percent=plan.error_percent,
            latency_ms=plan.latency_ms,
            labels=common.labels,
        ),
        opts=common.opts,
        after=[services],
    )
