"""Training, features and monitoring on Azure: the plan, what is refused, what is a gap."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from mlplatform.spec.azure.features import _recurrence
from mlplatform.spec.schedules import parse
from tests.engine.test_depth_azure_data import CONFIG
from tests.spec.stacks import DELETE, ROOT, changed, problems

GIVEN = {key.removeprefix("mlplatform:"): value for key, value in CONFIG.items()}
CHURN = "workloads.churn"
CACHES = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.Cache"
)


def plan(changes: dict[str, Any] | None = None) -> Any:
    platform = spec.read(changed(GIVEN, changes or {}), stack="dev", root=ROOT)
    assert platform.azure is not None
    return platform.azure.workloads[0], [gap.path for gap in platform.gaps]


def refused(changes: dict[str, Any]) -> dict[str, str]:
    return problems(changed(GIVEN, changes))


def test_a_managed_network_takes_the_public_addresses_away_and_the_gap_with_them() -> None:
    workload, gaps = plan()
    assert workload.training.public_nodes
    assert f"{CHURN}.training.azure" in gaps
    workload, gaps = plan({"clouds.azure.network": {"isolation": "internet_outbound"}})
    assert not workload.training.public_nodes
    assert f"{CHURN}.training.azure" not in gaps


PROGRAM = ("code", "entry_point", "schedule", "run")


def without_program(**more: Any) -> dict[str, Any]:
    gone: dict[str, Any] = {f"{CHURN}.training.{key}": DELETE for key in PROGRAM}
    return gone | {f"{CHURN}.training.{key}": value for key, value in more.items()}


def test_without_a_program_what_a_job_would_do_is_a_gap_of_the_cluster() -> None:
    workload, gaps = plan(without_program())
    assert workload.training.job is None
    assert f"{CHURN}.training" in gaps
    workload, gaps = plan()
    assert workload.training.job is not None
    assert f"{CHURN}.training" not in gaps


def test_a_job_trains_with_the_packages_that_its_model_is_served_with() -> None:
    job = plan()[0].training.job
    assert job.image_uri.startswith("mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8")
    assert job.pip_packages[:2] == ("scikit-learn==1.2.2", "numpy==1.24.4")
    assert not any("inference-server" in one for one in job.pip_packages)
    assert job.cron == "0 3 * * 1"
    assert job.code.object_key.startswith("churn/code/")
    own = plan({f"{CHURN}.training.image": {"azure": "registry/train:1"}})[0].training.job
    assert (own.image_uri, own.pip_packages) == ("registry/train:1", ())


SEARCH: dict[str, Any] = {
    "metric": "accuracy",
    "max_runs": 20,
    "parallel_runs": 4,
    "parameters": {
        "depth": {"min": 2, "max": 8, "integer": True},
        "rate": {"min": 0.001, "max": 0.1, "scale": "log"},
        "criterion": {"values": ["gini", "entropy"]},
    },
}
TUNING, OWN = f"{CHURN}.training.tuning", f"{CHURN}.training.azure"


def test_a_search_keeps_ranges_goal_and_what_ends_it_early() -> None:
    workload, gaps = plan({TUNING: SEARCH, OWN: {"stop_after_reports": 5}})
    assert workload.training.job.cron is None
    assert f"{CHURN}.training.schedule" in gaps, "no schedule of Azure ML starts a search"
    found = workload.training.job.search
    assert (found.metric, found.maximize, found.sampling) == ("accuracy", True, "random")
    assert (found.max_runs, found.parallel_runs, found.stop_after_reports) == (20, 4, 5)
    assert found.parameters["depth"].integer
    assert found.parameters["rate"].log
    assert found.parameters["criterion"].values == ("gini", "entropy")


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        (without_program(run=True), f"{CHURN}.training.code", "Azure ML runs a command"),
        ({f"{CHURN}.training.entry_point": "main.py"}, f"{CHURN}.training.entry_point", "no such"),
        (
            {f"{CHURN}.training.code": "azureml://datastores/a/paths/code/"},
            f"{CHURN}.training.code",
            "a folder of the project",
        ),
        ({f"{CHURN}.training.schedule": "nightly"}, f"{CHURN}.training.schedule", "five"),
        ({OWN: {"nodes": 2}}, f"{OWN}.nodes", "framework pytorch"),
        ({OWN: {"nodes": 5}}, f"{OWN}.nodes", "max_nodes, 4"),
        ({TUNING: {**SEARCH, "parallel_runs": 5}}, f"{TUNING}.parallel_runs", "max_nodes (4)"),
        (
            {TUNING: SEARCH, f"{CHURN}.training.hyperparameters": {"depth": 5}},
            f"{TUNING}.parameters.depth",
            "one of both",
        ),
        (
            {TUNING: SEARCH, OWN: {"sampling": "bayesian"}},
            f"{TUNING}.parameters.rate.scale",
            "linear",
        ),
        ({TUNING: SEARCH, OWN: {"sampling": "grid"}}, f"{TUNING}.parameters.depth", "`values`"),
    ],
)
def test_a_job_that_azure_could_not_run_is_refused(
    changes: dict[str, Any], path: str, said: str
) -> None:
    assert said in refused(changes)[path]


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({f"{CHURN}.training.accelerator": "V100"}, f"{CHURN}.training.accelerator", "retired"),
        (
            {f"{CHURN}.training.accelerators_per_node": 4},
            f"{CHURN}.training.accelerators_per_node",
            "sizes with T4 have 1, 4",
        ),
        ({f"{CHURN}.endpoint.capture": DELETE}, f"{CHURN}.endpoint.capture", "to watch"),
        ({f"{CHURN}.monitoring.baseline": DELETE}, f"{CHURN}.monitoring.baseline", "training data"),
        ({f"{CHURN}.monitoring.label": DELETE}, f"{CHURN}.monitoring.label", "predicts"),
        (
            {f"{CHURN}.monitoring.drift.schedule": "daily"},
            f"{CHURN}.monitoring.drift.schedule",
            "five",
        ),
        (
            {f"{CHURN}.features.customers.source": DELETE},
            f"{CHURN}.features.customers.source.azure",
            "azureml://",
        ),
        (
            {f"{CHURN}.features.customers.record_id": "customer"},
            f"{CHURN}.features.customers.record_id",
            "nearest: customer_id",
        ),
        (
            {f"{CHURN}.features.customers.schedule": "0 3 1 * *"},
            f"{CHURN}.features.customers.schedule",
            "times of the day",
        ),
    ],
)
def test_what_azure_cannot_do_is_refused_at_its_path(
    changes: dict[str, Any], path: str, said: str
) -> None:
    found = refused(changes)
    assert said in found[path]


def test_signals_that_the_api_lacks_are_gaps_and_the_others_stay() -> None:
    bias = {"schedule": "0 6 * * *", "facet": "Gender", "facet_values": ["Female"]}
    workload, gaps = plan({f"{CHURN}.monitoring.bias": bias})
    assert f"{CHURN}.monitoring.bias" in gaps
    assert len(workload.monitoring.monitors) == 5


QUALITY = f"{CHURN}.monitoring.model_quality"


def test_model_quality_is_measured_by_what_azure_knows_and_the_rest_is_a_gap() -> None:
    workload, gaps = plan({f"{QUALITY}.thresholds": {"f1": 0.8, "recall": 0.7}})
    found = workload.monitoring.model_quality
    assert (found.task, dict(found.thresholds)) == ("Classification", {"recall": 0.7})
    assert (found.prediction_column, found.join_column) == ("value", "correlationid")
    assert f"{QUALITY}.thresholds.f1" in gaps
    workload, _ = plan({f"{QUALITY}.thresholds": {"f1": 0.8}})
    assert dict(workload.monitoring.model_quality.thresholds) == {"accuracy": 0.9}
    workload, _ = plan({QUALITY: DELETE})
    assert workload.monitoring.model_quality is None


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({f"{QUALITY}.problem": "regression"}, f"{QUALITY}.thresholds", "mae, mse, rmse"),
        (
            {f"{QUALITY}.ground_truth": {"azure": "gs://truth/churn/"}},
            f"{QUALITY}.ground_truth.azure",
            "azureml://",
        ),
        ({f"{QUALITY}.ground_truth": {"aws": "s3://x/"}}, f"{QUALITY}.ground_truth.azure", "MLTab"),
        ({f"{CHURN}.monitoring.label": DELETE}, f"{CHURN}.monitoring.label", "predicts"),
    ],
)
def test_model_quality_that_azure_could_not_measure_is_refused(
    changes: dict[str, Any], path: str, said: str
) -> None:
    assert said in refused(changes)[path]


def test_an_online_store_needs_a_cache_of_yours() -> None:
    workload, gaps = plan({"clouds.azure.feature_store": DELETE})
    assert f"{CHURN}.features.customers.online" in gaps
    assert not workload.features[0].online
    for cache in ("redis/r", "redisEnterprise/r/databases/default"):
        workload, gaps = plan(
            {
                f"{CHURN}.features.customers.online": {"ttl_s": 60},
                "clouds.azure.feature_store": {"redis_id": f"{CACHES}/{cache}"},
            }
        )
        assert workload.features[0].online
        assert f"{CHURN}.features.customers.online.ttl_s" in gaps


@pytest.mark.parametrize("cache", ["redisEnterprise/r", "redis/r/databases/default"])
def test_a_cache_that_jobs_could_not_write_to_is_refused(cache: str) -> None:
    path = "clouds.azure.feature_store.redis_id"
    found = refused({"clouds.azure.feature_store": {"redis_id": f"{CACHES}/{cache}"}})
    assert "databases/default" in found[path]


def test_a_feature_store_beside_a_closed_workspace_is_a_gap_and_refused_under_strict() -> None:
    closed = {"clouds.azure.network": {"isolation": "approved_outbound"}}
    _, gaps = plan(closed)
    assert f"{CHURN}.features" in gaps
    assert f"{CHURN}.features" in refused({**closed, "strict": True})


@pytest.mark.parametrize("noun", ["features.customers", "monitoring"])
def test_a_size_that_serverless_spark_lacks_is_refused(noun: str) -> None:
    at = f"{CHURN}.{noun}.azure"
    found = refused({at: {"instance_type": "Standard_E8s_v5"}})
    assert "standard_e8s_v3" in found[f"{at}.instance_type"]


@pytest.mark.parametrize(
    ("cron", "frequency", "hours", "minutes", "days"),
    [
        ("0 */6 * * *", "Day", (0, 6, 12, 18), (0,), 0),
        ("30 3 * * *", "Day", (3,), (30,), 0),
        ("0 3 * * 1,4", "Week", (3,), (0,), 2),
    ],
)
def test_a_schedule_becomes_the_recurrence_that_azure_has(
    cron: str, frequency: str, hours: tuple[int, ...], minutes: tuple[int, ...], days: int
) -> None:
    found = _recurrence(parse(cron), "standard_e8s_v3")
    assert found is not None
    assert (found.frequency, found.hours, found.minutes) == (frequency, hours, minutes)
    assert len(found.week_days) == days
