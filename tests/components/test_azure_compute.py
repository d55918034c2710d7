"""Machines of people and attached clusters on Azure: what the components ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.azure.instance import Instance, InstanceArgs
from components.azure.keys import Keys, KeysArgs
from components.azure.kubernetes import Kubernetes, KubernetesArgs, PodArgs
from components.azure.storage import Storage, StorageArgs
from components.azure.workspace import ServerlessComputeArgs, Workspace, WorkspaceArgs
from mlplatform.contracts import check, covers
from tests.components.test_azure import ML, PLACE, TAGS, AzureMocks, azure_mocks
from tests.recorder import Inventory, run

__all__ = ["AzureMocks", "azure_mocks"]

PERSON = "00000000-0000-0000-0000-0000000000b1"
GROUP = f"/subscriptions/{PLACE.subscription_id}/resourceGroups/shared/providers"
AKS = f"{GROUP}/Microsoft.ContainerService/managedClusters/hub"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/hub/subnets/jobs"


def workspace() -> Workspace:
    keys = Keys(
        "keys", KeysArgs(place=PLACE, identity_name="ml-test-keys", key_name="storage", tags=TAGS)
    )
    storage = Storage(
        "storage", StorageArgs(place=PLACE, account_name="mltest", keys=keys, tags=TAGS)
    )
    return Workspace(
        "workspace",
        WorkspaceArgs(
            place=PLACE,
            workspace_name="ml-test",
            registry_name="mltest",
            keys=keys,
            storage=storage,
            serverless=ServerlessComputeArgs(subnet_id=SUBNET),
            tags=TAGS,
        ),
    )


def declare() -> None:
    there = workspace()
    instance = InstanceArgs(
        workspace=there,
        compute_name="ml-test-ada",
        user_object_id=PERSON,
        vm_size="Standard_D4s_v5",
        idle_before_shutdown_minutes=30,
        stop_cron="0 19 * * *",
        public_address=False,
        tags=TAGS,
    )
    Instance("ada", instance)
    Instance("bob", replace(instance, compute_name="ml-test-bob", stop_cron=None))
    Kubernetes(
        "hub",
        KubernetesArgs(
            workspace=there,
            compute_name="ml-test-hub",
            cluster_id=AKS,
            namespace="ml",
            instance_types={"gpu": PodArgs(cpu="4", memory="28Gi", gpus=1)},
            default_instance_type="gpu",
            tags=TAGS,
        ),
    )


@pytest.fixture(scope="module")
def built() -> Inventory:
    return run(declare)


def inner(built: Inventory, name: str) -> dict[str, Any]:
    (found,) = (one for one in built.resources if one.name == name and one.type == f"{ML}:Compute")
    given: dict[str, Any] = found.inputs["properties"]["properties"]
    return given


def test_a_machine_is_one_persons_and_closed_to_everybody_else(built: Inventory) -> None:
    given = inner(built, "ada")
    assert given["applicationSharingPolicy"] == "Personal"
    assert given["sshSettings"] == {"sshPublicAccess": "Disabled"}
    assert given["enableNodePublicIp"] is False
    user = given["personalComputeInstanceSettings"]["assignedUser"]
    assert user == {"objectId": PERSON, "tenantId": PLACE.tenant_id}


def test_a_machine_stops_when_idle_and_by_the_clock_if_asked(built: Inventory) -> None:
    assert inner(built, "ada")["idleTimeBeforeShutdown"] == "PT30M"
    (stop,) = inner(built, "ada")["schedules"]["computeStartStop"]
    assert (stop["action"], stop["status"]) == ("Stop", "Enabled")
    assert stop["cron"] == {"expression": "0 19 * * *", "timeZone": "UTC"}
    assert "schedules" not in inner(built, "bob")


def test_a_pod_gets_what_it_asks_for_and_no_more(built: Inventory) -> None:
    resources = inner(built, "hub")["instanceTypes"]["gpu"]["resources"]
    assert resources["requests"] == {"cpu": "4", "memory": "28Gi", "nvidia.com/gpu": "1"}
    assert resources["limits"] == resources["requests"]


def test_what_azure_never_changes_is_declared_to_be_made_anew(built: Inventory) -> None:
    for one in built.resources:
        if one.type == f"{ML}:Compute":
            assert list(one.request.replaceOnChanges) == ["properties"]
            assert one.request.deleteBeforeReplace


def test_jobs_without_a_compute_have_no_public_address(built: Inventory) -> None:
    assert built.one(f"{ML}:Workspace").inputs["serverlessComputeSettings"] == {
        "serverlessComputeCustomSubnet": SUBNET,
        "serverlessComputeNoPublicIP": True,
    }


def test_azure_would_accept_every_compute(built: Inventory) -> None:
    computes = [one for one in built.resources if one.type == f"{ML}:Compute"]
    assert len(computes) == 3
    for one in computes:
        assert covers(one.type)
        assert [str(p) for p in check(one.type, one.inputs)] == [], one.name


@pytest.mark.parametrize("minutes", [14, 3 * 24 * 60 + 1])
def test_an_idle_time_that_azure_does_not_have_is_refused(minutes: int) -> None:
    def wrong() -> None:
        InstanceArgs(
            workspace=workspace(),
            compute_name="ml-test-ada",
            user_object_id=PERSON,
            vm_size="Standard_D4s_v5",
            idle_before_shutdown_minutes=minutes,
        )

    with pytest.raises(ValueError, match="allowed: 15 to 4320"):
        run(wrong)
