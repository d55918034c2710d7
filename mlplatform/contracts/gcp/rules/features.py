"""Vertex AI Feature Store: ids, where features come from, and how an online store scales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.grammar import PROJECT, Grammar, check_all
from mlplatform.contracts.gcp.scalars import as_number
from mlplatform.contracts.problem import Problem

FEATURE_ID = Grammar(
    pattern=r"[a-z_][a-z0-9_]{0,127}",
    words="up to 128 lower-case letters, digits and _, first no digit",
    source="aiplatform featureGroups.create featureGroupId",
)
STORE_ID = Grammar(
    pattern=r"[a-z_][a-z0-9_]{0,59}",
    words="up to 60 lower-case letters, digits and _, first no digit",
    source="aiplatform featureOnlineStores.create featureOnlineStoreId",
)
_TABLE = Grammar(
    pattern=r"bq://[^.\s/]+\.[^.\s]+\.[^.\s]+",
    words="bq://PROJECT.DATASET.TABLE",
    source="aiplatform BigQuerySource.inputUri",
)
_CRON = Grammar(
    pattern=r"(?:(?:CRON_)?TZ=\S+ )?\S+(?: \S+){4}",
    words='five fields such as "0 * * * *", after CRON_TZ=ZONE if wanted',
    source="aiplatform FeatureView.SyncConfig.cron",
)
_CPU = (10, 80)
_MOST_TIMES = 10


def group(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A feature group and the table behind it."""
    yield from check_all(inputs, {"name": FEATURE_ID, "project": PROJECT})
    path = ("bigQuery", "bigQuerySource", "inputUri")
    yield from _TABLE.check(".".join(path), _at(inputs, *path))


def feature(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A feature of a group."""
    yield from check_all(
        inputs, {"name": FEATURE_ID, "featureGroup": FEATURE_ID, "project": PROJECT}
    )


def store(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An online store: one kind of storage, and Bigtable's bounds."""
    yield from check_all(inputs, {"name": STORE_ID, "project": PROJECT})
    kinds = [kind for kind in ("bigtable", "optimized") if inputs.get(kind) is not None]
    if len(kinds) != 1:
        got = " and ".join(kinds) or None
        message = "allowed: exactly one of bigtable and optimized"
        yield Problem(path="bigtable", got=got, message=message, source="aiplatform storage_type")
    at = "bigtable.autoScaling"
    scaling = _at(inputs, "bigtable", "autoScaling")
    low = as_number(_at(scaling, "minNodeCount"))
    high = as_number(_at(scaling, "maxNodeCount"))
    if low is not None and high is not None and not low <= high <= _MOST_TIMES * low:
        message = f"allowed: minNodeCount to {_MOST_TIMES} times that, {low} to {_MOST_TIMES * low}"
        source = "aiplatform Bigtable.AutoScaling.maxNodeCount"
        yield Problem(path=f"{at}.maxNodeCount", got=high, message=message, source=source)
    cpu = as_number(_at(scaling, "cpuUtilizationTarget"))
    if cpu is not None and not _CPU[0] <= cpu <= _CPU[1]:
        message = f"allowed: {_CPU[0]} to {_CPU[1]} percent"
        source = "aiplatform Bigtable.AutoScaling.cpuUtilizationTarget"
        yield Problem(path=f"{at}.cpuUtilizationTarget", got=cpu, message=message, source=source)


def view(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A feature view: one source, and when it is synchronised."""
    yield from check_all(
        inputs, {"name": STORE_ID, "featureOnlineStore": STORE_ID, "project": PROJECT}
    )
    given = [
        name for name in ("bigQuerySource", "featureRegistrySource") if inputs.get(name) is not None
    ]
    if len(given) != 1:
        message = "allowed: exactly one of bigQuerySource and featureRegistrySource"
        got = " and ".join(given) or None
        source = "aiplatform FeatureView.source"
        yield Problem(path="featureRegistrySource", got=got, message=message, source=source)
    cron, continuous = (_at(inputs, "syncConfig", name) for name in ("cron", "continuous"))
    if cron and continuous is True:
        message = "allowed: a cron or continuous, not both"
        source = "aiplatform FeatureView.SyncConfig"
        yield Problem(path="syncConfig.cron", got=cron, message=message, source=source)
    yield from _CRON.check("syncConfig.cron", cron)


def _at(value: Any, *steps: str) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
