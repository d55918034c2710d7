"""Feature groups on Azure ML."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlplatform.spec import artifacts, schedules
from mlplatform.spec.azure.spark import spark_size
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.azure import AzureModel
from mlplatform.spec.models.features import FeatureGroupModel
from mlplatform.spec.plan import AzureFeatures, AzureMaterialization
from mlplatform.spec.schedules import Schedule
from mlplatform.spec.scope import Scope

_TYPES = {
    "string": "string",
    "integer": "long",
    "float": "double",
    "boolean": "boolean",
    "timestamp": "datetime",
}
"""Feature types of Azure ML (azure-ai-ml, DataColumnType; FeatureDataType of the wire model)."""
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_REDIS = re.compile(
    r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Cache/"
    r"(redis/[^/]+|redisEnterprise/[^/]+/databases/[^/]+)",
    re.IGNORECASE,
)
"""What jobs that materialise can write to (azureml-featurestore 1.2.2, _redis_client_pool.py)."""


def redis(settings: AzureModel, findings: Findings) -> str | None:
    """The cache of online rows, which is there already."""
    given = settings.feature_store.redis_id if settings.feature_store is not None else None
    if given is not None and _REDIS.fullmatch(given) is None:
        findings.problem(
            "clouds.azure.feature_store.redis_id",
            given,
            "allowed: the id of a database of an Azure Managed Redis "
            "(.../Microsoft.Cache/redisEnterprise/<name>/databases/default), or of an Azure Cache "
            "for Redis (.../Microsoft.Cache/redis/<name>; it ends on 2028-09-30)",
        )
    return given


def features(
    scope: Scope, settings: AzureModel, groups: Mapping[str, FeatureGroupModel]
) -> tuple[AzureFeatures, ...]:
    """The groups that can be; a problem for each that cannot."""
    online = settings.feature_store is not None and settings.feature_store.redis_id is not None
    network = settings.network
    if groups and network is not None and network.isolation == "approved_outbound":
        scope.gap(
            f"{scope.at}.features",
            asked="a feature store that reaches what is approved",
            given="one in a managed network of its own that reaches the internet",
            reason="Azure ML's feature stores take no other managed network",
        )
    found = [_group(scope, name, group, online=online) for name, group in groups.items()]
    return tuple(one for one in found if one is not None)


def _group(
    scope: Scope, name: str, asked: FeatureGroupModel, *, online: bool
) -> AzureFeatures | None:
    at = f"{scope.at}.features.{name}"
    _keys(scope, asked, at)
    source = asked.source.azure if asked.source is not None else None
    if source is None:
        scope.findings.missing(f"{at}.source.azure", "where rows come from, as azureml://...")
        return None
    if not artifacts.SCHEMES["azure"].fullmatch(source):
        scope.findings.problem(f"{at}.source.azure", source, "allowed: azureml://...")
        return None
    if asked.online is not None:
        _online(scope, asked, at, online=online)
    kept = asked.offline or (asked.online is not None and online)
    if asked.schedule is not None and not kept:
        words = "allowed with a store to put rows into: offline, or online with a cache"
        scope.findings.problem(f"{at}.schedule", asked.schedule, words)
    if not {asked.record_id, asked.event_time} <= asked.columns.keys():
        return None  # it is on the list already
    return AzureFeatures(
        name=name,
        record_id=asked.record_id,
        event_time=asked.event_time,
        columns={column: _TYPES[kind] for column, kind in asked.columns.items()},
        source_uri=source,
        description=asked.description or "",
        online=asked.online is not None and online,
        offline=asked.offline,
        materialization=_materialization(scope, asked, at),
    )


def _keys(scope: Scope, asked: FeatureGroupModel, at: str) -> None:
    for key, column in (("record_id", asked.record_id), ("event_time", asked.event_time)):
        if column not in asked.columns:
            scope.findings.not_among(f"{at}.{key}", column, asked.columns, "columns")
    if asked.record_id == asked.event_time:
        words = "allowed: another column than record_id, which says whose row it is"
        scope.findings.problem(f"{at}.event_time", asked.event_time, words)
    folded: dict[str, str] = {}
    for column in asked.columns:
        twin = folded.setdefault(column.lower(), column)
        if twin != column:
            words = f"allowed on azure: one of both, as Spark takes it and {twin} for the same"
            scope.findings.problem(f"{at}.columns.{column}", column, words)
    if asked.columns.get(asked.event_time) not in ("timestamp", None):
        scope.findings.problem(
            f"{at}.columns.{asked.event_time}",
            asked.columns[asked.event_time],
            "allowed on azure: timestamp, as it is the event time",
        )


def _online(scope: Scope, asked: FeatureGroupModel, at: str, *, online: bool) -> None:
    assert asked.online is not None
    if not online:
        scope.gap(
            f"{at}.online",
            asked="an online store",
            given="the offline store" if asked.offline else "a group without a store of its own",
            reason="Azure ML keeps online rows in a Redis cache of yours: "
            "clouds.azure.feature_store.redis_id",
        )
    elif asked.online.ttl_s is not None:
        scope.gap(
            f"{at}.online.ttl_s",
            asked=f"rows that go after {asked.online.ttl_s} s",
            given="rows that stay",
            reason="Azure ML has no time to live for online rows",
        )


def _materialization(
    scope: Scope, asked: FeatureGroupModel, at: str
) -> AzureMaterialization | None:
    if asked.schedule is None:
        return None
    schedule = schedules.read(asked.schedule, f"{at}.schedule", scope.findings)
    if schedule is None:
        return None
    instance_type = asked.azure.instance_type if asked.azure is not None else "standard_e8s_v3"
    spark_size(instance_type, f"{at}.azure.instance_type", scope.findings)
    found = _recurrence(schedule, instance_type)
    if found is None:
        scope.findings.problem(
            f"{at}.schedule",
            asked.schedule,
            "allowed on azure: times of the day, on any or some weekdays",
        )
    return found


def _recurrence(schedule: Schedule, instance_type: str) -> AzureMaterialization | None:
    """The schedule as Azure ML's recurrence; ``None`` where it has none.

    A recurrence takes lists of hours and minutes and runs at each pair, as cron does.
    """
    if schedule.days is not None or schedule.months is not None:
        return None
    return AzureMaterialization(
        frequency="Day" if schedule.weekdays is None else "Week",
        hours=schedule.hours,
        minutes=schedule.minutes,
        week_days=tuple(_DAYS[day] for day in schedule.weekdays or ()),
        instance_type=instance_type,
    )
