"""Features, training and monitoring on AWS: what is planned, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlplatform import spec
from mlplatform.spec import AwsFeatureGroup, AwsMonitoring, AwsThroughput, AwsWorkload
from mlplatform.spec.aws import baseline
from mlplatform.spec.aws.monitoring import monitoring
from mlplatform.spec.aws.training import training
from mlplatform.spec.findings import Findings
from mlplatform.spec.models.aws_place import AwsModel
from mlplatform.spec.models.spec import WorkloadModel
from mlplatform.spec.scope import Scope
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


MONITORED: dict[str, Any] = {
    "baseline": "models/bankchurn/customers.csv",
    "label": "Exited",
    "alert_emails": ["ml-team@example.com"],
    "data_quality": {"schedule": "0 * * * *"},
    "model_quality": {
        "schedule": "0 6 * * *",
        "problem": "binary",
        "ground_truth": {"aws": "s3://truth/bankchurn"},
        "thresholds": {"f1": 0.7, "false_positive_rate": 0.2},
    },
    "bias": {
        "schedule": "0 0/6 * * *",
        "facet": "Gender",
        "facet_values": ["Female"],
        "thresholds": {"DPPL": 0.1},
    },
    "attribution": {"schedule": "0 6 * * *", "thresholds": {"Age": 0.5}},
    "aws": {"account_used_it_before": True},
}
WATCH = "workloads.bankchurn.monitoring"


def monitored(changes: dict[str, Any] | None = None, **keys: Any) -> AwsMonitoring:
    """The plan of one workload, made by its planner: no engine and no other nouns."""
    found = Findings(strict=False)
    plan = monitoring_plan(found, changes, **keys)
    assert found.problems == []
    assert plan is not None
    return plan


def monitoring_plan(
    findings: Findings, changes: dict[str, Any] | None = None, **keys: Any
) -> AwsMonitoring | None:
    endpoint = {
        "capture": {},
        "variants": {"primary": {"weight": 100}},
        "scaling": {"min": 1, "max": 5},
        "aws": {"target": {"invocations_per_instance_per_minute": 100}},
    }
    given = {"endpoint": endpoint, "monitoring": {**MONITORED, **keys}}
    workload = WorkloadModel.model_validate(changed(given, changes or {}))
    scope = Scope(
        cloud="aws", workload="bankchurn", environment="dev", root=ROOT, findings=findings
    )
    settings = AwsModel.model_validate({"account_id": "123456789012", "region": "us-east-1"})
    return monitoring(scope, settings, workload)


def refused(changes: dict[str, Any] | None = None, **keys: Any) -> set[str]:
    findings = Findings(strict=False)
    monitoring_plan(findings, changes, **keys)
    return {p.path.removeprefix("mlplatform:").removeprefix(f"{WATCH}.") for p in findings.problems}


def test_each_monitor_has_sagemakers_cron_and_its_own_metrics() -> None:
    by_kind = {one.kind: one for one in monitored().monitors}
    assert {kind: (one.schedule, one.interval_h) for kind, one in by_kind.items()} == {
        "DataQuality": ("cron(0 * ? * * *)", 1),
        "ModelQuality": ("cron(0 6 ? * * *)", 24),
        "ModelBias": ("cron(0 0/6 ? * * *)", 6),
        "ModelExplainability": ("cron(0 6 ? * * *)", 24),
    }
    sides = {a.metric: (a.threshold, a.comparison) for a in by_kind["ModelQuality"].alarms}
    assert sides == {
        "f1": (0.7, "LessThanThreshold"),
        "false_positive_rate": (0.2, "GreaterThanThreshold"),
    }
    (bias,) = by_kind["ModelBias"].alarms
    assert (bias.metric, bias.absolute) == ("bias_metric_DPPL", True)
    assert bias.dimensions["FacetValue"] == "Female"
    (attribution,) = by_kind["ModelExplainability"].alarms
    assert attribution.metric == "feature_Age"


def test_the_baseline_becomes_constraints_of_types_completeness_and_known_values() -> None:
    (data,) = [one for one in monitored().monitors if one.kind == "DataQuality"]
    assert data.constraints is not None
    document = json.loads(data.constraints)
    features = {one["name"]: one for one in document["features"]}
    assert features["Age"]["inferred_type"] == "Integral"
    assert features["Balance"]["inferred_type"] == "Fractional"
    assert features["Age"]["num_constraints"] == {"is_non_negative": True}
    assert features["Geography"]["string_constraints"]["domains"] == ["France", "Germany", "Spain"]
    assert "string_constraints" not in features["customer_id"], "ids are no domain"
    assert document["monitoring_config"]["evaluate_constraints"] == "Enabled"


def test_statistics_of_a_baseline_job_make_skew_a_comparison_of_distributions() -> None:
    plan = monitored(
        skew={"schedule": "0 * * * *", "thresholds": {"Age": 0.3, "Balance": 0.3}},
        aws={"statistics": "s3://baselines/statistics.json", "account_used_it_before": True},
    )
    (data,) = [one for one in plan.monitors if one.kind == "DataQuality"]
    assert {a.metric: a.threshold for a in data.alarms} == {
        "feature_baseline_drift_Age": 0.3,
        "feature_baseline_drift_Balance": 0.3,
    }
    assert data.constraints is not None
    config = json.loads(data.constraints)["monitoring_config"]
    assert config["distribution_constraints"]["perform_comparison"] == "Enabled"


def test_what_model_monitor_cannot_do_is_on_the_gap_list() -> None:
    findings = Findings(strict=False)
    monitor = {"schedule": "0 6 * * *"}
    monitoring_plan(findings, skew=monitor, drift=monitor, prediction_drift=monitor, aws={})
    paths = {gap.path.removeprefix(WATCH) for gap in findings.gaps}
    assert paths == {"", ".skew", ".drift", ".prediction_drift"}
    assert any("2026-07-30" in gap.reason for gap in findings.gaps)


def test_every_problem_of_monitoring_is_told_at_once() -> None:
    assert refused({"endpoint.capture": None}) == {"workloads.bankchurn.endpoint.capture"}
    assert refused(
        {
            "monitoring.data_quality.schedule": "30 * * * *",
            "monitoring.model_quality.thresholds": {"f3": 1.0},
            "monitoring.model_quality.ground_truth": "gs://elsewhere/x",
            "monitoring.bias.facet": "Gendre",
            "monitoring.bias.thresholds": {"XYZ": 1.0},
            "monitoring.label": "Exit",
            "monitoring.attribution.thresholds": {"Agee": 1.0},
            "monitoring.aws.max_run_s": 86400,
            "monitoring.attribution.schedule": "0 0/12 * * *",
        }
    ) == {
        "data_quality.schedule",
        "model_quality.thresholds.f3",
        "model_quality.ground_truth",
        "bias.facet",
        "bias.thresholds.XYZ",
        "label",
        "attribution.thresholds.Agee",
        "aws.max_run_s",
    }


def test_a_baseline_that_is_none_is_told_with_its_line() -> None:
    with pytest.raises(ValueError, match="line 3 has 1 values, the header 2"):
        baseline.columns("a,b\n1,2\n3\n")
    with pytest.raises(ValueError, match="a header and at least one row"):
        baseline.columns("a,b\n")
    (one, other) = baseline.columns("a,b\n-1,x\n,y\n")
    assert (one.type, one.completeness, one.non_negative) == ("Integral", 0.5, False)
    assert (other.type, other.domains) == ("String", ("x", "y"))


def train(keys: dict[str, Any], model: dict[str, Any] | None = None) -> tuple[Any, Findings]:
    findings = Findings(strict=False)
    given = {
        "model": {"framework": "pytorch", "version": "2.0", "artifact": "x"} | (model or {}),
        "training": keys,
    }
    scope = Scope(cloud="aws", workload="net", environment="dev", root=ROOT, findings=findings)
    settings = AwsModel.model_validate({"account_id": "123456789012", "region": "us-east-1"})
    return training(scope, settings, WorkloadModel.model_validate(given)), findings


def wrong(keys: dict[str, Any]) -> set[str]:
    _, findings = train(keys)
    return {p.path.removeprefix("mlplatform:workloads.net.training.") for p in findings.problems}


def test_a_retired_gpu_is_refused_with_its_replacement_or_substituted_where_allowed() -> None:
    _, findings = train({"accelerator": "V100"})
    (problem,) = findings.problems
    assert "ml.g5.2xlarge" in problem.message
    plan, findings = train({"accelerator": {"want": "V100", "or": "T4"}})
    assert plan.instance_type == "ml.g4dn.xlarge"
    assert "pytorch-training:2.0.1-gpu" in plan.image_uri
    assert findings.gaps[0].given == "T4 (ml.g4dn.xlarge)"


def test_several_accelerators_choose_a_machine_that_has_them() -> None:
    plan, _ = train({"accelerator": "A10G", "accelerators_per_node": 4})
    assert plan.instance_type == "ml.g5.12xlarge"
    plan, findings = train({"accelerator": "A10G", "accelerators_per_node": 5})
    assert plan.instance_type == "ml.g5.48xlarge"
    assert [gap.path for gap in findings.gaps] == ["workloads.net.training.accelerators_per_node"]


def test_spot_waits_twice_as_long_as_it_runs_and_keeps_nothing_warm() -> None:
    plan, findings = train({"spot": True, "max_run_s": 3600, "idle_before_scale_down_s": 300})
    assert (plan.max_wait_s, plan.keep_alive_s) == (7200, 0)
    assert [gap.path for gap in findings.gaps] == [
        "workloads.net.training.idle_before_scale_down_s"
    ]
    assert train({"idle_before_scale_down_s": 300})[0].keep_alive_s == 300
    assert train({})[0].keep_alive_s == 0, "warm instances cost: only who asks gets them"


def test_code_hyperparameters_and_schedule_reach_the_plan() -> None:
    plan, findings = train(
        {
            "code": "models/bankchurn/code",
            "entry_point": "train.py",
            "hyperparameters": {"trees": 30, "fast": True},
            "data": {"train": "models/bankchurn/customers.csv"},
            "schedule": "0 3 * * 1",
            "aws": {"distribution": "torch"},
        }
    )
    assert findings.problems == []
    assert plan.hyperparameters == {
        "trees": "30",
        "fast": "true",
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": "/opt/ml/input/data/code",
        "sagemaker_torch_distributed_enabled": "true",
    }
    assert plan.schedule == "cron(0 3 ? * MON *)"
    assert plan.code.object_key.startswith("net/code/")


def test_a_search_has_ranges_in_sagemakers_words() -> None:
    search = {
        "metric": "acc",
        "max_runs": 8,
        "parallel_runs": 2,
        "parameters": {
            "lr": {"min": 0.001, "max": 0.1, "scale": "log"},
            "depth": {"min": 2, "max": 8, "integer": True},
            "optimizer": {"values": ["sgd", "adam"]},
        },
    }
    plan, findings = train({"tuning": search, "aws": {"metrics": {"acc": "acc=(.*)"}}})
    assert findings.problems == []
    assert [(r.name, r.kind, r.low, r.high, r.scale) for r in plan.tuning.ranges] == [
        ("lr", "Continuous", "0.001", "0.1", "Logarithmic"),
        ("depth", "Integer", "2", "8", "Linear"),
        ("optimizer", "Categorical", "", "", "Linear"),
    ]


def test_every_problem_of_training_is_told_at_once() -> None:
    assert wrong(
        {
            "max_nodes": 2,
            "code": "models/bankchurn/code",
            "entry_point": "trian.py",
            "schedule": "daily",
            "data": {"code": "models/bankchurn/customers.csv", "other": "models/none.csv"},
            "tuning": {
                "metric": "acc",
                "max_runs": 2,
                "parallel_runs": 3,
                "parameters": {"a": {"min": 2.0}, "b": {"min": -1.0, "max": 1.0, "scale": "log"}},
            },
            "aws": {"instance_type": "ml.g4dn.xlarg", "instance_count": 3, "max_wait_s": 100},
        }
    ) == {
        "aws.instance_type",
        "aws.instance_count",
        "entry_point",
        "schedule",
        "data.code",
        "data.other",
        "tuning.parallel_runs",
        "aws.metrics",
        "tuning.parameters.a",
        "tuning.parameters.b.min",
        "aws.max_wait_s",
    }


TRAINED = {
    "workloads.bankchurn.training": {"spot": True, "aws": {"instance_type": "ml.g4dn.xlarge"}},
}
SPOT = "ml.g4dn.xlarge for spot training job usage"
SERVED = "ml.g4dn.xlarge for endpoint usage"


def quota_needs(changes: dict[str, Any]) -> dict[str, tuple[int, bool]]:
    platform = spec.read(changed(DEV, {**TRAINED, **changes}), stack="dev", root=ROOT)
    assert platform.aws is not None
    return {one.name: (one.needed, one.request) for one in platform.aws.quotas}


def test_needs_are_summed_over_the_whole_stack_by_type_and_use() -> None:
    found = quota_needs({})
    assert found[SERVED] == (20, False), "two variants of up to ten instances"
    assert found[SPOT] == (1, False), "spot has a quota of its own"


def test_declared_quotas_are_compared_and_accelerators_must_be_among_them() -> None:
    path = "clouds.aws.quotas"
    found = problems(changed(DEV, {**TRAINED, f"{path}.declared": {SERVED: 8}}))
    assert set(found) == {f'{path}.declared["{SERVED}"]', f'{path}.declared["{SPOT}"]'}
    assert "may use 20 (resnet50)" in found[f'{path}.declared["{SERVED}"]']
    assert quota_needs({f"{path}.declared": {SERVED: 20, SPOT: 1}})[SPOT] == (1, False)


def test_only_what_is_missing_is_asked_for() -> None:
    wanted = {"request": True, "declared": {SERVED: 20}}
    found = quota_needs({"clouds.aws.quotas": wanted})
    assert (found[SERVED][1], found[SPOT][1]) == (False, True)


def test_images_that_sagemaker_cannot_pull_are_told_each_at_its_place() -> None:
    image = {"aws": "docker.io/library/python:3.11"}
    found = problems(
        changed(
            DEV,
            {
                "workloads.bankchurn.model.image": image,
                "workloads.bankchurn.training": {"image": image},
            },
        )
    )
    assert set(found) == {
        "workloads.bankchurn.model.image.aws",
        "workloads.bankchurn.training.image.aws",
    }
    own = {"aws": "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn/train:1"}
    assert problems(changed(DEV, {"workloads.bankchurn.training": {"image": own}})) == {}
