"""Rules for feature groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import allowed
from mlplatform.contracts.aws.rules.reading import given, inner, items, text
from mlplatform.contracts.problem import Problem

_SOURCE = "rule: SageMaker CreateFeatureGroup"
_RESERVED = frozenset({"is_deleted", "write_time", "api_invocation_time"})
_ONLINE = "botocore sagemaker OnlineStoreConfig"
_OFFLINE = "botocore sagemaker OfflineStoreConfig"
_TIME_TYPES = ("Fractional", "String")


def feature_group(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Names are unique and free; the two special features exist; some store keeps the records."""
    types: dict[str, str | None] = {}
    complete = True
    for path, definition in items(inputs, "featureDefinitions"):
        name = text(definition, "featureName")
        if name is None:
            complete = False
            continue
        if name in types or name in _RESERVED:
            yield Problem(
                path=f"{path}.featureName",
                got=name,
                message="allowed: a name that no other feature has, and none of "
                + ", ".join(sorted(_RESERVED)),
                source=f"{_SOURCE}, FeatureName",
            )
        types[name] = text(definition, "featureType")
    for prop in ("recordIdentifierFeatureName", "eventTimeFeatureName"):
        name = text(inputs, prop)
        if name is not None and types and complete and name not in types:
            message = allowed(types.keys(), name, noun="features")
            yield Problem(path=prop, got=name, message=message, source=_SOURCE)
    event_time = text(inputs, "eventTimeFeatureName")
    kind = types.get(event_time or "")
    if kind is not None and kind not in _TIME_TYPES:
        yield Problem(
            path="eventTimeFeatureName",
            got=event_time,
            message=f"allowed: a feature of type {' or '.join(_TIME_TYPES)}, not {kind}",
            source=f"{_SOURCE}, EventTimeFeatureName",
        )
    if not given(inputs, "onlineStoreConfig") and not given(inputs, "offlineStoreConfig"):
        yield Problem(
            path="onlineStoreConfig",
            got=None,
            message="missing; allowed: onlineStoreConfig, offlineStoreConfig or both",
            source=_SOURCE,
        )


def stores(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the online and the offline store can hold together."""
    online, offline = inner(inputs, "onlineStoreConfig"), inner(inputs, "offlineStoreConfig")
    kind = text(online, "storageType")
    if kind == "InMemory" and given(inner(inputs, "throughputConfig"), "throughputMode"):
        yield Problem(
            path="throughputConfig",
            got=inner(inputs, "throughputConfig").get("throughputMode"),
            message="allowed: nothing, as an InMemory online store has no throughput mode",
            source="rule: Feature Store guide, Throughput modes",
        )
    if online.get("enableOnlineStore") is False and given(online, "ttlDuration"):
        yield Problem(
            path="onlineStoreConfig.ttlDuration",
            got=online.get("ttlDuration"),
            message="allowed: nothing, as only an online store forgets records",
            source=f"{_ONLINE}, TtlDuration",
        )
    if (
        text(offline, "tableFormat") == "Iceberg"
        and offline.get("disableGlueTableCreation") is True
    ):
        yield Problem(
            path="offlineStoreConfig.disableGlueTableCreation",
            got=True,
            message="allowed: false with tableFormat Iceberg",
            source=f"{_OFFLINE}, DisableGlueTableCreation",
        )
    if offline and "roleArn" in inputs and inputs["roleArn"] in (None, ""):
        yield Problem(
            path="roleArn",
            got=None,
            message="missing; allowed: the role that writes the offline store",
            source=f"{_SOURCE}, RoleArn",
        )
