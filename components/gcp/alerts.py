"""Alert policies on one endpoint and on what watches it.

Creates, for a component named ``NAME``:

==================  ======================================  ====================
child               type                                    when
==================  ======================================  ====================
``NAME-anomalies``  gcp:monitoring/alertPolicy:AlertPolicy  ``monitoring_job``
``NAME-<drift>``    gcp:monitoring/alertPolicy:AlertPolicy  ``drifts``
``NAME-errors``     gcp:monitoring/alertPolicy:AlertPolicy  ``error_percent``
``NAME-latency``    gcp:monitoring/alertPolicy:AlertPolicy  ``latency_ms``
==================  ======================================  ====================

A monitoring job writes what it finds into a log, and the first policy matches its entries. Model
monitors (version 2) report each distance as a metric, which is compared with the threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp import monitoring as m

from components.core.base import MlComponent
from components.gcp import conditions
from components.gcp.place import Place

_ONE_DAY = "86400s"
_MOST_CONDITIONS = 6


@dataclass(frozen=True, kw_only=True)
class DriftAlertArgs:
    """Distances that schedules of model monitors compute, and where they are too large."""

    schedules: Sequence[pulumi.Input[str]]
    """``projects/P/locations/L/schedules/S``."""
    thresholds: Mapping[float, Sequence[str]]
    """Threshold to the columns that it holds for."""
    of_answers: bool = False
    """True for distances of predictions; False for those of features."""

    def __post_init__(self) -> None:
        if not self.schedules or not self.thresholds:
            raise ValueError("schedules and thresholds: one of each at least is needed")


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """What a caller decides."""

    place: Place
    endpoint_id: str
    """Its last part, as metrics name it."""
    channels: Sequence[pulumi.Input[str]]
    """``projects/P/notificationChannels/N``: who is told."""
    monitoring_job: pulumi.Input[str] | None = None
    """``projects/P/locations/L/modelDeploymentMonitoringJobs/J`` that writes a log."""
    drifts: Mapping[str, DriftAlertArgs] = field(default_factory=dict)
    """By the names of the policies."""
    error_percent: float | None = None
    """Share of answers with a status of 5xx, above 0, at most 100."""
    latency_ms: int | None = None
    """Ninety-fifth percentile of the whole time to an answer, above 0."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.channels:
            raise ValueError("channels: one at least is needed, or nobody is told")
        if self.error_percent is not None and not 0 < self.error_percent <= 100:
            raise ValueError(f"error_percent: got {self.error_percent}, allowed: above 0, to 100")
        if self.latency_ms is not None and self.latency_ms <= 0:
            raise ValueError(f"latency_ms: got {self.latency_ms}, allowed: above 0")


class Alerts(MlComponent):
    """The alert policies of one endpoint."""

    kind = "gcp:Alerts"

    def __init__(
        self,
        name: str,
        args: AlertsArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: Cloud Monitoring's service."""
        super().__init__(name, opts)
        self._args = args
        self._after = list(after)
        if args.monitoring_job is not None:
            self._on_anomalies(args.monitoring_job)
        for suffix, drift in args.drifts.items():
            self._on_drift(suffix, drift)
        if args.error_percent is not None:
            self._on_metric(
                "errors", conditions.errors(args.endpoint_id, args.error_percent), "CRITICAL"
            )
        if args.latency_ms is not None:
            self._on_metric(
                "latency", conditions.latency(args.endpoint_id, args.latency_ms), "WARNING"
            )
        self.register_outputs({})

    def _on_anomalies(self, job: pulumi.Input[str]) -> None:
        project = self._args.place.project
        entries = pulumi.Output.from_input(job).apply(
            lambda name: conditions.anomaly_filter(project, name)
        )
        condition = m.AlertPolicyConditionArgs(
            display_name="Vertex AI logs an anomaly of a feature",
            condition_matched_log=m.AlertPolicyConditionConditionMatchedLogArgs(filter=entries),
        )
        limit = m.AlertPolicyAlertStrategyNotificationRateLimitArgs(period=_ONE_DAY)
        # An incident of a log closes by itself; no more than one mail a day beside the job's own.
        strategy = m.AlertPolicyAlertStrategyArgs(notification_rate_limit=limit)
        self._policy("anomalies", [condition], "WARNING", strategy)

    def _on_drift(self, suffix: str, drift: DriftAlertArgs) -> None:
        """As many policies as the conditions need: a policy has six at most."""
        ids = pulumi.Output.all(*drift.schedules).apply(
            lambda names: [name.rpartition("/")[2] for name in names]
        )
        found = [
            conditions.distance(drift.of_answers, ids, columns, threshold)
            for threshold, columns in sorted(drift.thresholds.items())
        ]
        for start in range(0, len(found), _MOST_CONDITIONS):
            number = start // _MOST_CONDITIONS + 1
            name = f"{suffix}-{number}" if number > 1 else suffix
            strategy = m.AlertPolicyAlertStrategyArgs(auto_close=_ONE_DAY)
            batch = found[start : start + _MOST_CONDITIONS]
            self._policy(name, batch, "WARNING", strategy)

    def _on_metric(self, suffix: str, condition: m.AlertPolicyConditionArgs, severity: str) -> None:
        strategy = m.AlertPolicyAlertStrategyArgs(auto_close=_ONE_DAY)
        self._policy(suffix, [condition], severity, strategy)

    def _policy(
        self,
        suffix: str,
        compared: Sequence[m.AlertPolicyConditionArgs],
        severity: str,
        strategy: m.AlertPolicyAlertStrategyArgs,
    ) -> None:
        args, name = self._args, self._child(suffix)
        gcp.monitoring.AlertPolicy(
            name,
            project=args.place.project,
            display_name=name,
            combiner="OR",
            conditions=list(compared),
            severity=severity,
            alert_strategy=strategy,
            notification_channels=list(args.channels),
            documentation=m.AlertPolicyDocumentationArgs(
                mime_type="text/markdown",
                content=f"{compared[0].display_name}: endpoint {args.endpoint_id} in "
                f"{args.place.project}, {args.place.region}.",
            ),
            user_labels=dict(args.labels),
            opts=self._opts(depends_on=self._after),
        )
