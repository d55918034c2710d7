"""One spec on three clouds: what each plan says, and what goes on the gap list."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from tests.spec.stacks import DELETE, ROOT, changed, config, problems

GIVEN = config(ROOT / "Pulumi.dev.yaml")
RESNET = "workloads.resnet50.endpoint"
CHURN = "workloads.bankchurn.endpoint"


def plan(changes: dict[str, Any] | None = None, *, stack: str = "dev") -> spec.Platform:
    return spec.read(changed(GIVEN, changes or {}), stack=stack, root=ROOT)


def refused(changes: dict[str, Any]) -> dict[str, str]:
    return problems(changed(GIVEN, changes))


def test_vertex_gets_whole_weights_bounds_machine_and_accelerator() -> None:
    on_gcp = plan().gcp
    assert on_gcp is not None
    resnet, churn = (one.endpoint for one in on_gcp.workloads)
    assert resnet is not None
    assert churn is not None
    assert (resnet.machine_type, resnet.accelerator_type, resnet.accelerator_count) == (
        "n1-standard-4",
        "NVIDIA_TESLA_T4",
        1,
    )
    assert [(v.name, v.weight, v.min_replicas, v.max_replicas) for v in resnet.variants] == [
        ("v1", 90, 2, 10),
        ("v2", 10, 2, 10),
    ]
    assert (resnet.target_metric, resnet.target_value) == ("gpu_duty_cycle_percent", 70)
    assert "pytorch-gpu.2-0" in resnet.variants[0].image_uri
    (uploaded,) = resnet.variants[0].artifact.files
    assert uploaded[0] == f"{resnet.variants[0].artifact.object_key}/model.mar"
    assert (churn.machine_type, churn.accelerator_type, churn.accelerator_count) == (
        "n1-standard-2",
        None,
        0,
    )
    assert [(v.min_replicas, v.max_replicas) for v in churn.variants] == [(1, 5)]


def test_azure_gets_a_size_whole_weights_and_cooldowns_in_whole_minutes() -> None:
    on_azure = plan({f"{RESNET}.scaling.scale_out_cooldown_s": 61}).azure
    assert on_azure is not None
    resnet = on_azure.workloads[0].endpoint
    assert resnet is not None
    assert resnet.instance_type == "Standard_NC4as_T4_v3"
    assert [(v.name, v.weight, v.min_instances, v.max_instances) for v in resnet.variants] == [
        ("v1", 90, 2, 10),
        ("v2", 10, 2, 10),
    ]
    assert (resnet.target_metric, resnet.target_value) == ("cpu_percent", 70)
    assert (resnet.scale_in_cooldown_s, resnet.scale_out_cooldown_s) == (300, 120)
    assert any(p.startswith("torch==2.0") for p in resnet.variants[0].pip_packages)


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
def test_a_split_stack_plans_its_own_cloud_in_the_same_environment(cloud: str) -> None:
    split = plan(stack=f"dev-{cloud}")
    assert split.environment == "dev"
    assert [name for name in ("aws", "gcp", "azure") if getattr(split, name)] == [cloud]
    assert getattr(split, cloud) == getattr(plan(), cloud)
    assert {gap.cloud for gap in split.gaps} <= {cloud}


def test_what_a_cloud_cannot_do_is_on_the_gap_list() -> None:
    gaps = {(gap.cloud, gap.path.rpartition(".")[2]) for gap in plan().gaps}
    assert gaps == {("gcp", "scaling")}
    for gap in plan().gaps:
        assert gap.asked
        assert gap.given
        assert gap.reason


def test_cooldowns_that_nobody_asked_for_are_no_gap() -> None:
    quiet = {
        f"{at}.scaling.{key}": DELETE
        for at in (RESNET, CHURN)
        for key in ("scale_in_cooldown_s", "scale_out_cooldown_s")
    }
    assert plan(quiet).gaps == ()


def test_strict_turns_every_gap_into_an_error() -> None:
    found = refused({"strict": True})
    assert {path.rpartition(".")[2] for path in found} == {"scaling"}
    assert all("strict: true refuses" in line for line in found.values())


def test_retired_hardware_is_refused_with_its_replacement() -> None:
    found = refused(
        {f"{RESNET}.accelerator": "V100", f"{RESNET}.azure": {"target": {"cpu_percent": 70}}}
    )
    line = found[f"{RESNET}.accelerator"]
    assert "retired since 2025-09-30" in line
    assert "Standard_NC24ads_A100_v4" in line


def test_a_substitute_is_given_where_the_wanted_hardware_is_retired_and_said() -> None:
    found = plan(
        {
            f"{RESNET}.accelerator": {"want": "V100", "or": "T4"},
            f"{RESNET}.aws.instance_type": DELETE,
            f"{RESNET}.azure.instance_type": DELETE,
            f"{RESNET}.gcp.machine_type": DELETE,
        }
    )
    assert found.aws is not None
    assert found.gcp is not None
    assert found.azure is not None
    endpoints = [cloud.workloads[0].endpoint for cloud in (found.aws, found.azure)]
    assert [e.instance_type for e in endpoints if e is not None] == [
        "ml.g4dn.xlarge",
        "Standard_NC4as_T4_v3",
    ]
    on_gcp = found.gcp.workloads[0].endpoint
    assert on_gcp is not None
    assert on_gcp.accelerator_type == "NVIDIA_TESLA_V100"  # Vertex AI still has it
    substituted = {g.cloud for g in found.gaps if "V100" in g.asked and "T4" in g.given}
    assert substituted == {"aws", "azure"}


def test_a_named_machine_with_the_substitute_is_said_too() -> None:
    found = plan({f"{RESNET}.accelerator": {"want": "V100", "or": "T4"}, "clouds.gcp": DELETE})
    assert {g.cloud for g in found.gaps if g.asked == "V100"} == {"aws", "azure"}


def test_a_machine_that_brings_its_accelerator_needs_no_wish() -> None:
    found = plan(
        {
            f"{RESNET}.accelerator": DELETE,
            f"{RESNET}.gcp.machine_type": "g2-standard-24",
        }
    ).gcp
    assert found is not None
    endpoint = found.workloads[0].endpoint
    assert endpoint is not None
    assert (endpoint.accelerator_type, endpoint.accelerator_count) == ("NVIDIA_L4", 2)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("clouds.gcp.region", "europe-west6", "europe-west6 has none"),
        ("clouds.gcp.region", "us-centrall", "nearest: us-central"),
        ("clouds.gcp.project", "Ml", "6 to 30"),
        ("clouds.azure.location", "westeurop", "nearest: westeurope"),
        ("clouds.azure.tenant_id", "me", "an id such as"),
        (f"{RESNET}.gcp.machine_type", "n1-standard-5", "nearest: n1-standard-"),
        (f"{RESNET}.gcp.machine_type", "n1-standard-64", "none of it"),
        (f"{RESNET}.gcp.accelerator_count", 3, "T4 x 1, 2, 4"),
        (f"{RESNET}.gcp.target", {}, "exactly one"),
        (f"{RESNET}.gcp.target.cpu_percent", 50, "exactly one"),
        (f"{CHURN}.gcp.target", {"gpu_duty_cycle_percent": 50}, "no accelerator"),
        (f"{CHURN}.azure.target", {"gpu_percent": 50}, "no accelerator"),
        (f"{CHURN}.azure.target", {"cpu_percent": 500}, "below 100"),
        (f"{CHURN}.azure.instance_type", "Standard_NC6s_v3", "use Standard_NC24ads_A100_v4"),
        (f"{CHURN}.azure", DELETE, "needed: a target for Azure ML"),
        (f"{RESNET}.variants", {"v" * 26: {"weight": 100}}, "allowed on azure: 25 characters"),
        ("workloads.bankchurn.model.artifact", "s3://bucket/m.tar.gz", "allowed on gcp"),
        ("workloads.bankchurn.model.artifact", {"aws": "s3://bucket/m.tar.gz"}, "artifact for gcp"),
    ],
)
def test_what_one_cloud_refuses_is_on_the_list(path: str, value: Any, said: str) -> None:
    found = refused({path: value})
    assert any(said in line for line in found.values()), found


def test_broken_percents_are_refused_where_only_whole_ones_exist() -> None:
    halves = {"v1": {"weight": 33.5}, "v2": {"weight": 66.5}}
    found = refused({f"{RESNET}.variants": halves})
    assert found.keys() == {f"{RESNET}.variants.v1.weight", f"{RESNET}.variants.v2.weight"}
    assert problems(changed(GIVEN, {f"{RESNET}.variants": halves}), stack="dev-aws") == {}


def test_a_workload_runs_only_on_the_clouds_it_names() -> None:
    found = plan({"workloads.bankchurn.clouds": ["aws"]})
    names = [
        [one.name for one in cloud.workloads]
        for cloud in (found.aws, found.gcp, found.azure)
        if cloud
    ]
    assert names == [["resnet50", "bankchurn"], ["resnet50"], ["resnet50"]]


def test_a_variant_may_have_its_own_bounds_and_model() -> None:
    own = {
        "weight": 10,
        "scaling": {"min": 1, "max": 3},
        "model": {
            "artifact": {
                "aws": "s3://other/m.tar.gz",
                "gcp": "gs://other/m",
                "azure": "azureml://datastores/models/paths/m",
            },
            "image": {
                "aws": "111122223333.dkr.ecr.us-east-1.amazonaws.com/x:1",
                "gcp": "g",
                "azure": "a",
            },
        },
    }
    found = plan({f"{RESNET}.variants.v2": own})
    assert found.aws is not None
    endpoint = found.aws.workloads[0].endpoint
    assert endpoint is not None
    first, second = endpoint.variants
    assert (first.min_instances, first.max_instances) == (2, 10)
    assert (second.min_instances, second.max_instances) == (1, 3)
    assert second.artifact == spec.Artifact(uri="s3://other/m.tar.gz")
    assert second.image_uri.endswith("/x:1")
    assert second.container_environment == {}
