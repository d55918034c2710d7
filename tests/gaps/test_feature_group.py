"""The feature group resource against the sandbox's local AWS, read back with boto3."""

from __future__ import annotations

import copy
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlplatform.gaps.plugin.aws.cloud import AwsCloud
from mlplatform.gaps.plugin.aws.feature_group import FeatureGroup
from mlplatform.provider.model import Context, NotFound, Partial, ProviderError
from tests.contracts.test_mlgap_feature_group import GROUP
from tests.sandbox.cloud_aws_process import TRUST, LocalAws

NAME = "ml-dev-customers"
ARN = f"arn:aws:sagemaker:us-east-1:123456789012:feature-group/{NAME}"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with (
        LocalAws(tmp_path_factory.mktemp("aws"), delay_s=0.2) as local,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in local.address["environ"].items():
            patch.setenv(name, value)
        local.client("s3").create_bucket(Bucket="bucket")
        local.client("glue").create_database(DatabaseInput={"Name": "ml_dev_features"})
        local.client("iam").create_role(RoleName="ml-dev-features", AssumeRolePolicyDocument=TRUST)
        yield local


def group() -> FeatureGroup:
    return FeatureGroup(AwsCloud({"region": "us-east-1", "account_id": "123456789012"}))


def context(name: str = "customers") -> Context:
    urn = f"urn:pulumi:dev::ml::mlgap:aws:FeatureGroup::{name}"
    return Context(urn=urn, token="mlgap:aws:FeatureGroup", name=name, timeout_s=60)


def inputs(**properties: Any) -> dict[str, Any]:
    offline = {
        "s3StorageConfig": {"s3Uri": "s3://bucket/features"},
        "dataCatalogConfig": {
            "catalog": "AwsDataCatalog",
            "database": "ml_dev_features",
            "tableName": "customers",
        },
    }
    return {**copy.deepcopy(GROUP), "offlineStoreConfig": offline, **properties}


def fault(aws: LocalAws, operation: str, kind: str) -> None:
    body = json.dumps({"operation": operation, "kind": kind, "times": 1}).encode()
    request = urllib.request.Request(f"{aws.url}/_sandbox/faults", data=body, method="POST")
    urllib.request.urlopen(request).close()


def live(aws: LocalAws) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("sagemaker").describe_feature_group(FeatureGroupName=NAME)
    return found


def columns(aws: LocalAws) -> list[str]:
    table = aws.client("glue").get_table(DatabaseName="ml_dev_features", Name="customers")["Table"]
    return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]


@pytest.fixture(scope="module")
def made(aws: LocalAws) -> dict[str, Any]:
    """The first state; the role was created a moment ago, so the create has to wait for it."""
    del aws
    id_, state = group().create(context(), inputs())
    assert (id_, state["arn"]) == (NAME, ARN)
    return state


def test_what_was_declared_is_there_with_its_glue_table(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    del made
    found = live(aws)
    assert found["FeatureGroupStatus"] == "Created"
    assert found["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Days", "Value": 30}
    assert found["OfflineStoreConfig"]["DataCatalogConfig"]["TableName"] == "customers"
    assert found["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"].startswith(
        "s3://bucket/features/123456789012/sagemaker/us-east-1/offline-store/"
    )
    assert {"customer_id", "balance", "write_time", "is_deleted"} <= set(columns(aws))
    id_, seen, now = group().read(context(), NAME, inputs(), {})
    assert (id_, seen, now) == (NAME, inputs(), {**inputs(), "arn": ARN})


def test_growth_ttl_and_tags_are_updates_of_the_same_group(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    created = live(aws)["CreationTime"]
    features = [
        *GROUP["featureDefinitions"],
        *({"featureName": f"f{i}", "featureType": "Integral"} for i in range(120)),
    ]
    online = {"enableOnlineStore": True}
    new = inputs(featureDefinitions=features, onlineStoreConfig=online, tags={"Team": "other"})
    group().update(context(), NAME, inputs(), made, new)
    found = live(aws)
    assert found["CreationTime"] == created
    assert len(found["FeatureDefinitions"]) == 123, "in two calls: one takes a hundred"
    assert "TtlDuration" not in found["OnlineStoreConfig"]
    assert "f119" in columns(aws)
    tags = aws.client("sagemaker").list_tags(ResourceArn=ARN)["Tags"]
    assert {"Key": "Team", "Value": "other"} in tags
    back = inputs(featureDefinitions=features)
    group().update(context(), NAME, new, {}, back)
    assert live(aws)["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Days", "Value": 30}


def test_an_update_that_fails_keeps_what_is_there_and_heals(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    there = group().read(context(), NAME, inputs(), {})[1]["featureDefinitions"]
    features = [*there, {"featureName": "late", "featureType": "String"}]
    new = inputs(featureDefinitions=features)
    fault(aws, "UpdateFeatureGroup", "rollback")
    with pytest.raises(Partial, match="is Failed: The update failed") as failed:
        group().update(context(), NAME, inputs(), made, new)
    assert "late" not in str(failed.value.state)
    # Taking the new feature back is no removal: the group never had it.
    diff = group().diff(
        context(), NAME, new, failed.value.state, {**new, "featureDefinitions": there}
    )
    assert diff.changes == ()
    group().update(context(), NAME, inputs(), failed.value.state, new)
    assert live(aws)["FeatureDefinitions"][-1]["FeatureName"] == "late"


def test_removal_is_refused_in_the_diff_and_nothing_is_called(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    del aws
    new = inputs(featureDefinitions=GROUP["featureDefinitions"][:2])
    with pytest.raises(ProviderError, match="balance cannot be removed from a live group"):
        group().diff(context(), NAME, inputs(), made, new)


def test_a_strangers_group_is_not_taken_and_an_interrupted_create_goes_on(
    aws: LocalAws, made: dict[str, Any]
) -> None:
    with pytest.raises(ProviderError, match="this stack did not make it"):
        group().create(context("other"), inputs())
    group().create(context(), inputs())
    assert live(aws)["FeatureGroupStatus"] == "Created"
    del made


def test_a_failed_creation_is_told_and_made_anew(aws: LocalAws, made: dict[str, Any]) -> None:
    del made
    second = inputs(featureGroupName="second")
    fault(aws, "CreateFeatureGroup", "fail_create")
    with pytest.raises(Partial, match="is CreateFailed: The offline store"):
        group().create(context("second"), second)
    group().update(context("second"), "second", second, second, second)
    found = aws.client("sagemaker").describe_feature_group(FeatureGroupName="second")
    assert found["FeatureGroupStatus"] == "Created"
    group().delete(context("second"), "second", second, {})


def test_a_deleted_group_is_gone_and_leaves_its_table(aws: LocalAws, made: dict[str, Any]) -> None:
    del made
    group().delete(context(), NAME, inputs(), {})
    with pytest.raises(NotFound):
        group().read(context(), NAME, inputs(), {})
    sagemaker = aws.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        live(aws)
    assert "balance" in columns(aws)
    assert sagemaker.list_feature_groups()["FeatureGroupSummaries"] == []


def test_a_killed_cloud_comes_back_with_its_groups(tmp_path: Path) -> None:
    with LocalAws(tmp_path, delay_s=0.0) as local:
        sagemaker = local.client("sagemaker")
        sagemaker.create_feature_group(
            FeatureGroupName="g",
            RecordIdentifierFeatureName="id",
            EventTimeFeatureName="at",
            FeatureDefinitions=[
                {"FeatureName": name, "FeatureType": "String"} for name in ("id", "at")
            ],
            OnlineStoreConfig={"EnableOnlineStore": True},
            Tags=[{"Key": "a", "Value": "b"}],
        )
        before = sagemaker.describe_feature_group(FeatureGroupName="g")
        local.kill()
        local.start()
        after = local.client("sagemaker").describe_feature_group(FeatureGroupName="g")
        assert {k: v for k, v in after.items() if k != "ResponseMetadata"} == {
            k: v for k, v in before.items() if k != "ResponseMetadata"
        }


def test_an_imported_group_needs_no_change_to_be_what_it_is(aws: LocalAws) -> None:
    third = inputs(featureGroupName="third")
    group().create(context("third"), third)
    _, seen, now = group().read(context("third"), "third", {}, {})
    assert group().check(context("third"), seen, None)[1] == []
    assert group().diff(context("third"), "third", seen, now, seen).changes == ()
    assert seen["offlineStoreConfig"]["dataCatalogConfig"]["tableName"] == "customers"
    group().delete(context("third"), "third", seen, now)
    del aws
