"""Compute that workloads share on Azure, and the vCPUs that everything together needs."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from mlplatform.catalog import azure as machines
from mlplatform.catalog import azure_quotas
from mlplatform.spec import AzureInstance, AzurePlan
from tests.spec.stacks import ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
COMPUTE = "clouds.azure.compute"
QUOTAS = "clouds.azure.quotas"
PERSON = "00000000-0000-0000-0000-0000000000b1"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shared/providers"
AKS = f"{GROUP}/Microsoft.ContainerService/managedClusters/hub"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/hub/subnets/jobs"
SIZE = "workloads.bankchurn.endpoint.azure.instance_type"


def planned(changes: dict[str, Any]) -> AzurePlan:
    platform = spec.read(changed(DEV, changes), stack="dev-azure", root=ROOT)
    assert platform.azure is not None
    return platform.azure


def refused(changes: dict[str, Any]) -> dict[str, str]:
    return problems(changed(DEV, changes), stack="dev-azure")


def needs(changes: dict[str, Any]) -> dict[str, int]:
    return {one.name: one.needed_vcpus for one in planned(changes).quotas}


def test_a_persons_machine_stops_when_idle_and_by_the_clock() -> None:
    asked = {"user_object_id": PERSON, "idle_before_shutdown_s": 3600, "stop": "0 19 * * 1-5"}
    assert planned({f"{COMPUTE}.instances.ada": asked}).compute.instances == (
        AzureInstance(
            name="ada",
            user_object_id=PERSON,
            vm_size=machines.DEFAULT,
            idle_before_shutdown_minutes=60,
            stop_cron="0 19 * * 1-5",
        ),
    )


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("vm_size", "Standard_NC6s_v3", "Standard_NC24ads_A100_v4"),
        ("vm_size", "Standard_D4s_v55", "nearest: Standard_D4s_v5"),
        ("idle_before_shutdown_s", 600, "900"),
        ("idle_before_shutdown_s", 930, "whole minutes"),
        ("stop", "0 19 * *", "five"),
    ],
)
def test_a_machine_that_azure_would_refuse_is_refused(key: str, value: Any, words: str) -> None:
    at = f"{COMPUTE}.instances.ada"
    found = refused({at: {"user_object_id": PERSON, key: value}})
    assert list(found) == [f"{at}.{key}"]
    assert words in found[f"{at}.{key}"]


def test_an_attached_cluster_has_the_types_that_pods_may_ask_for() -> None:
    asked = {
        "cluster_id": AKS,
        "namespace": "ml",
        "instance_types": {"small": {"cpu": "2", "memory": "8Gi"}},
        "default_instance_type": "small",
    }
    (found,) = planned({f"{COMPUTE}.kubernetes.hub": asked}).compute.kubernetes
    assert (found.cluster_id, found.namespace, found.default_instance_type) == (AKS, "ml", "small")
    assert [(one.name, one.cpu, one.memory) for one in found.instance_types] == [
        ("small", "2", "8Gi")
    ]
    wrong = refused({f"{COMPUTE}.kubernetes.hub": {**asked, "default_instance_type": "smal"}})
    assert "nearest: small" in wrong[f"{COMPUTE}.kubernetes.hub.default_instance_type"]
    wrong = refused({f"{COMPUTE}.kubernetes.hub": {"cluster_id": SUBNET}})
    assert list(wrong) == [f"{COMPUTE}.kubernetes.hub.cluster_id"]


def test_jobs_without_a_compute_run_in_a_subnet_or_in_the_managed_network() -> None:
    at = f"{COMPUTE}.serverless"
    isolated = {"clouds.azure.network": {"isolation": "internet_outbound"}}
    found = planned({at: {"subnet_id": SUBNET}}).compute.serverless
    assert found is not None
    assert (found.subnet_id, found.public_addresses) == (SUBNET, False)
    found = planned({at: {}} | isolated).compute.serverless
    assert found is not None
    assert found.subnet_id is None
    both = {at: {"subnet_id": SUBNET}} | isolated
    cases: list[dict[str, Any]] = [{at: {}}, {at: {"subnet_id": AKS}}, both]
    for wrong in cases:
        assert list(refused(wrong)) == [f"{at}.subnet_id"]


def test_an_endpoint_needs_a_fifth_more_for_each_deployment_but_for_exempt_sizes() -> None:
    # Two workloads stand in dev; this one has two variants of up to five instances.
    scaled = {
        "workloads.bankchurn.endpoint.scaling": {"min": 1, "max": 5},
        "workloads.bankchurn.endpoint.variants": {"v1": {"weight": 50}, "v2": {"weight": 50}},
        SIZE: "Standard_E4s_v5",
    }
    assert needs(scaled)["standardESv5Family"] == 2 * 6 * 4, "ceil(1.2 x 5) instances of 4 cores"
    exempt = scaled | {SIZE: "Standard_NC40ads_H100_v5"}
    assert needs(exempt)["standardNCADSH100v5Family"] == 2 * 5 * 40
    night = {"night": {"cron": "0 20 * * *", "min": 1, "max": 10}}
    more = scaled | {"workloads.bankchurn.endpoint.scaling.schedules": night}
    assert needs(more)["standardESv5Family"] == 2 * 12 * 4, "a schedule may raise the bound"


def test_a_cluster_counts_with_all_its_nodes_and_what_may_be_taken_away_in_one_pool() -> None:
    asked = {"accelerator": "A100", "max_nodes": 3}
    assert needs({"workloads.bankchurn.training": asked})["standardNCADSA100v4Family"] == 3 * 24
    found = needs({"workloads.bankchurn.training": {**asked, "spot": True}})
    assert found["TotalLowPriorityCores"] == 3 * 24
    assert "standardNCADSA100v4Family" not in found
    files = {
        "mode": "batch",
        "scaling": {"min": 0, "max": 4},
        "variants": {"current": {"weight": 100}},
        "azure": {"instance_type": "Standard_F8s_v2"},
    }
    batch = {"workloads.bankchurn.endpoint": files}
    assert needs(batch)["standardFSv2Family"] == 4 * 8


def test_machines_of_people_count_once_each() -> None:
    asked = {"user_object_id": PERSON, "vm_size": "Standard_F8s_v2"}
    found = needs({f"{COMPUTE}.instances": {"ada": asked, "bob": asked}})
    assert found["standardFSv2Family"] == 16


def test_declared_quotas_are_compared_and_accelerators_must_be_among_them() -> None:
    asked = {"user_object_id": PERSON, "vm_size": "Standard_NC4as_T4_v3"}
    machine = {f"{COMPUTE}.instances.ada": asked}
    enough = needs(machine)
    assert refused(machine | {f"{QUOTAS}.declared": enough}) == {}
    spaced = {name.replace(" ", "").upper(): vcpus for name, vcpus in enough.items()}
    assert refused(machine | {f"{QUOTAS}.declared": spaced}) == {}, "spaces and case do not count"
    short = {name: vcpus - 1 for name, vcpus in enough.items()}
    found = refused(machine | {f"{QUOTAS}.declared": short})
    assert set(found) == {f'{QUOTAS}.declared["{name}"]' for name in short}
    found = refused(machine | {f"{QUOTAS}.declared": {}})
    (only,) = (path for path in found if "T4" in path)
    assert "begin at 0" in found[only]
    assert "instance ada" in found[only]
    found = refused({f"{QUOTAS}.declared": {"standardDASv4Famly": 1000}})
    assert any("nearest: standardDASv4Family" in words for words in found.values())


def test_every_size_that_can_be_had_counts_in_a_family() -> None:
    left = [
        name
        for name in machines.instance_types()
        if (found := machines.machine(name)) is not None
        and found.retired is None
        and azure_quotas.family(name) is None
    ]
    assert left == []
