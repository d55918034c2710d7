"""What alert policies compare: pure conditions on metrics and logs of Vertex AI.

Metrics: "Google Cloud metrics: aiplatform"; log of anomalies: "Set alerts for feature anomalies"
(Vertex AI); filters: "Monitoring filters".
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_gcp import monitoring as m

_WINDOW = "300s"
_HOUR = "3600s"
_ENDPOINT = "aiplatform.googleapis.com/Endpoint"
_JOB = "aiplatform.googleapis.com/ModelDeploymentMonitoringJob"
_ANOMALIES = "aiplatform.googleapis.com%2Fmodel_monitoring_anomaly"
_RESPONSES = "aiplatform.googleapis.com/prediction/online/response_count"
_LATENCIES = "aiplatform.googleapis.com/prediction/online/prediction_latencies"
_MODEL = "aiplatform.googleapis.com/Model"
_FEATURE_DRIFT = "aiplatform.googleapis.com/model_monitoring/feature_drift_deviation"
_OUTPUT_DRIFT = "aiplatform.googleapis.com/model_monitoring/prediction_output_drift_deviation"


def anomaly_filter(project: str, job: str) -> str:
    """The log entries with which a monitoring job tells of anomalies."""
    return " AND ".join(
        (
            f'resource.type="{_JOB}"',
            f'logName="projects/{project}/logs/{_ANOMALIES}"',
            f'resource.labels.model_deployment_monitoring_job="{job.rpartition("/")[2]}"',
        )
    )


def distance(
    of_answers: bool, schedules: pulumi.Output[list[str]], columns: Sequence[str], threshold: float
) -> m.AlertPolicyConditionArgs:
    metric, noun = (_OUTPUT_DRIFT, "answers") if of_answers else (_FEATURE_DRIFT, "features")
    named = f"metric.labels.feature_name={_one_of(columns)}"
    series = schedules.apply(
        lambda ids: (
            f'metric.type="{metric}" AND resource.type="{_MODEL}" '
            f"AND metric.labels.schedule_id={_one_of(ids)} AND {named}"
        )
    )
    return m.AlertPolicyConditionArgs(
        display_name=f"A distance of {noun} is above {threshold:g}",
        condition_threshold=m.AlertPolicyConditionConditionThresholdArgs(
            filter=series,
            # One point a run and column; each column is a series, and opens an incident of its own.
            aggregations=[
                m.AlertPolicyConditionConditionThresholdAggregationArgs(
                    alignment_period=_HOUR, per_series_aligner="ALIGN_MAX"
                )
            ],
            comparison="COMPARISON_GT",
            threshold_value=threshold,
            duration="0s",
        ),
    )


def _one_of(values: Sequence[str]) -> str:
    """Monitoring filters, "one_of"."""
    listed = ", ".join(f'"{value}"' for value in values)
    return f"one_of({listed})"


def errors(endpoint_id: str, percent: float) -> m.AlertPolicyConditionArgs:
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


def latency(endpoint_id: str, latency_ms: int) -> m.AlertPolicyConditionArgs:
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
