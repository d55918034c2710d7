"""Feature groups on SageMaker Feature Store."""

from __future__ import annotations

from collections.abc import Mapping

from mlplatform.spec.models.aws import AwsFeaturesModel
from mlplatform.spec.models.features import FeatureGroupModel
from mlplatform.spec.plan.aws_data import AwsFeatureGroup, AwsThroughput
from mlplatform.spec.scope import Scope

TYPES = {
    "string": "String",
    "integer": "Integral",
    "float": "Fractional",
    "boolean": "Integral",
    "timestamp": "String",
}
"""Column type to FeatureType (botocore sagemaker FeatureType has these three)."""
EVENT_TIME_TYPES = ("timestamp", "string", "float")
RESERVED = ("is_deleted", "write_time", "api_invocation_time")
"""Names that Feature Store keeps (botocore sagemaker FeatureDefinition)."""
_DEFAULTS = AwsFeaturesModel.model_validate({})


def features(scope: Scope, asked: Mapping[str, FeatureGroupModel]) -> tuple[AwsFeatureGroup, ...]:
    """Every feature group of the workload."""
    return tuple(
        _group(scope, name, group, f"{scope.at}.features.{name}") for name, group in asked.items()
    )


def _group(scope: Scope, name: str, asked: FeatureGroupModel, at: str) -> AwsFeatureGroup:
    _check(scope, asked, at)
    _gaps(scope, asked, at)
    own = asked.aws or _DEFAULTS
    units = own.throughput
    return AwsFeatureGroup(
        name=name,
        record_id=asked.record_id,
        event_time=asked.event_time,
        columns={column: TYPES[kind] for column, kind in asked.columns.items()},
        description=asked.description,
        online=asked.online is not None,
        ttl_s=asked.online.ttl_s if asked.online else None,
        storage=own.storage,
        offline=asked.offline,
        table_format=own.table_format,
        throughput=AwsThroughput(read_units=units.read_units, write_units=units.write_units)
        if units is not None
        else None,
    )


def _check(scope: Scope, asked: FeatureGroupModel, at: str) -> None:
    findings, columns = scope.findings, asked.columns
    for key, column in (("record_id", asked.record_id), ("event_time", asked.event_time)):
        if column not in columns:
            findings.not_among(f"{at}.{key}", column, columns, "columns")
    kind = columns.get(asked.event_time)
    if kind is not None and kind not in EVENT_TIME_TYPES:
        allowed = ", ".join(EVENT_TIME_TYPES)
        findings.problem(
            f"{at}.columns.{asked.event_time}", kind, f"as the event time, allowed: {allowed}"
        )
    for column in columns:
        if column.lower() in RESERVED:
            words = "Feature Store keeps this name for itself; allowed: any other"
            findings.problem(f"{at}.columns.{column}", column, words)
    if asked.online is None and not asked.offline:
        findings.problem(f"{at}.offline", False, "allowed: an online store, an offline one or both")
    own = asked.aws
    if own is not None and asked.online is None:
        for key in ("storage", "throughput"):
            if key in own.model_fields_set:
                findings.problem(f"{at}.aws.{key}", getattr(own, key), "allowed with `online` only")
    if own is not None and own.throughput is not None and own.storage == "InMemory":
        words = "an InMemory store has none; allowed: leave it out, or storage: Standard"
        findings.problem(f"{at}.aws.throughput", "given", words)


def _gaps(scope: Scope, asked: FeatureGroupModel, at: str) -> None:
    for column, kind in asked.columns.items():
        if kind == "boolean":
            scope.gap(
                f"{at}.columns.{column}",
                asked="boolean",
                given="Integral, 0 or 1",
                reason="Feature Store has integers, fractions and strings only",
            )
        if kind == "timestamp" and column != asked.event_time:
            scope.gap(
                f"{at}.columns.{column}",
                asked="timestamp",
                given="String, ISO 8601",
                reason="Feature Store has integers, fractions and strings only",
            )
    source = asked.source.aws if asked.source is not None else None
    for key, value in (("schedule", asked.schedule), ("source", source)):
        if value is not None:
            scope.gap(
                f"{at}.{key}",
                asked=value,
                given="nothing; rows come by PutRecord or the Spark connector",
                reason="Feature Store takes records and fetches none",
            )
