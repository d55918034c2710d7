"""Features, training and monitoring on Google Cloud: what is planned, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from mlplatform.spec import (
    GcpAlerts,
    GcpFeature,
    GcpFeatureGroup,
    GcpOnlineStore,
    GcpPlan,
    GcpRange,
    GcpThresholds,
    GcpTraining,
)
from tests.spec.stacks import ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
DEV["clouds"] = {"gcp": DEV["clouds"]["gcp"]}
CUSTOMERS: dict[str, Any] = {
    "record_id": "customer_id",
    "event_time": "event_time",
    "columns": {"customer_id": "string", "event_time": "timestamp", "Balance": "float"},
    "online": {},
    "schedule": "0 * * * *",
}
AT = "workloads.bankchurn.features.customers"
TPU = {"type": "v5p-512", "zone": "us-east5-a"}


def planned(given: dict[str, Any]) -> tuple[GcpPlan, list[str]]:
    platform = spec.read(given, stack="dev", root=ROOT)
    assert platform.gcp is not None
    return platform.gcp, [gap.path for gap in platform.gaps]


def with_group(**changes: Any) -> dict[str, Any]:
    return changed(DEV, {AT: {**CUSTOMERS, **changes}})


def test_a_feature_group_is_a_table_with_a_feature_for_each_column_of_data() -> None:
    plan, gaps = planned(with_group(description="who buys"))
    (workload,) = [w for w in plan.workloads if w.name == "bankchurn"]
    assert workload.features == (
        GcpFeatureGroup(
            name="customers",
            record_id="customer_id",
            event_time="event_time",
            columns={"customer_id": "STRING", "event_time": "TIMESTAMP", "Balance": "FLOAT"},
            features=(GcpFeature(feature_id="balance", column="Balance"),),
            description="who buys",
            online=True,
            sync_cron="0 * * * *",
            source=None,
        ),
    )
    assert plan.online_store == GcpOnlineStore(
        optimized=False, min_nodes=1, max_nodes=3, cpu_percent=60
    )
    assert not [path for path in gaps if "features" in path]


def test_without_an_online_group_there_is_no_store_to_pay() -> None:
    assert planned(with_group(online=None, schedule=None))[0].online_store is None


def test_what_vertex_cannot_do_is_on_the_gap_list() -> None:
    _, gaps = planned(with_group(online={"ttl_s": 5}, offline=False))
    assert {path.removeprefix("mlplatform:") for path in gaps if "features" in path} == {
        f"{AT}.online.ttl_s",
        f"{AT}.offline",
    }


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"record_id": "customer"}, f"{AT}.record_id", "nearest: customer_id"),
        (
            {"columns": {"customer_id": "string", "event_time": "string"}},
            f"{AT}.columns.event_time",
            "timestamp",
        ),
        (
            {"columns": {**CUSTOMERS["columns"], "balance": "float"}},
            f"{AT}.columns.balance",
            "takes it for Balance",
        ),
        (
            {"columns": {**CUSTOMERS["columns"], "feature_timestamp": "timestamp"}},
            f"{AT}.columns.feature_timestamp",
            "event_time: feature_timestamp",
        ),
        ({"schedule": "every hour"}, f"{AT}.schedule", "five"),
        ({"source": {"gcp": "gs://b/rows"}}, f"{AT}.source.gcp", "bq://PROJECT"),
    ],
)
def test_a_group_that_cannot_be_is_refused(change: dict[str, Any], path: str, words: str) -> None:
    assert words in problems(with_group(**change))[path]


@pytest.mark.parametrize(
    ("store", "path", "words"),
    [
        ({"min_nodes": 1, "max_nodes": 11}, "max_nodes", "1 to 10"),
        ({"storage": "optimized", "cpu_percent": 50}, "cpu_percent", "bigtable only"),
    ],
)
def test_a_store_that_cannot_be_is_refused(store: dict[str, Any], path: str, words: str) -> None:
    given = changed(with_group(), {"clouds.gcp.feature_store": store})
    assert words in problems(given)[f"clouds.gcp.feature_store.{path}"]


MONITORING: dict[str, Any] = {
    "baseline": "models/bankchurn/customers.csv",
    "label": "Exited",
    "skew": {"schedule": "0 * * * *", "thresholds": {"Age": 0.3, "Balance": 0.3}},
}


def with_monitoring(**changes: Any) -> dict[str, Any]:
    return changed(DEV, {"workloads.bankchurn.monitoring": {**MONITORING, **changes}})


def test_monitoring_samples_keeps_and_compares_as_the_reference_says() -> None:
    plan, gaps = planned(with_monitoring())
    (found,) = [w.monitoring for w in plan.workloads if w.name == "bankchurn"]
    assert found is not None
    assert (found.interval_s, found.sampling_rate, found.log_retention_days) == (3600, 0.8, 90)
    assert found.skew == GcpThresholds(columns={"Age": 0.3, "Balance": 0.3}, default=None)
    assert found.drift is None
    assert found.baseline is not None
    assert str(found.baseline.object_key).startswith("bankchurn/monitoring/")
    assert not [path for path in gaps if "monitoring" in path]


def alerted(**changes: Any) -> GcpAlerts | None:
    plan, _ = planned(with_monitoring(**changes))
    (found,) = [w.alerts for w in plan.workloads if w.name == "bankchurn"]
    return found


def test_whoever_is_mailed_and_every_channel_that_is_named_is_told() -> None:
    channel = "projects/ml-dev/notificationChannels/7"
    on = {"notification_channels": [channel], "alerts": {"error_percent": 5, "latency_ms": 500}}
    assert alerted(alert_emails=["a@example.com"], gcp=on) == GcpAlerts(
        emails=("a@example.com",), channels=(channel,), error_percent=5, latency_ms=500
    )
    assert alerted() is None, "nobody is to be told"


def test_an_endpoint_has_alerts_without_any_monitor() -> None:
    gcp = {"alerts": {"latency_ms": 500}}
    monitoring = {"alert_emails": ["a@example.com"], "gcp": gcp}
    plan, _ = planned(changed(DEV, {"workloads.bankchurn.monitoring": monitoring}))
    (found,) = [w for w in plan.workloads if w.name == "bankchurn"]
    assert found.monitoring is None
    assert found.alerts is not None
    assert found.alerts.latency_ms == 500


def test_a_monitor_without_thresholds_has_vertex_s_own_for_every_column() -> None:
    plan, _ = planned(with_monitoring(skew={"schedule": "0 * * * *"}))
    (found,) = [w.monitoring for w in plan.workloads if w.name == "bankchurn"]
    assert found is not None
    assert found.skew == GcpThresholds(columns={}, default=0.3)


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"drift": {"schedule": "0 6 * * *"}}, {"drift.schedule"}),
        ({"skew": {"schedule": "*/30 * * * *"}}, {"skew.schedule"}),
        ({"data_quality": {"schedule": "0 * * * *"}}, {"data_quality"}),
        (
            {"bias": {"schedule": "0 * * * *", "facet": "Gender", "facet_values": ["Female"]}},
            {"bias"},
        ),
    ],
)
def test_what_a_monitoring_job_cannot_do_is_on_the_gap_list(
    change: dict[str, Any], paths: set[str]
) -> None:
    _, gaps = planned(with_monitoring(**change))
    at = "workloads.bankchurn.monitoring."
    found = {path.removeprefix("mlplatform:") for path in gaps if "monitoring" in path}
    assert found == {f"{at}{path}" for path in paths}


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"baseline": None}, "baseline", "training data"),
        ({"baseline": "models/bankchurn/code"}, "baseline", "a CSV file"),
        ({"label": "Exitd"}, "label", "nearest: Exited"),
        (
            {"skew": {"schedule": "0 * * * *", "thresholds": {"Agee": 0.3}}},
            "skew.thresholds.Agee",
            "nearest: Age",
        ),
        ({"gcp": {"alerts": {"latency_ms": 500}}}, "alert_emails", "who is told"),
        ({"alert_emails": ["a@example.com"] * 2}, "alert_emails", "each one once"),
        (
            {"gcp": {"notification_channels": ["team-chat"]}},
            "gcp.notification_channels[0]",
            "projects/<p>/notificationChannels/<number>",
        ),
    ],
)
def test_monitoring_that_cannot_be_is_refused(
    change: dict[str, Any], path: str, words: str
) -> None:
    assert words in problems(with_monitoring(**change))[f"workloads.bankchurn.monitoring.{path}"]


V100: dict[str, Any] = {
    "accelerator": {"want": "V100", "or": "T4"},
    "max_nodes": 4,
    "spot": True,
    "code": "models/resnet50/code",
    "entry_point": "train.py",
    "hyperparameters": {"epochs": 3, "amp": True},
}


def trained(**changes: Any) -> tuple[GcpTraining, list[str]]:
    given = changed(DEV, {"workloads.resnet50.training": {**V100, **changes}})
    plan, gaps = planned(given)
    (found,) = [w.training for w in plan.workloads if w.name == "resnet50"]
    assert found is not None
    return found, [p.rpartition(".training.")[2] for p in gaps if ".training." in p]


def refused(**changes: Any) -> dict[str, str]:
    found = problems(changed(DEV, {"workloads.resnet50.training": {**V100, **changes}}))
    return {path.removeprefix("workloads.resnet50.training."): line for path, line in found.items()}


def test_training_has_the_machine_and_image_of_the_reference() -> None:
    found, gaps = trained()
    assert (found.machine_type, found.accelerator_type, found.accelerator_count) == (
        "n1-standard-8",
        "NVIDIA_TESLA_V100",
        1,
    )
    assert found.image_uri.endswith("vertex-ai/training/pytorch-gpu.2-0.py310:latest")
    assert found.spot
    assert found.hyperparameters == {"epochs": "3", "amp": "true"}
    assert gaps == []


def test_a_pool_keeps_machines_that_are_no_spot_ones() -> None:
    found, gaps = trained(gcp={"pool": {}}, idle_before_scale_down_s=300)
    assert (found.pool_min_nodes, found.max_nodes, found.spot) == (1, 4, False)
    assert sorted(gaps) == ["idle_before_scale_down_s", "spot"]


def test_a_schedule_of_runs_is_a_gap() -> None:
    assert trained(schedule="0 3 * * 1")[1] == ["schedule"]


def test_a_search_has_its_ranges() -> None:
    parameters = {
        "lr": {"min": 0.001, "max": 0.1, "scale": "log"},
        "depth": {"min": 2.0, "max": 8.0, "integer": True},
        "optimizer": {"values": ["sgd", "adam"]},
    }
    found, _ = trained(tuning={"metric": "accuracy", "max_runs": 8, "parameters": parameters})
    assert found.tuning is not None
    assert found.tuning.parameters == {
        "lr": GcpRange(low=0.001, high=0.1, log=True),
        "depth": GcpRange(low=2, high=8, integer=True),
        "optimizer": GcpRange(values=("sgd", "adam")),
    }


def test_what_a_run_leaves_is_registered_with_the_image_that_serves_it() -> None:
    found, _ = trained(run=True, gcp={"register_model": True})
    assert found.serving_image_uri is not None
    assert "/prediction/pytorch-gpu.2-0" in found.serving_image_uri
    assert trained(run=True)[0].serving_image_uri is None


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"gcp": {"register_model": True}}, "gcp.register_model", "training.run: true only"),
        (
            {
                "run": True,
                "tuning": {
                    "metric": "a",
                    "max_runs": 2,
                    "parameters": {"lr": {"min": 1, "max": 2}},
                },
                "gcp": {"register_model": True},
            },
            "gcp.register_model",
            "without training.tuning",
        ),
        ({"accelerator": "K80"}, "accelerator", "retired"),
        ({"accelerators_per_node": 3}, "accelerators_per_node", "no machine"),
        ({"gcp": {"machine_type": "n1-standard-16"}}, "gcp.machine_type", "V100 x 2, 4, 8"),
        ({"gcp": {"machine_type": "n1-standard-9"}}, "gcp.machine_type", "nearest"),
        ({"gcp": {"nodes": 5}}, "gcp.nodes", "max_nodes, 4"),
        ({"gcp": {"pool": {"min_nodes": 4}}}, "gcp.pool.min_nodes", "below max_nodes"),
        (
            {"gcp": {"tpus": {"try": {"type": "v5e-4", "zone": "us-central1-a"}}}},
            "gcp.tpus.try.type",
            "nearest",
        ),
        (
            {"gcp": {"tpus": {"try": {"type": "v2-8", "zone": "us-west4-a"}}}},
            "gcp.tpus.try.zone",
            "allowed",
        ),
        (
            {"gcp": {"tpus": {"try": {**TPU, "topology": "4x4x4"}}}},
            "gcp.tpus.try.topology",
            "4x8x8",
        ),
        (
            {"gcp": {"tpus": {"try": {**TPU, "topology": "4x8x8", "queued": True}}}},
            "gcp.tpus.try.topology",
            "without `queued`",
        ),
        (
            {"gcp": {"tpus": {"try": {**TPU, "runtime_version": "v2-alpha-tpuv6e"}}}},
            "gcp.tpus.try.runtime_version",
            "v2-alpha-tpuv5",
        ),
        ({"entry_point": "trian.py"}, "entry_point", "no such file"),
        ({"entry_point": None}, "entry_point", "the file"),
    ],
)
def test_training_that_cannot_be_is_refused(change: dict[str, Any], path: str, words: str) -> None:
    assert words in refused(**change)[path]


@pytest.mark.parametrize(
    ("network", "zone", "words"),
    [
        (None, "us-west4-a", None),
        ({"cidr": "10.40.0.0/20"}, "us-central1-a", None),
        ({"cidr": "10.40.0.0/20"}, "us-west4-a", "us-west4-a is in us-west4"),
        ({"id": "projects/ml-dev/global/networks/shared"}, "us-central1-a", "not by its subnets"),
    ],
)
def test_a_tpu_that_is_not_in_the_stack_s_network_is_a_gap(
    network: dict[str, Any] | None, zone: str, words: str | None
) -> None:
    tpus = {"try": {"type": "v5litepod-4", "zone": zone}}
    changes = {"workloads.resnet50.training": {**V100, "gcp": {"tpus": tpus}}}
    given = changed(DEV, {**changes, **({"clouds.gcp.network": network} if network else {})})
    platform = spec.read(given, stack="dev", root=ROOT)
    path = "workloads.resnet50.training.gcp.tpus.try.zone"
    said = [gap.reason for gap in platform.gaps if gap.path == path]
    assert len(said) == (words is not None)
    assert words is None or words in said[0]


T4_SERVING = "CustomModelServingT4GPUsPerProjectPerRegion"
V100_TRAINING = "CustomModelTrainingPreemptibleV100GPUsPerProjectPerRegion"


def with_quotas(**quotas: Any) -> dict[str, Any]:
    changes = {"workloads.resnet50.training": V100, "clouds.gcp.quotas": quotas}
    return changed(DEV, changes)


def test_the_need_is_that_of_training_and_serving_together() -> None:
    plan, _ = planned(with_quotas(request=True, contact_email="ml-team@example.com"))
    # Two variants of at most 10 replicas with one T4 each; four nodes with one V100 each.
    assert {(one.quota_id, one.place, one.needed, one.request) for one in plan.quotas} == {
        (T4_SERVING, "us-central1", 20, True),
        (V100_TRAINING, "us-central1", 4, True),
    }


def test_what_the_project_has_is_not_asked_for_again() -> None:
    declared = {T4_SERVING: 20}
    plan, _ = planned(with_quotas(request=True, contact_email="a@example.com", declared=declared))
    assert [one.quota_id for one in plan.quotas if one.request] == [V100_TRAINING]


def test_a_need_above_what_is_declared_is_refused_with_who_needs_it() -> None:
    found = problems(with_quotas(declared={T4_SERVING: 10}))
    assert "20 in us-central1 (resnet50)" in found[f"clouds.gcp.quotas.declared.{T4_SERVING}"]
    assert "begin at 0" in found[f"clouds.gcp.quotas.declared.{V100_TRAINING}"]


def test_a_request_needs_someone_to_ask() -> None:
    assert "clouds.gcp.quotas.contact_email" in problems(with_quotas(request=True))
