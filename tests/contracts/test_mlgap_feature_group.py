"""What a live feature group can become, and what is refused with what to do instead."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mlplatform import contracts

TOKEN = "mlgap:aws:FeatureGroup"
GROUP: dict[str, Any] = {
    "featureGroupName": "ml-dev-customers",
    "recordIdentifierFeatureName": "customer_id",
    "eventTimeFeatureName": "event_time",
    "featureDefinitions": [
        {"featureName": "customer_id", "featureType": "String"},
        {"featureName": "event_time", "featureType": "String"},
        {"featureName": "balance", "featureType": "Fractional"},
    ],
    "onlineStoreConfig": {
        "enableOnlineStore": True,
        "ttlDuration": {"unit": "Days", "value": 30},
    },
    "offlineStoreConfig": {"s3StorageConfig": {"s3Uri": "s3://bucket/features"}},
    "roleArn": "arn:aws:iam::123456789012:role/ml-dev-features",
    "tags": {"Team": "ml"},
}


def changed(**properties: Any) -> dict[str, Any]:
    return {**copy.deepcopy(GROUP), **properties}


def kinds(new: dict[str, Any], old: dict[str, Any] = GROUP) -> dict[str, str]:
    return {c.path: c.kind for c in contracts.changes(TOKEN, old, new)}


def test_a_sound_group_has_no_problems() -> None:
    assert contracts.check(TOKEN, GROUP) == []


def test_a_new_feature_is_an_update_and_another_order_is_nothing() -> None:
    features = [*reversed(GROUP["featureDefinitions"])]
    assert kinds(changed(featureDefinitions=features)) == {}
    features.append({"featureName": "age", "featureType": "Integral"})
    assert kinds(changed(featureDefinitions=features)) == {"featureDefinitions[3]": "update"}


def test_removing_or_retyping_a_feature_is_refused_with_what_to_do() -> None:
    kept = GROUP["featureDefinitions"][:2]
    (removed,) = contracts.changes(TOKEN, GROUP, changed(featureDefinitions=kept))
    assert removed.kind == "refuse"
    assert "balance cannot be removed" in removed.reason
    assert "second group under another name" in removed.reason
    other = [*kept, {"featureName": "balance", "featureType": "Integral"}]
    (retyped,) = contracts.changes(TOKEN, GROUP, changed(featureDefinitions=other))
    assert (retyped.path, retyped.kind) == ("featureDefinitions[2]", "refuse")
    assert "is Fractional and cannot become Integral" in retyped.reason


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        ({"roleArn": "arn:aws:iam::123456789012:role/other"}, "roleArn"),
        ({"description": "new"}, "description"),
        ({"recordIdentifierFeatureName": "balance"}, "recordIdentifierFeatureName"),
        ({"onlineStoreConfig": None}, "onlineStoreConfig"),
        (
            {"offlineStoreConfig": {"s3StorageConfig": {"s3Uri": "s3://other/x"}}},
            "offlineStoreConfig.s3StorageConfig.s3Uri",
        ),
    ],
)
def test_what_would_replace_the_group_is_refused(properties: dict[str, Any], path: str) -> None:
    assert kinds(changed(**properties)) == {path: "refuse"}


def test_time_to_live_throughput_and_tags_change_in_place() -> None:
    online = {"enableOnlineStore": True, "ttlDuration": {"unit": "Days", "value": 7}}
    new = changed(
        onlineStoreConfig=online,
        throughputConfig={"throughputMode": "OnDemand"},
        tags={"Team": "x"},
    )
    assert set(kinds(new).values()) == {"update"}
    assert set(kinds(changed(onlineStoreConfig={"enableOnlineStore": True})).values()) == {"update"}


def test_storage_moves_from_standard_to_v2_only() -> None:
    path = "onlineStoreConfig.storageType"
    v2 = {**GROUP["onlineStoreConfig"], "storageType": "Standard_V2"}
    memory = {**GROUP["onlineStoreConfig"], "storageType": "InMemory"}
    plain = {**GROUP["onlineStoreConfig"], "storageType": "Standard"}
    assert kinds(changed(onlineStoreConfig=v2)) == {path: "update"}
    assert kinds(changed(onlineStoreConfig=memory)) == {path: "refuse"}
    assert kinds(changed(onlineStoreConfig=plain)) == {}


def test_another_name_is_another_group_with_whatever_features() -> None:
    new = changed(
        featureGroupName="ml-dev-customers2", featureDefinitions=GROUP["featureDefinitions"][:2]
    )
    assert kinds(new) == {"featureGroupName": "replace"}


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        ({"featureGroupName": "a b"}, "featureGroupName"),
        ({"eventTimeFeatureName": "when"}, "eventTimeFeatureName"),
        ({"tags": {"mlgap:urn": "x"}}, 'tags["mlgap:urn"]'),
        ({"offlineStoreConfig": None, "onlineStoreConfig": None}, "onlineStoreConfig"),
        (
            {"featureDefinitions": [{"featureName": "write_time", "featureType": "Strnig"}]},
            "featureDefinitions[0].featureType",
        ),
        (
            {
                "onlineStoreConfig": {
                    "enableOnlineStore": False,
                    "ttlDuration": {"unit": "Days", "value": 1},
                }
            },
            "onlineStoreConfig.ttlDuration",
        ),
        (
            {
                "offlineStoreConfig": {
                    "s3StorageConfig": {"s3Uri": "s3://b/x"},
                    "tableFormat": "Iceberg",
                    "disableGlueTableCreation": True,
                }
            },
            "offlineStoreConfig.disableGlueTableCreation",
        ),
    ],
)
def test_what_the_service_refuses_is_a_problem(properties: dict[str, Any], path: str) -> None:
    assert path in {p.path for p in contracts.check(TOKEN, changed(**properties))}
