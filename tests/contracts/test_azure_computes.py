"""Machines of people and attached clusters: what Azure refuses, and what it never changes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mlplatform.contracts import check
from mlplatform.contracts.azure import changes
from mlplatform.contracts.unknown import UNKNOWN

TOKEN = "azure-native:machinelearningservices:Compute"
AKS = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/hub"
PLACE = {"resourceGroupName": "rg", "workspaceName": "ws1", "location": "westeurope"}
INSTANCE: dict[str, Any] = {
    **PLACE,
    "computeName": "ml-dev-7ac1b8-ada",
    "properties": {
        "computeType": "ComputeInstance",
        "properties": {
            "vmSize": "Standard_D4s_v5",
            "applicationSharingPolicy": "Personal",
            "idleTimeBeforeShutdown": "PT30M",
        },
    },
}
KUBERNETES: dict[str, Any] = {
    **PLACE,
    "computeName": "ml-dev-hub",
    "properties": {
        "computeType": "Kubernetes",
        "resourceId": AKS,
        "properties": {
            "namespace": "ml",
            "instanceTypes": {"small": {"resources": {"requests": {"cpu": "2"}}}},
            "defaultInstanceType": "small",
        },
    },
}


def but(good: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(good)
    *parents, last = path.split(".")
    at = made
    for step in parents:
        at = at[step]
    at[last] = value
    return made


@pytest.mark.parametrize("good", [INSTANCE, KUBERNETES])
def test_what_azure_accepts_is_accepted(good: dict[str, Any]) -> None:
    assert check(TOKEN, good) == []


@pytest.mark.parametrize(
    ("good", "path", "value", "words"),
    [
        (INSTANCE, "computeName", "7ac1b8-ada", "first a letter"),
        (INSTANCE, "computeName", "ml-dev-123", "a letter after the last -"),
        (INSTANCE, "computeName", "a" * 25, "3 to 24"),
        (INSTANCE, "properties.properties.idleTimeBeforeShutdown", "PT14M", "900 s to 259200 s"),
        (INSTANCE, "properties.properties.idleTimeBeforeShutdown", "30", "ISO 8601"),
        (INSTANCE, "properties.properties.applicationSharingPolicy", None, "Personal or Shared"),
        (INSTANCE, "properties.properties.vmSize", "Standard_NC6s_v3", "retired"),
        (KUBERNETES, "properties.resourceId", None, "needed"),
        (KUBERNETES, "properties.properties.defaultInstanceType", "big", "one of instanceTypes"),
    ],
)
def test_what_azure_refuses_is_refused(
    good: dict[str, Any], path: str, value: Any, words: str
) -> None:
    given = but(good, path, value)
    assert [p.path for p in check(TOKEN, given) if words in p.message] == [path]
    unknown = but(good, path, UNKNOWN)
    assert [p.path for p in check(TOKEN, unknown) if words in p.message] == []


def test_types_that_are_not_known_yet_may_have_the_default() -> None:
    assert check(TOKEN, but(KUBERNETES, "properties.properties.instanceTypes", UNKNOWN)) == []


@pytest.mark.parametrize(
    ("good", "path", "value"),
    [
        (INSTANCE, "properties.properties.idleTimeBeforeShutdown", "PT60M"),
        (INSTANCE, "properties.properties.vmSize", "Standard_D8s_v5"),
        (KUBERNETES, "properties.properties.namespace", "other"),
        (KUBERNETES, "properties.resourceId", f"{AKS}2"),
    ],
)
def test_nothing_of_them_changes_in_place(good: dict[str, Any], path: str, value: str) -> None:
    (found,) = changes(TOKEN, good, but(good, path, value))
    assert (found.path, found.kind) == (path, "refuse")
