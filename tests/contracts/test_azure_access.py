"""Assignments judged against role definitions: what a principal can do, and what it cannot."""

from __future__ import annotations

import pytest

from mlplatform.catalog import azure_roles as roles
from mlplatform.contracts.azure.access import Assignment, may

GROUP = "/subscriptions/s/resourceGroups/g"
WORKSPACE = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml"
CONTAINER = (
    f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st/blobServices/default/containers/a"
)
READ_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
WRITE_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"


def given(role: str, scope: str) -> list[Assignment]:
    return [Assignment(principal="p", role=f"/providers/x/roleDefinitions/{role}", scope=scope)]


def test_a_reader_of_a_container_reads_its_blobs_and_writes_none() -> None:
    found = given(roles.READ_BLOBS, CONTAINER)
    assert may(found, "P", READ_BLOB, f"{CONTAINER}/blobs/x", data=True)
    assert not may(found, "p", WRITE_BLOB, f"{CONTAINER}/blobs/x", data=True)
    assert not may(found, "p", READ_BLOB, f"{CONTAINER}2/blobs/x", data=True), "another container"
    assert not may(found, "q", READ_BLOB, f"{CONTAINER}/blobs/x", data=True), "another principal"


def test_an_operation_on_data_is_not_one_on_resources() -> None:
    assert not may(given(roles.READ_BLOBS, GROUP), "p", READ_BLOB, CONTAINER)


@pytest.mark.parametrize(
    ("operation", "allowed"),
    [
        ("onlineEndpoints/write", True),
        ("onlineEndpoints/score/action", True),
        ("write", False),
        ("computes/write", True),
        ("computes/x/write", False),
        ("listKeys/action", False),
        ("featurestores/delete", False),
    ],
)
def test_not_actions_take_back_what_the_same_role_grants(operation: str, allowed: bool) -> None:
    whole = f"Microsoft.MachineLearningServices/workspaces/{operation}"
    assert may(given(roles.DATA_SCIENTIST, WORKSPACE), "p", whole, WORKSPACE) is allowed


def test_what_one_role_takes_back_another_may_grant() -> None:
    own = {"0000": roles.Role(name="own", actions=("Microsoft.MachineLearningServices/*",))}
    both = given(roles.DATA_SCIENTIST, WORKSPACE) + given("0000", WORKSPACE)
    operation = "Microsoft.MachineLearningServices/workspaces/listKeys/action"
    assert may(both, "p", operation, WORKSPACE, custom=own)
    assert not may(both, "p", operation, WORKSPACE), "an unknown role grants nothing"
