"""The online store of the local AWS, through boto3's own client of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cloud_aws_process import LocalAws


def put(runtime: Any, **values: str) -> None:
    runtime.put_record(
        FeatureGroupName="g",
        Record=[{"FeatureName": name, "ValueAsString": text} for name, text in values.items()],
    )


def got(runtime: Any, identifier: str, *names: str) -> dict[str, str]:
    more = {"FeatureNames": list(names)} if names else {}
    found = runtime.get_record(
        FeatureGroupName="g", RecordIdentifierValueAsString=identifier, **more
    )
    return {one["FeatureName"]: one["ValueAsString"] for one in found.get("Record", [])}


def test_the_newest_record_of_each_id_is_kept_and_survives_a_kill(tmp_path: Path) -> None:
    with LocalAws(tmp_path, delay_s=0.0) as local:
        local.client("sagemaker").create_feature_group(
            FeatureGroupName="g",
            RecordIdentifierFeatureName="id",
            EventTimeFeatureName="at",
            FeatureDefinitions=[
                {"FeatureName": name, "FeatureType": "String"} for name in ("id", "at", "age")
            ],
            OnlineStoreConfig={"EnableOnlineStore": True},
        )
        runtime = local.client("sagemaker-featurestore-runtime")
        put(runtime, id="a", at="2026-01-02", age="40")
        put(runtime, id="a", at="2026-01-01", age="39")
        put(runtime, id="b/c d", at="2026-01-01", age="7")
        local.kill()
        local.start()
        runtime = local.client("sagemaker-featurestore-runtime")
        assert got(runtime, "a") == {"id": "a", "at": "2026-01-02", "age": "40"}
        assert got(runtime, "b/c d", "age") == {"age": "7"}
        batch = runtime.batch_get_record(
            Identifiers=[{"FeatureGroupName": "g", "RecordIdentifiersValueAsString": ["a", "none"]}]
        )
        assert [one["RecordIdentifierValueAsString"] for one in batch["Records"]] == ["a"]
        runtime.delete_record(
            FeatureGroupName="g", RecordIdentifierValueAsString="a", EventTime="2026-01-03"
        )
        assert got(runtime, "a") == {}
        with pytest.raises(ClientError, match="is not in the FeatureGroup"):
            put(runtime, id="a", at="2026-01-02", height="2")
        with pytest.raises(ClientError, match=r"must have the feature \[at\]"):
            put(runtime, id="a", age="1")
        with pytest.raises(ClientError, match="can't find a FeatureGroup"):
            runtime.get_record(FeatureGroupName="x", RecordIdentifierValueAsString="a")
