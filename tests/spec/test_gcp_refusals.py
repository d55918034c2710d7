"""What Google Cloud would refuse, or quietly do otherwise, is refused at its path in the spec."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.stacks import DELETE, ROOT, changed, problems, whole

DEV = whole(ROOT / "Pulumi.dev.yaml")
DEV["clouds"] = {"gcp": DEV["clouds"]["gcp"]}
CLOUD = "clouds.gcp"
CHURN, RESNET = "workloads.bankchurn", "workloads.resnet50"
SERVED, TRAINED = f"{CHURN}.endpoint.gcp", f"{RESNET}.training"
WATCHED, GROUP = f"{CHURN}.monitoring", f"{CHURN}.features.customers"
COLUMNS = {"customer_id": "string", "event_time": "timestamp"}
POOL: dict[str, Any] = {
    "machine_type": "n1-standard-4",
    "max": 4,
    "target": {"cpu_percent": 60},
}


def refused(changes: dict[str, Any]) -> dict[str, str]:
    return problems(changed(DEV, changes))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (f"{SERVED}.target.cpu_percent", 60.5, "a whole number, 1 to 100"),
        (f"{SERVED}.target.cpu_percent", 0.5, "a whole number, 1 to 100"),
        (f"{SERVED}.target", {"requests_per_replica_per_minute": 1e15}, "1 to 2147483647"),
        (f"{SERVED}.accelerator_count", 4, "with an accelerator only"),
        (f"{CHURN}.training.accelerators_per_node", 2, "with an accelerator only"),
        (f"{CHURN}.model.artifact", {"gcp": "gs://models/churn/model.joblib"}, "the folder"),
        (f"{WATCHED}.skew.thresholds.Age", -0.3, "above 0 and below 1"),
        (f"{WATCHED}.skew.thresholds.Age", 0.0, "above 0 and below 1"),
        (f"{WATCHED}.skew.thresholds.Age", 5.0, "above 0 and below 1"),
        (f"{WATCHED}.skew.default_threshold", 3.0, "above 0 and below 1"),
        (f"{WATCHED}.skew.thresholds", {"Exited": 0.3}, "Age"),
        (f"{WATCHED}.skew.schedule", "0 0 30 2 *", "no day 30 in month 2"),
        (f"{WATCHED}.alert_emails", ["a@example.com", "A@example.com"], "each one once"),
        (f"{CLOUD}.project_number", "000000", "the first no 0"),
        (f"{CLOUD}.logs", {"bucket": "a..b"}, "the name of a bucket"),
        (f"{CLOUD}.logs", {"bucket": "a" * 64}, "the name of a bucket"),
        (f"{CLOUD}.feature_store", {"readers": ["allUsers"]}, "one address"),
        (f"{CLOUD}.feature_store", {"readers": ["a@example.com"] * 2}, "each name once"),
        (f"{CLOUD}.feature_store", {"max_nodes": 11}, "1 to 10"),
        (
            f"{CLOUD}.keys",
            {"id": "projects/p p/locations/us-central1/keyRings/r/cryptoKeys/k"},
            "keyRings",
        ),
        (f"{GROUP}.columns", COLUMNS, "these two are no features"),
        (f"{GROUP}.event_time", "customer_id", "not the record_id"),
        (f"{TRAINED}.gcp", {"environment": {"1 bad": "x"}}, "first no digit"),
        (f"{TRAINED}.gcp", {"environment": {"AIP_MODEL_DIR": "x"}}, "Vertex AI sets"),
        (
            f"{TRAINED}.gcp",
            {"tpus": {"try": {"type": "v3-2048", "zone": "us-central1-a"}}},
            "europe-west4-a",
        ),
        (
            f"{TRAINED}.gcp",
            {"tpus": {"try": {"type": "v2-8", "zone": "us-central1-b", "runtime_version": "a b"}}},
            "a version such as",
        ),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(path: str, value: Any, words: str) -> None:
    found = refused({path: value})
    assert [place for place, line in found.items() if place.startswith(path) and words in line], (
        found
    )


@pytest.mark.parametrize(
    ("parameter", "path", "words"),
    [
        ({"min": 1.5, "max": 4.0, "integer": True}, "min", "a whole number"),
        ({"values": ["sgd", "sgd"]}, "values", "each value once"),
    ],
)
def test_a_range_that_vertex_has_not_is_refused(
    parameter: dict[str, Any], path: str, words: str
) -> None:
    tuning = {"metric": "accuracy", "max_runs": 4, "parameters": {"depth": parameter}}
    assert (
        words in refused({f"{TRAINED}.tuning": tuning})[f"{TRAINED}.tuning.parameters.depth.{path}"]
    )


def test_a_variable_does_not_take_the_place_of_a_channel() -> None:
    found = refused(
        {
            f"{TRAINED}.data": {"train-set": "models/bankchurn/customers.csv"},
            f"{TRAINED}.gcp": {"environment": {"MLP_DATA_TRAIN_SET": "x", "MLP_DATA_OTHER": "y"}},
        }
    )
    assert list(found) == [f"{TRAINED}.gcp.environment.MLP_DATA_TRAIN_SET"]


def test_prebuilt_scikit_learn_takes_no_accelerator() -> None:
    found = refused(
        {f"{CHURN}.endpoint.accelerator": "T4", f"{SERVED}.machine_type": "n1-standard-4"}
    )
    assert "give image.gcp" in found[f"{CHURN}.model.framework"]


def test_accelerators_that_come_with_a_machine_are_counted_as_they_come() -> None:
    machine = {"machine_type": "g2-standard-24", "target": {"cpu_percent": 60}}
    at = f"{RESNET}.endpoint"
    wanted = {f"{at}.accelerator": "L4", f"{at}.gcp": machine}
    assert refused(wanted) == {}
    found = refused({**wanted, f"{at}.gcp": {**machine, "accelerator_count": 1}})
    assert "allowed: 2, which come with g2-standard-24" in found[f"{at}.gcp.accelerator_count"]
    trained = {
        f"{TRAINED}.accelerator": DELETE,
        f"{TRAINED}.gcp": {"machine_type": "a2-highgpu-2g"},
    }
    assert refused(trained) == {}
    found = refused({**trained, f"{TRAINED}.accelerators_per_node": 1})
    assert "allowed: 2" in found[f"{TRAINED}.accelerators_per_node"]


def test_a_retired_accelerator_is_one_problem_and_not_two() -> None:
    assert list(refused({f"{RESNET}.endpoint.accelerator": "K80"})) == [
        f"{RESNET}.endpoint.accelerator"
    ]


def test_a_pool_without_an_accelerator_has_no_count_of_them() -> None:
    pools = {f"{CLOUD}.deployment_pools": {"shared": {**POOL, "accelerator_count": 4}}}
    found = refused({**pools, f"{RESNET}.endpoint.gcp": {"pool": "shared"}})
    path = f"{CLOUD}.deployment_pools.shared.accelerator_count"
    assert "with an accelerator only" in found[path]


def test_a_quota_that_nothing_is_compared_with_is_refused_with_the_nearest() -> None:
    right = "CustomModelServingT4GPUsPerProjectPerRegion"
    wrong = right.replace("GPUs", "GPU")
    found = refused({f"{CLOUD}.quotas": {"declared": {wrong: 50}}})
    assert f"nearest: {right}" in found[f"{CLOUD}.quotas.declared.{wrong}"]
    assert (
        "0 or more"
        in refused({f"{CLOUD}.quotas": {"declared": {right: -1}}})[
            f"{CLOUD}.quotas.declared.{right}"
        ]
    )


def test_a_subject_is_trusted_once() -> None:
    trust = {"github": "acme/ml", "branch": "main"}
    found = refused({f"{CLOUD}.ci": {"trusts": {"first": trust, "second": trust}}})
    assert "first trusts it already" in found[f"{CLOUD}.ci.trusts.second"]


SERVES: dict[str, Any] = {
    "model": DEV["workloads"]["bankchurn"]["model"],
    "endpoint": {"scaling": {"min": 1, "max": 2}, "gcp": {"target": {"cpu_percent": 60}}},
}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        (
            {"workloads.bankchurn-training": SERVES},
            "workloads.bankchurn-training",
            "workloads.bankchurn.training has the service account bankchurn-training",
        ),
        (
            {
                f"{CLOUD}.ci": {"trusts": {"main": {"github": "a/b", "branch": "m"}}},
                "workloads.ci": SERVES,
            },
            "workloads.ci",
            "clouds.gcp.ci",
        ),
        (
            {
                "workloads.aa": {
                    **SERVES,
                    "endpoint": {**SERVES["endpoint"], "variants": {"bb-cc": {"weight": 100}}},
                },
                "workloads.aa-bb": {
                    **SERVES,
                    "endpoint": {**SERVES["endpoint"], "variants": {"cc": {"weight": 100}}},
                },
            },
            "workloads.aa-bb.endpoint.variants.cc",
            "the model aa-bb-cc too",
        ),
        (
            {"workloads.bankchurn-customers": {"features": {"of-eu": {}}}}
            | {
                f"{CHURN}.features.customers-of-eu": DEV["workloads"]["bankchurn"]["features"][
                    "customers"
                ]
            }
            | {
                "workloads.bankchurn-customers.features.of-eu": DEV["workloads"]["bankchurn"][
                    "features"
                ]["customers"]
            },
            "workloads.bankchurn-customers.features.of-eu",
            "the feature group",
        ),
    ],
)
def test_two_things_of_one_name_are_refused(changes: dict[str, Any], path: str, words: str) -> None:
    assert words in refused(changes)[path]
