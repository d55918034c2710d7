"""The identity of pipelines on Azure: whom it trusts, what it can do and what it cannot."""

from __future__ import annotations

import pytest

from components.azure.ci import Ci, CiArgs, TrustArgs
from mlplatform.catalog.azure_roles import Role
from mlplatform.contracts import check
from mlplatform.contracts.azure.access import Assignment, may
from tests.components.test_azure import PLACE, TAGS, AzureMocks, azure_mocks
from tests.recorder import Inventory, run

__all__ = ["AzureMocks", "azure_mocks"]

WORKSPACE = PLACE.id("Microsoft.MachineLearningServices/workspaces", "ml-test")
CONTAINER = f"{PLACE.id('Microsoft.Storage/storageAccounts', 'st')}/blobServices/default/containers"
SERVE = PLACE.id("Microsoft.ManagedIdentity/userAssignedIdentities", "fraud")
ML = "Microsoft.MachineLearningServices/workspaces"
GITHUB = TrustArgs(
    name="github",
    issuer="https://token.actions.githubusercontent.com",
    subject="repo:acme/ml:environment:dev",
)


def args(*trusts: TrustArgs) -> CiArgs:
    return CiArgs(
        place=PLACE,
        identity_name="ml-test-ci",
        trusts=trusts,
        workspace_id=WORKSPACE,
        artifacts_id=f"{CONTAINER}/artifacts",
        tags=TAGS,
    )


def declare() -> None:
    made = Ci("ci", args(GITHUB))
    made.may_use("fraud", SERVE, after=[])


@pytest.fixture(scope="module")
def built() -> Inventory:
    return run(declare)


def can(built: Inventory, operation: str, resource: str, *, data: bool = False) -> bool:
    custom, ids = {}, {}
    for one in built.resources:
        if one.type == "azure-native:authorization:RoleDefinition":
            ((permission),) = one.inputs["permissions"]
            guid = one.inputs["roleDefinitionId"]
            custom[guid] = Role(name=one.name, actions=tuple(permission["actions"]))
            ids[one.name] = guid
    assignments = []
    for one in built.resources:
        if one.type == "azure-native:authorization:RoleAssignment":
            assert one.inputs["principalType"] == "ServicePrincipal"
            role = ids.get(f"{one.name}-role", one.inputs["roleDefinitionId"])
            assignments.append(
                Assignment(principal="ci", role=role, scope=str(one.inputs["scope"]))
            )
    assert len(assignments) == 4
    return may(assignments, "ci", operation, resource, data=data, custom=custom)


@pytest.mark.parametrize(
    ("operation", "resource", "allowed"),
    [
        (f"{ML}/onlineEndpoints/write", WORKSPACE, True),
        (f"{ML}/onlineEndpoints/deployments/write", WORKSPACE, True),
        (f"{ML}/models/versions/write", WORKSPACE, True),
        (f"{ML}/onlineEndpoints/write", f"{WORKSPACE}-other", False),
        (f"{ML}/onlineEndpoints/listKeys/action", WORKSPACE, False),
        (f"{ML}/write", WORKSPACE, False),
        (f"{ML}/datastores/listSecrets/action", WORKSPACE, False),
        ("Microsoft.Insights/autoscaleSettings/write", PLACE.group_id, True),
        ("Microsoft.Storage/storageAccounts/listKeys/action", PLACE.group_id, False),
        ("Microsoft.KeyVault/vaults/write", PLACE.group_id, False),
        ("Microsoft.Authorization/roleAssignments/write", PLACE.group_id, False),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/x/assign/action", SERVE, True),
        ("Microsoft.ManagedIdentity/userAssignedIdentities/x/assign/action", WORKSPACE, False),
    ],
)
def test_pipelines_roll_out_models_and_have_no_say_over_keys_and_access(
    built: Inventory, operation: str, resource: str, allowed: bool
) -> None:
    assert can(built, operation, resource) is allowed


def test_pipelines_write_models_to_their_container_and_to_no_other(built: Inventory) -> None:
    write = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"
    assert can(built, write, f"{CONTAINER}/artifacts/blobs/m", data=True)
    assert not can(built, write, f"{CONTAINER}/captured/blobs/m", data=True)


def test_azure_would_accept_every_resource(built: Inventory) -> None:
    for one in built.resources:
        if one.type.startswith("azure-native:"):
            found = [str(p) for p in check(one.type, one.inputs) if not str(p.got).endswith("-id")]
            assert found == [], one.name


def test_the_trust_is_in_one_repository_and_environment(built: Inventory) -> None:
    credential = built.one("azure-native:managedidentity:FederatedIdentityCredential").inputs
    assert credential["subject"] == "repo:acme/ml:environment:dev"
    assert credential["audiences"] == ["api://AzureADTokenExchange"]


def test_an_identity_that_trusts_nobody_or_one_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 20"):
        args()
    with pytest.raises(ValueError, match="each name once"):
        args(GITHUB, GITHUB)
