"""Features, training and monitoring on AWS: what is planned, and what is refused."""

from __future__ import annotations

from typing import Any

from mlplatform import spec
from mlplatform.spec import AwsFeatureGroup, AwsThroughput, AwsWorkload
from tests.spec.stacks import ROOT, aws_only, changed, config, problems

DEV = aws_only(config(ROOT / "Pulumi.dev.yaml"))
CUSTOMERS: dict[str, Any] = {
    "record_id": "customer_id",
    "event_time": "event_time",
    "columns": {"customer_id": "string", "event_time": "timestamp", "Balance": "float"},
    "online": {},
}
AT = "workloads.bankchurn.features.customers"


def planned(given: dict[str, Any], name: str = "bankchurn") -> tuple[AwsWorkload, list[str]]:
    platform = spec.read(given, stack="dev", root=ROOT)
    assert platform.aws is not None
    (workload,) = [w for w in platform.aws.workloads if w.name == name]
    return workload, [gap.path for gap in platform.gaps]


def with_group(**changes: Any) -> dict[str, Any]:
    return changed(DEV, {AT: {**CUSTOMERS, **changes}})


def test_a_feature_group_has_feature_stores_types() -> None:
    workload, gaps = planned(with_group(description="who buys"))
    assert workload.features == (
        AwsFeatureGroup(
            name="customers",
            record_id="customer_id",
            event_time="event_time",
            columns={"customer_id": "String", "event_time": "String", "Balance": "Fractional"},
            description="who buys",
            online=True,
            ttl_s=None,
            storage="Standard",
            offline=True,
            table_format="Glue",
            throughput=None,
        ),
    )
    assert not [path for path in gaps if "features" in path]


def test_settings_of_aws_reach_the_plan() -> None:
    own = {
        "storage": "Standard_V2",
        "table_format": "Iceberg",
        "throughput": {"read_units": 4, "write_units": 2},
    }
    (group,) = planned(with_group(online={"ttl_s": 5}, aws=own))[0].features
    assert (group.ttl_s, group.storage, group.table_format) == (5, "Standard_V2", "Iceberg")
    assert group.throughput == AwsThroughput(read_units=4, write_units=2)


def test_what_feature_store_cannot_do_is_on_the_gap_list() -> None:
    columns = {**CUSTOMERS["columns"], "HasCrCard": "boolean", "Since": "timestamp"}
    _, gaps = planned(
        with_group(columns=columns, schedule="0 * * * *", source={"aws": "s3://bucket/rows.csv"})
    )
    found = {path.removeprefix("mlplatform:") for path in gaps if "features" in path}
    assert found == {
        f"{AT}.columns.HasCrCard",
        f"{AT}.columns.Since",
        f"{AT}.schedule",
        f"{AT}.source",
    }


def test_every_problem_of_a_group_is_told_at_once() -> None:
    found = problems(
        with_group(
            record_id="custmer_id",
            columns={"customer_id": "string", "event_time": "integer", "write_time": "string"},
            online=None,
            offline=False,
            aws={"storage": "InMemory", "throughput": {"read_units": 1, "write_units": 1}},
        )
    )
    assert set(found) == {
        f"{AT}.record_id",
        f"{AT}.columns.event_time",
        f"{AT}.columns.write_time",
        f"{AT}.offline",
        f"{AT}.aws.storage",
        f"{AT}.aws.throughput",
    }
    assert "customer_id" in found[f"{AT}.record_id"], "the nearest column is named"
