from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pytest

from components.aws.keys import Keys, KeysArgs, key_policy
from components.aws.place import Place
from components.aws.storage import Storage, StorageArgs, lifecycle_rules
from tests.recorder import Inventory, run

PLACE = Place(account_id="123456789012", region="eu-west-1")


def storage() -> Inventory:
    def program() -> None:
        made = Storage(
            "artifacts",
            StorageArgs(place=PLACE, bucket="ml-test-artifacts", key_arn="arn:key"),
            opts=pulumi.ResourceOptions(protect=True),
        )
        made.upload("fraud", Path(__file__), "fraud/abc/model.tar.gz")

    return run(program)


def test_the_bucket_has_every_guard() -> None:
    assert sorted(storage().children("artifacts")) == [
        "artifacts",
        "artifacts-encryption",
        "artifacts-fraud",
        "artifacts-lifecycle",
        "artifacts-ownership",
        "artifacts-private",
        "artifacts-tls",
        "artifacts-versioning",
    ]


def test_requests_without_tls_are_denied_for_bucket_and_objects() -> None:
    policy = json.loads(storage().one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])
    (statement,) = policy["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Resource"] == [
        "arn:aws:s3:::ml-test-artifacts",
        "arn:aws:s3:::ml-test-artifacts/*",
    ]


def test_objects_wait_for_versioning_and_encryption() -> None:
    upload = storage().one("aws:s3/bucketObjectv2:BucketObjectv2")
    names = {urn.rsplit("::", 1)[-1] for urn in upload.request.dependencies}
    assert {"artifacts-versioning", "artifacts-encryption"} <= names


def test_protection_reaches_every_child_but_what_was_uploaded() -> None:
    open_ = {r.type for r in storage().resources if not r.request.protect}
    assert open_ == {"aws:s3/bucketObjectv2:BucketObjectv2"}, "a new model takes over"


def test_the_key_rotates_and_is_known_by_its_alias() -> None:
    made: list[Keys] = []
    inventory = run(
        lambda: made.append(Keys("ml-test-models", KeysArgs(place=PLACE, description="d")))
    )
    assert inventory.one("aws:kms/key:Key").inputs["enableKeyRotation"] is True
    assert made[0].use_arn == "arn:aws:kms:eu-west-1:123456789012:alias/ml-test-models"


def test_the_account_keeps_the_right_to_manage_the_key() -> None:
    (statement,) = key_policy(PLACE)["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}


def test_a_deletion_window_outside_7_to_30_days_is_refused() -> None:
    with pytest.raises(ValueError, match="7 to 30"):
        KeysArgs(place=PLACE, description="d", deletion_window_days=5)


def test_an_existing_key_is_used_and_none_is_made() -> None:
    arn = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    made: list[Keys] = []

    def program() -> None:
        for name, existing in (("by-arn", arn), ("by-alias", "alias/theirs")):
            made.append(Keys(name, KeysArgs(place=PLACE, description="d", existing=existing)))

    inventory = run(program)
    assert {r.type for r in inventory.resources} == {"mlplatform:aws:Keys"}
    assert (made[0].reference, made[0].use_arn, made[0].key_arn) == (arn, arn, arn)
    assert made[1].use_arn == "arn:aws:kms:eu-west-1:123456789012:alias/theirs"


def test_logs_of_this_account_only_may_be_encrypted_with_the_data_key() -> None:
    _, logs = key_policy(PLACE, for_logs=True)["Statement"]
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert logs["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:123456789012:log-group:*"
    }


def test_what_expires_is_deleted_and_the_rest_is_only_tidied() -> None:
    tidy, expiry = lifecycle_rules({"fraud/captured/": 30})
    assert (tidy.expiration, tidy.filter.prefix) == (None, "")  # type: ignore[union-attr]
    assert (expiry.id, expiry.expiration.days) == ("expire-fraud-captured", 30)  # type: ignore[union-attr]
