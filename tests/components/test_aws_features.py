from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.aws.features import (
    FeatureCatalogue,
    Features,
    FeaturesArgs,
    GroupArgs,
    OfflineArgs,
    OnlineArgs,
    ThroughputArgs,
)
from components.aws.place import Place
from tests.recorder import Inventory, run

PLACE = Place(account_id="123456789012", region="eu-west-1")
COLUMNS = {"id": "String", "at": "String", "age": "Integral"}
OFFLINE = OfflineArgs(uri="s3://ml-features/shop/", database="ml_test_features")


def group(**changes: Any) -> GroupArgs:
    facts: dict[str, Any] = {
        "group_name": "ml-test-shop-customers",
        "record_id": "id",
        "event_time": "at",
        "columns": COLUMNS,
        "online": OnlineArgs(ttl_s=60),
        "offline": OFFLINE,
    }
    return GroupArgs(**{**facts, **changes})


def features(**changes: Any) -> Inventory:
    def program() -> None:
        tables = FeatureCatalogue("tables", database="ml_test_features", tags={})
        args = FeaturesArgs(
            place=PLACE,
            role_name="ml-test-shop-features",
            key="alias/ml-test",
            groups={"customers": group(**changes)},
        )
        Features("shop", args, after=[tables])

    return run(program)


def test_both_stores_have_the_key_and_the_table_has_a_name_that_is_known_at_preview() -> None:
    inputs = features().one("mlgap:aws:FeatureGroup").inputs
    key = "arn:aws:kms:eu-west-1:123456789012:alias/ml-test"
    assert inputs["onlineStoreConfig"] == {
        "enableOnlineStore": True,
        "securityConfig": {"kmsKeyId": key},
        "storageType": "Standard",
        "ttlDuration": {"unit": "Seconds", "value": 60},
    }
    assert inputs["offlineStoreConfig"]["s3StorageConfig"]["kmsKeyId"] == key
    assert inputs["offlineStoreConfig"]["dataCatalogConfig"] == {
        "catalog": "AwsDataCatalog",
        "database": "ml_test_features",
        "tableName": "ml_test_shop_customers",
    }
    assert "throughputConfig" not in inputs, "paid by use unless it is asked otherwise"


def test_an_online_only_group_needs_no_role() -> None:
    made = features(offline=None, throughput=ThroughputArgs(read_units=5, write_units=2))
    assert sorted(made.children("shop")) == ["shop-customers"]
    inputs = made.one("mlgap:aws:FeatureGroup").inputs
    assert "roleArn" not in inputs
    assert inputs["throughputConfig"]["provisionedReadCapacityUnits"] == 5


def test_the_role_writes_below_its_folder_and_reads_no_other_table() -> None:
    policy = json.loads(features().one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])
    by_sid = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert by_sid["WriteHistory"]["Resource"] == ["arn:aws:s3:::ml-features/shop/*"]
    assert by_sid["LookAtBuckets"]["Resource"] == ["arn:aws:s3:::ml-features"]
    assert by_sid["KeepTables"]["Resource"][1:] == [
        "arn:aws:glue:eu-west-1:123456789012:database/ml_test_features",
        "arn:aws:glue:eu-west-1:123456789012:table/ml_test_features/*",
    ]
    assert all("*" not in statement["Action"] for statement in policy["Statement"])


def test_groups_wait_for_the_roles_policy_and_the_database() -> None:
    made = features().one("mlgap:aws:FeatureGroup")
    names = {urn.rsplit("::", 1)[-1] for urn in made.request.dependencies}
    assert {"shop-write", "tables"} <= names


def test_protection_reaches_the_groups_and_their_tables() -> None:
    def program() -> None:
        safe = pulumi.ResourceOptions(protect=True)
        FeatureCatalogue("tables", database="ml_test_features", tags={}, opts=safe)
        args = FeaturesArgs(
            place=PLACE,
            role_name="ml-test-shop-features",
            key="alias/ml-test",
            groups={"customers": group()},
        )
        Features("shop", args, opts=safe)

    made = run(program)
    for token in ("mlgap:aws:FeatureGroup", "aws:glue/catalogDatabase:CatalogDatabase"):
        assert made.one(token).request.protect


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"record_id": "nobody"}, "must be among the columns"),
        ({"online": None, "offline": None}, "need online, offline or both"),
    ],
)
def test_a_group_that_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        group(**changes)
