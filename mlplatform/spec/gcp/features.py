"""Feature groups on Vertex AI Feature Store, with their tables in BigQuery."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlplatform.spec import schedules
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.features import FeatureGroupModel
from mlplatform.spec.models.gcp import GcpModel
from mlplatform.spec.plan.gcp_data import GcpFeature, GcpFeatureGroup, GcpOnlineStore
from mlplatform.spec.scope import Scope

TYPES = {
    "string": "STRING",
    "integer": "INTEGER",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
}
"""Column type to BigQuery's (bigquery TableFieldSchema.type)."""
TIMESTAMP = "feature_timestamp"
"""The column that Vertex AI takes the event time from (FeatureGroup.BigQuery.TimeSeries); the
ordinary provider cannot name another."""
_SOURCE = r"bq://[^.\s/]+\.[^.\s]+\.[^.\s]+"
_MOST_TIMES = 10


def features(scope: Scope, asked: Mapping[str, FeatureGroupModel]) -> tuple[GcpFeatureGroup, ...]:
    """Every feature group of the workload."""
    return tuple(
        _group(scope, name, group, f"{scope.at}.features.{name}") for name, group in asked.items()
    )


def online_store(settings: GcpModel, findings: Findings) -> GcpOnlineStore:
    """The store of the environment."""
    asked = settings.feature_store
    optimized = asked.storage == "optimized"
    at = "clouds.gcp.feature_store"
    most = _MOST_TIMES * asked.min_nodes
    if not optimized and not asked.min_nodes <= asked.max_nodes <= most:
        # aiplatform FeatureOnlineStore.Bigtable.AutoScaling.maxNodeCount.
        findings.problem(
            f"{at}.max_nodes", asked.max_nodes, f"allowed: {asked.min_nodes} to {most}"
        )
    for key in ("min_nodes", "max_nodes", "cpu_percent"):
        if optimized and key in asked.model_fields_set:
            findings.problem(
                f"{at}.{key}", getattr(asked, key), "allowed with storage: bigtable only"
            )
    return GcpOnlineStore(
        optimized=optimized,
        min_nodes=asked.min_nodes,
        max_nodes=asked.max_nodes,
        cpu_percent=asked.cpu_percent,
    )


def _group(scope: Scope, name: str, asked: FeatureGroupModel, at: str) -> GcpFeatureGroup:
    _check(scope, asked, at)
    _gaps(scope, asked, at)
    cron = None
    if asked.schedule is not None and asked.online is not None:
        found = schedules.read(asked.schedule, f"{at}.schedule", scope.findings)
        cron = found.text if found is not None else None
    keys = (asked.record_id, asked.event_time)
    return GcpFeatureGroup(
        name=name,
        record_id=asked.record_id,
        event_time=asked.event_time,
        columns={column: TYPES[kind] for column, kind in asked.columns.items()},
        features=tuple(
            GcpFeature(feature_id=column.lower(), column=column)
            for column in asked.columns
            if column not in keys
        ),
        description=asked.description,
        online=asked.online is not None,
        sync_cron=cron,
        source=asked.source.gcp if asked.source is not None else None,
    )


def _check(scope: Scope, asked: FeatureGroupModel, at: str) -> None:
    findings, columns = scope.findings, asked.columns
    for key, column in (("record_id", asked.record_id), ("event_time", asked.event_time)):
        if column not in columns:
            findings.not_among(f"{at}.{key}", column, columns, "columns")
    if asked.record_id == asked.event_time:
        findings.problem(f"{at}.event_time", asked.event_time, "allowed: not the record_id")
    if not set(columns) - {asked.record_id, asked.event_time}:
        words = "allowed: a column besides record_id and event_time, for these two are no features"
        findings.problem(f"{at}.columns", sorted(columns), words)
    kind = columns.get(asked.event_time)
    if kind is not None and kind != "timestamp":
        path = f"{at}.columns.{asked.event_time}"
        findings.problem(path, kind, "as the event time, allowed: timestamp")
    first: dict[str, str] = {}
    for column in columns:
        path = f"{at}.columns.{column}"
        if column.lower() in first:
            other = first[column.lower()]
            findings.problem(path, column, f"BigQuery takes it for {other}; allowed: another name")
        first.setdefault(column.lower(), column)
        if column.lower() == TIMESTAMP and column != asked.event_time:
            words = f"Vertex AI reads the event time there; allowed: event_time: {column}"
            findings.problem(path, column, words)
    source = asked.source.gcp if asked.source is not None else None
    if source is not None and re.fullmatch(_SOURCE, source) is None:
        findings.problem(f"{at}.source.gcp", source, "allowed: bq://PROJECT.DATASET.TABLE")


def _gaps(scope: Scope, asked: FeatureGroupModel, at: str) -> None:
    if not asked.offline:
        scope.gap(
            f"{at}.offline",
            asked="no offline store",
            given="a table in BigQuery",
            reason="the registry of Vertex AI holds features of BigQuery only",
        )
    if asked.online is not None and asked.online.ttl_s is not None:
        scope.gap(
            f"{at}.online.ttl_s",
            asked=f"rows go after {asked.online.ttl_s} s",
            given="rows stay until a newer one of the same record comes",
            reason="FeatureOnlineStore and FeatureView have no time to live",
        )
    if asked.schedule is not None and asked.online is None:
        scope.gap(
            f"{at}.schedule",
            asked=asked.schedule,
            given="nothing to synchronise",
            reason="rows in BigQuery are there at once; only an online store takes them over",
        )
