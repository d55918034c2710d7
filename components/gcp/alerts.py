"""Alert policies on one endpoint and on what watches it.

Creates, for a component named ``NAME``:

==================  ======================================  ====================
child               type                                    when
==================  ======================================  ====================
``NAME-anomalies``  gcp:monitoring/alertPolicy:AlertPolicy  ``monitoring_job``
``NAME-errors``     gcp:monitoring/alertPolicy:AlertPolicy  ``error_percent``
``NAME-latency``    gcp:monitoring/alertPolicy:AlertPolicy  ``latency_ms``
==================  ======================================  ====================

A monitoring job writes what it finds into a log, and the first policy matches its entries. Metrics:
"Google Cloud metrics: aiplatform"; log: "Set alerts for feature anomalies" (Vertex AI).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp import monitoring as m

from components.core.base import MlComponent
from components.gcp.place import Place

_ONE_DAY = "86400s"
_WINDOW = "300s"
_ENDPOINT = "aiplatform.googleapis.com/Endpoint"
_JOB = "aiplatform.googleapis.com/ModelDeploymentMonitoringJob"
_ANOMALIES = "aiplatform.googleapis.com%2Fmodel_monitoring_anomaly"
_RESPONSES = "aiplatform.googleapis.com/prediction/online/response_count"
_LATENCIES = "aiplatform.googleapis.com/prediction/online/prediction_latencies"


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
        if args.error_percent is not None:
            self._on_metric("errors", _errors(args.endpoint_id, args.error_percent), "CRITICAL")
        if args.latency_ms is not None:
            self._on_metric("latency", _latency(args.endpoint_id, args.latency_ms), "WARNING")
        self.register_outputs({})

    def _on_anomalies(self, job: pulumi.Input[str]) -> None:
        project = self._args.place.project
        entries = pulumi.Output.from_input(job).apply(lambda name: anomaly_filter(project, name))
        condition = m.AlertPolicyConditionArgs(
            display_name="Vertex AI logs an anomaly of a feature",
            condition_matched_log=m.AlertPolicyConditionConditionMatchedLogArgs(filter=entries),
        )
        limit = m.AlertPolicyAlertStrategyNotificationRateLimitArgs(period=_ONE_DAY)
        # An incident of a log closes by itself; no more than one mail a day beside the job's own.
        strategy = m.AlertPolicyAlertStrategyArgs(notification_rate_limit=limit)
        self._policy("anomalies", condition, "WARNING", strategy)

    def _on_metric(self, suffix: str, condition: m.AlertPolicyConditionArgs, severity: str) -> None:
        strategy = m.AlertPolicyAlertStrategyArgs(auto_close=_ONE_DAY)
        self._policy(suffix, condition, severity, strategy)

    def _policy(
        self,
        suffix: str,
        condition: m.AlertPolicyConditionArgs,
        severity: str,
        strategy: m.AlertPolicyAlertStrategyArgs,
    ) -> None:
        args, name = self._args, self._child(suffix)
        gcp.monitoring.AlertPolicy(
            name,
            project=args.place.project,
            display_name=name,
            combiner="OR",
            conditions=[condition],
            severity=severity,
            alert_strategy=strategy,
            notification_channels=list(args.channels),
            documentation=m.AlertPolicyDocumentationArgs(
                mime_type="text/markdown",
                content=f"{condition.display_name}: endpoint {args.endpoint_id} in "
                f"{args.place.project}, {args.place.region}.",
            ),
            user_labels=dict(args.labels),
            opts=self._opts(depends_on=self._after),
        )


def anomaly_filter(project: str, job: str) -> str:
    """The log entries with which a monitoring job tells of anomalies."""
    return " AND ".join(
        (
            f'resource.type="{_JOB}"',
            f'logName="projects/{project}/logs/{_ANOMALIES}"',
            f'resource.labels.model_deployment_monitoring_job="{job.rpartition("/")[2]}"',
        )
    )


def _errors(endpoint_id: str, percent: float) -> m.AlertPolicyConditionArgs:
    everything = _metric(_RESPONSES, endpoint_id)
    summed = m.AlertPolicyConditionConditionThresholdAggregationArgs(
        alignment_period=_WINDOW,
        per_series_aligner="ALIGN_DELTA",
        cross_series_reducer="REDUCE_SUM",
    )
    among = m.AlertPolicyConditionConditionThresholdDenominatorAggregationArgs(
        alignment_period=_WINDOW,
        per_series_aligner="ALIGN_DELTA",
        cross_series_reducer="REDUCE_SUM",
    )
    return m.AlertPolicyConditionArgs(
        display_name=f"More than {percent:g} % of the answers are errors",
        condition_threshold=m.AlertPolicyConditionConditionThresholdArgs(
            filter=f'{everything} AND metric.labels.response_code="5xx"',
            aggregations=[summed],
            denominator_filter=everything,
            denominator_aggregations=[among],
            comparison="COMPARISON_GT",
            threshold_value=percent / 100,
            duration=_WINDOW,
        ),
    )


def _latency(endpoint_id: str, latency_ms: int) -> m.AlertPolicyConditionArgs:
    return m.AlertPolicyConditionArgs(
        display_name=f"One answer in twenty takes more than {latency_ms} ms",
        condition_threshold=m.AlertPolicyConditionConditionThresholdArgs(
            filter=f'{_metric(_LATENCIES, endpoint_id)} AND metric.labels.latency_type="total"',
            aggregations=[
                m.AlertPolicyConditionConditionThresholdAggregationArgs(
                    alignment_period=_WINDOW,
                    per_series_aligner="ALIGN_PERCENTILE_95",
                    cross_series_reducer="REDUCE_MAX",
                )
            ],
            comparison="COMPARISON_GT",
            threshold_value=latency_ms,
            duration=_WINDOW,
        ),
    )


def _metric(metric: str, endpoint_id: str) -> str:
    return (
        f'metric.type="{metric}" AND resource.type="{_ENDPOINT}" '
        f'AND resource.labels.endpoint_id="{endpoint_id}"'
    )
