"""Endpoints, keys and repositories on Google Cloud: what is planned, what is refused, the gaps."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from mlplatform.spec import (
    GcpCapture,
    GcpExistingNetwork,
    GcpNetwork,
    GcpPlan,
    GcpRollout,
    GcpScaleToZero,
)
from tests.spec.stacks import ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
DEV["clouds"] = {"gcp": DEV["clouds"]["gcp"]}
AT = "workloads.bankchurn.endpoint"
ATTACHMENT = "projects/ml-dev/regions/us-central1/networkAttachments/training"
NETWORK = "projects/ml-dev/global/networks/shared"
T4_SERVING = "CustomModelServingT4GPUsPerProjectPerRegion"
KEY = "projects/ml-dev/locations/us-central1/keyRings/r/cryptoKeys/k"


def planned(changes: dict[str, Any]) -> tuple[GcpPlan, dict[str, str]]:
    platform = spec.read(changed(DEV, changes), stack="dev", root=ROOT)
    assert platform.gcp is not None
    return platform.gcp, {gap.path.removeprefix("mlplatform:"): gap.given for gap in platform.gaps}


def served(plan: GcpPlan) -> Any:
    (found,) = [one.endpoint for one in plan.workloads if one.name == "bankchurn"]
    return found


def test_capture_and_rollout_are_planned_as_asked() -> None:
    plan, _ = planned(
        {
            f"{AT}.capture": {"sampling_percent": 80, "retention_days": 30},
            f"{AT}.rollout": {"strategy": "linear", "step_percent": 20, "wait_s": 60},
        }
    )
    assert served(plan).capture == GcpCapture(sampling_percent=80, retention_days=30)
    assert served(plan).rollout == GcpRollout(strategy="linear", step_percent=20, wait_s=60)


def test_all_at_once_is_no_rollout() -> None:
    plan, _ = planned({f"{AT}.rollout": {"strategy": "all_at_once"}})
    assert served(plan).rollout is None


def test_alarms_schedules_and_shadows_are_gaps() -> None:
    _, gaps = planned(
        {
            f"{AT}.rollout": {"alarms": {"error_percent": 5}},
            f"{AT}.scaling.schedules": {"night": {"cron": "0 20 * * *", "min": 1, "max": 1}},
            f"{AT}.variants": {"v1": {"weight": 100}, "v2": {"weight": 0, "shadow_percent": 5}},
        }
    )
    assert gaps[f"{AT}.rollout.alarms"].startswith("a rollout in steps")
    assert gaps[f"{AT}.scaling.schedules.night"] == "bounds of 1 to 5 at all times"
    assert gaps[f"{AT}.variants.v2.shadow_percent"] == "a deployed model without traffic"


@pytest.mark.parametrize("mode", ["serverless", "asynchronous", "batch"])
def test_a_mode_that_vertex_has_not_is_refused_with_what_it_has(mode: str) -> None:
    told = problems(changed(DEV, {f"{AT}.mode": mode}))
    assert "allowed on gcp: real_time" in told[f"{AT}.mode"]


def test_a_private_endpoint_needs_the_network_that_it_is_reached_from() -> None:
    told = problems(changed(DEV, {f"{AT}.private": True}))
    assert "clouds.gcp.network" in told[f"{AT}.private"]
    plan, _ = planned({f"{AT}.private": True, "clouds.gcp.network": {"id": NETWORK}})
    assert served(plan).private
    assert plan.network == GcpExistingNetwork(id=NETWORK, attachment=None)


def test_a_new_network_has_a_half_for_machines_and_one_for_training() -> None:
    plan, _ = planned({"clouds.gcp.network": {"cidr": "10.40.0.0/20"}})
    assert plan.network == GcpNetwork(machines_cidr="10.40.0.0/21", interfaces_cidr="10.40.8.0/21")


@pytest.mark.parametrize(
    ("given", "key", "words"),
    [
        ({}, "", "id of an existing network, or cidr"),
        ({"id": NETWORK, "cidr": "10.40.0.0/20"}, "", "id of an existing network, or cidr"),
        ({"cidr": "10.40.0.1/20"}, ".cidr", "has host bits set"),
        ({"cidr": "10.40.0.0/27"}, ".cidr", "/16 to /26"),
        ({"cidr": "10.0.0.0/15"}, ".cidr", "/16 to /26"),
        ({"cidr": "34.1.0.0/20"}, ".cidr", "10.0.0.0/8"),
        ({"cidr": "172.17.16.0/20"}, ".cidr", "containers"),
        ({"cidr": "10.40.0.0/20", "network_attachment": ATTACHMENT}, ".network_attachment", "id"),
        (
            {"id": NETWORK, "network_attachment": ATTACHMENT.replace("us-central1", "us-east1")},
            ".network_attachment",
            "us-central1",
        ),
    ],
)
def test_a_network_that_cannot_be_had_is_refused(
    given: dict[str, str], key: str, words: str
) -> None:
    told = problems(changed(DEV, {"clouds.gcp.network": given}))
    assert words in told[f"clouds.gcp.network{key}"]


def test_no_replicas_need_to_be_told_when_the_last_one_goes() -> None:
    told = problems(changed(DEV, {f"{AT}.scaling.min": 0}))
    assert f"{AT}.scaling.min" in told
    zero = {"idle_s": 1800}
    plan, _ = planned({f"{AT}.scaling.min": 0, f"{AT}.gcp.scale_to_zero": zero})
    (variant,) = served(plan).variants
    assert (variant.min_replicas, variant.scale_to_zero) == (
        0,
        GcpScaleToZero(idle_s=1800, min_up_s=300),
    )
    told = problems(changed(DEV, {f"{AT}.gcp.scale_to_zero": zero}))
    assert "allowed where a variant has min: 0" in told[f"{AT}.gcp.scale_to_zero"]


def test_aliases_point_to_what_is_served_and_default_is_vertex_s_own() -> None:
    plan, _ = planned({f"{AT}.gcp.version_aliases": ["live"]})
    assert served(plan).version_aliases == ("live",)
    told = problems(changed(DEV, {f"{AT}.gcp.version_aliases": ["live", "live", "default"]}))
    assert "['default', 'live']" in told[f"{AT}.gcp.version_aliases"]


def test_an_existing_key_is_in_the_region_and_turned_by_its_owner() -> None:
    plan, _ = planned({"clouds.gcp.keys": {"id": KEY}})
    assert plan.key_name == KEY
    elsewhere = {"id": KEY.replace("us-central1", "europe-west4"), "rotation_days": 30}
    told = problems(changed(DEV, {"clouds.gcp.keys": elsewhere}))
    assert set(told) == {"clouds.gcp.keys.id", "clouds.gcp.keys.rotation_days"}


def test_repositories_and_the_log_bucket_are_planned_and_no_name_comes_twice() -> None:
    plan, _ = planned(
        {
            "clouds.gcp.image_repositories": ["serving", "training"],
            "clouds.gcp.logs": {"bucket": "ml-access-logs"},
        }
    )
    assert plan.image_repositories == ("serving", "training")
    assert plan.log_bucket == "ml-access-logs"
    told = problems(changed(DEV, {"clouds.gcp.image_repositories": ["serving", "serving"]}))
    assert "each name once" in told["clouds.gcp.image_repositories"]


POOL: dict[str, Any] = {
    "accelerator": "T4",
    "machine_type": "n1-standard-4",
    "max": 4,
    "target": {"gpu_duty_cycle_percent": 60},
}
POOLS = "clouds.gcp.deployment_pools"
IN_POOL = {f"{POOLS}.shared": POOL, "workloads.resnet50.endpoint.gcp": {"pool": "shared"}}


def test_an_endpoint_in_a_pool_has_the_pool_s_machines_and_they_count_once() -> None:
    plan, gaps = planned(
        {**IN_POOL, "clouds.gcp.quotas": {"declared": {T4_SERVING: 4}, "request": False}}
    )
    (pool,) = plan.pools
    assert (pool.machine_type, pool.accelerator_type, pool.max_replicas) == (
        "n1-standard-4",
        "NVIDIA_TESLA_T4",
        4,
    )
    (endpoint,) = [one.endpoint for one in plan.workloads if one.name == "resnet50"]
    assert endpoint is not None
    assert (endpoint.pool, endpoint.machine_type) == ("shared", "n1-standard-4")
    assert {quota.needed for quota in plan.quotas if quota.quota_id == T4_SERVING} == {4}
    assert gaps["workloads.resnet50.endpoint.scaling.max"] == "1 to 4 replicas, shared"


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"workloads.resnet50.endpoint.gcp": {"pool": "shraed"}}, "gcp.pool", "nearest: shared"),
        (
            {
                "workloads.resnet50.endpoint.gcp": {
                    "pool": "shared",
                    "machine_type": "n1-standard-8",
                }
            },
            "gcp.machine_type",
            "it is the pool's",
        ),
        ({"workloads.resnet50.endpoint.gcp": {}}, "gcp.target", "or a pool"),
    ],
)
def test_an_endpoint_that_cannot_be_in_a_pool_is_refused(
    change: dict[str, Any], path: str, words: str
) -> None:
    found = problems(changed(DEV, {**IN_POOL, **change}))
    assert words in found[f"workloads.resnet50.endpoint.{path}"]


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({f"{AT}.gcp": {"pool": "shared"}}, f"{AT}.gcp.pool", "PyTorch and TensorFlow only"),
        ({f"{POOLS}.spare": POOL}, f"{POOLS}.spare", "that an endpoint names"),
        ({f"{POOLS}.shared": {**POOL, "min": 5}}, f"{POOLS}.shared.min", "at most max"),
        ({f"{POOLS}.shared": {**POOL, "accelerator": "K80"}}, f"{POOLS}.shared.accelerator", "T4"),
        (
            {f"{POOLS}.shared": {**POOL, "machine_type": "e2-standard-4"}},
            f"{POOLS}.shared.machine_type",
            "none of it",
        ),
        (
            {
                f"{POOLS}.shared": {
                    **POOL,
                    "target": {"cpu_percent": 1, "gpu_duty_cycle_percent": 2},
                }
            },
            f"{POOLS}.shared.target",
            "exactly one",
        ),
    ],
)
def test_a_pool_that_cannot_be_is_refused(change: dict[str, Any], path: str, words: str) -> None:
    assert words in problems(changed(DEV, {**IN_POOL, **change}))[path]


def test_models_of_two_images_share_no_pool() -> None:
    other = {"model": {**DEV["workloads"]["resnet50"]["model"], "version": "2.1"}}
    endpoint = {"scaling": {"min": 1, "max": 2}, "gcp": {"pool": "shared"}}
    found = problems(changed(DEV, {**IN_POOL, "workloads.later": {**other, "endpoint": endpoint}}))
    assert "one image for all" in found[f"{POOLS}.shared"]


def test_pipelines_trust_the_subjects_that_are_named() -> None:
    trusts = {
        "deploy": {"github": "acme/ml", "environment": "prod"},
        "gitlab": {"issuer": "https://gitlab.com", "subject": "project_path:acme/ml:ref:main"},
    }
    plan, _ = planned({"clouds.gcp.ci": {"pool_id": "pipelines", "trusts": trusts}})
    assert plan.ci is not None
    assert plan.ci.pool_id == "pipelines"
    assert [(one.issuer, one.subject) for one in plan.ci.trusts] == [
        ("https://token.actions.githubusercontent.com", "repo:acme/ml:environment:prod"),
        ("https://gitlab.com", "project_path:acme/ml:ref:main"),
    ]


@pytest.mark.parametrize(
    ("trust", "words"),
    [
        ({"github": "acme/ml"}, "environment or branch, one of them"),
        ({"github": "acme/ml", "branch": "a", "environment": "b"}, "one of them"),
        ({"issuer": "https://gitlab.com"}, "github, or issuer and subject"),
        ({"github": "acme/ml", "branch": "b" * 120}, "at most 127 bytes"),
    ],
)
def test_a_trust_that_names_no_one_subject_is_refused(trust: dict[str, str], words: str) -> None:
    told = problems(changed(DEV, {"clouds.gcp.ci": {"trusts": {"deploy": trust}}}))
    assert words in told["clouds.gcp.ci.trusts.deploy"]


def test_a_pool_has_none_of_google_s_own_names() -> None:
    trusts = {"deploy": {"github": "acme/ml", "branch": "main"}}
    told = problems(changed(DEV, {"clouds.gcp.ci": {"pool_id": "gcp-ml", "trusts": trusts}}))
    assert "no gcp-" in told["clouds.gcp.ci.pool_id"]
