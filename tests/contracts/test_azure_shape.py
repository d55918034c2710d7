from __future__ import annotations

from typing import Any

import pytest

from mlplatform.contracts import azure as contract
from mlplatform.contracts import check, covers, taggable
from mlplatform.contracts.compile import azure as compiler
from mlplatform.contracts.unknown import UNKNOWN

ML = "azure-native:machinelearningservices"
DEPLOYMENT = f"{ML}:OnlineDeployment"
STORE = "azure-native:storage:StorageAccount"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


def deployment(**properties: Any) -> dict[str, Any]:
    return {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "endpointName": "ep1",
        "deploymentName": "blue",
        "location": "westeurope",
        "sku": {"name": "Default", "capacity": 2.0},
        "properties": {
            "endpointComputeType": "Managed",
            "instanceType": "Standard_DS3_v2",
            **properties,
        },
    }


def test_the_data_is_what_the_locked_packages_say() -> None:
    assert compiler.main(check=True) == 0


def test_every_property_of_every_type_is_placed_or_explained() -> None:
    _, tallies = compiler.compiled()
    explained = tuple(compiler.unplaced())
    unmapped = [path for tally in tallies.values() for path in tally.unmapped]
    assert [path for path in unmapped if not path.endswith(explained)] == []
    assert all(any(path.endswith(leaf) for path in unmapped) for leaf in explained)


def test_a_deployment_that_azure_accepts_has_no_problem() -> None:
    assert check(DEPLOYMENT, deployment(requestSettings={"requestTimeout": "PT90S"})) == []


def test_whole_numbers_reach_the_wire_without_a_fraction() -> None:
    request, _ = contract.request(DEPLOYMENT, deployment(), SUBSCRIPTION)
    assert request.body["sku"] == {"name": "Default", "capacity": 2}
    assert isinstance(request.body["sku"]["capacity"], int)


def test_the_path_holds_subscription_group_and_names() -> None:
    request, _ = contract.request(DEPLOYMENT, deployment(), SUBSCRIPTION)
    assert request.path == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/"
        "Microsoft.MachineLearningServices/workspaces/ws1/onlineEndpoints/ep1/deployments/blue"
    )
    assert request.api_version == "2025-12-01"


def test_a_snake_case_dict_in_a_union_is_refused_with_the_args_class() -> None:
    inputs = deployment()
    inputs["properties"] = {"endpoint_compute_type": "Managed", "instance_type": "x"}
    (problem,) = check(DEPLOYMENT, inputs)
    assert problem.path == "properties.endpoint_compute_type"
    assert "ManagedOnlineDeploymentArgs" in problem.message


def test_snake_case_below_a_known_kind_is_refused_with_the_nearest_name() -> None:
    problems = {p.path: p.message for p in check(DEPLOYMENT, deployment(instance_type="x"))}
    assert "nearest: instanceType" in problems["properties.instance_type"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("supportsHttpsTrafficOnly", "enableHttpsTrafficOnly"),
        ("allowBlobPublicAcces", "allowBlobPublicAccess"),
    ],
)
def test_a_property_that_the_type_does_not_have_is_refused(name: str, nearest: str) -> None:
    inputs = {
        "resourceGroupName": "rg",
        "accountName": "store1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        name: True,
    }
    (problem,) = check(STORE, inputs)
    assert (problem.path, problem.got) == (name, True)
    assert f"nearest: {nearest}" in problem.message


def test_renamed_and_flattened_properties_reach_their_place_on_the_wire() -> None:
    inputs = {
        "resourceGroupName": "rg",
        "accountName": "store1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "enableHttpsTrafficOnly": True,
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id/a"]},
    }
    request, problems = contract.request(STORE, inputs, SUBSCRIPTION)
    assert problems == []
    assert request.body["properties"] == {"supportsHttpsTrafficOnly": True}
    assert request.body["identity"]["userAssignedIdentities"] == {"/id/a": {}}


def test_enums_are_compared_without_case() -> None:
    assert check(DEPLOYMENT, deployment(egressPublicNetworkAccess="enabled")) == []
    (problem,) = check(DEPLOYMENT, deployment(egressPublicNetworkAccess="Enable"))
    assert "allowed: Disabled, Enabled; nearest: Enabled" in problem.message


def test_read_only_members_are_ignored_as_azure_does() -> None:
    inputs = deployment(provisioningState="Succeeded")
    assert check(DEPLOYMENT, inputs) == []
    request, _ = contract.request(DEPLOYMENT, inputs, SUBSCRIPTION)
    assert "provisioningState" not in request.body["properties"]


def test_empty_text_counts_as_absent() -> None:
    assert check(DEPLOYMENT, deployment(egressPublicNetworkAccess="", modelMountPath="")) == []


@pytest.mark.parametrize("unknown", [UNKNOWN, "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"])
def test_unknown_values_count_as_present_and_are_not_judged(unknown: str) -> None:
    inputs = deployment(instanceType=unknown, requestSettings=unknown)
    inputs["endpointName"] = unknown
    assert check(DEPLOYMENT, inputs) == []


def test_unknown_in_a_discriminator_hides_its_object_only() -> None:
    inputs = deployment()
    inputs["properties"] = {"endpointComputeType": UNKNOWN, "whatever": 1}
    inputs["sku"] = {"name": "Default", "capacity": "two"}
    assert [p.path for p in check(DEPLOYMENT, inputs)] == ["sku.capacity"]


def test_every_problem_is_reported_at_once() -> None:
    inputs = deployment(instanceType=3, environmentVariables=["A"], model=[])
    inputs["sku"] = {"capacity": True}
    paths = {p.path for p in check(DEPLOYMENT, inputs)}
    assert paths == {
        "properties.instanceType",
        "properties.environmentVariables",
        "properties.model",
        "sku.capacity",
        "sku.name",
    }


def test_an_id_in_place_of_a_name_is_refused() -> None:
    inputs = {**deployment(), "workspaceName": "/subscriptions/x/workspaces/ws1"}
    (problem,) = check(DEPLOYMENT, inputs)
    assert "a name, not a resource id" in problem.message


def test_the_answer_comes_back_in_the_form_of_the_inputs() -> None:
    inputs = {
        "resourceGroupName": "rg",
        "accountName": "store1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "enableHttpsTrafficOnly": True,
        "location": "westeurope",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/id/a"]},
    }
    request, _ = contract.request(STORE, inputs, SUBSCRIPTION)
    answer = {"id": request.path, "name": "store1", **request.body}
    outputs = contract.outputs(STORE, answer)
    assert outputs["enableHttpsTrafficOnly"] is True
    declared = {k: v for k, v in inputs.items() if k not in ("resourceGroupName", "accountName")}
    assert contract.project(STORE, outputs) == declared


def test_the_path_parameters_come_back_from_an_id() -> None:
    request, _ = contract.request(DEPLOYMENT, deployment(), SUBSCRIPTION)
    assert contract.inputs(DEPLOYMENT, request.path) == {
        "resourceGroupName": "rg",
        "workspaceName": "ws1",
        "endpointName": "ep1",
        "deploymentName": "blue",
    }
    assert contract.inputs(DEPLOYMENT, "/subscriptions/x") is None


def test_a_preview_knows_the_inputs_and_marks_what_azure_fills_in() -> None:
    outputs = contract.foresee(DEPLOYMENT, deployment())
    assert outputs["properties"]["instanceType"] == "Standard_DS3_v2"
    assert outputs["properties"]["provisioningState"] == UNKNOWN
    assert outputs["name"] == UNKNOWN


def test_types_without_tags_are_known() -> None:
    assert taggable(DEPLOYMENT) == "tags"
    assert taggable("azure-native:authorization:RoleAssignment") is None
    assert not covers("azure-native:compute:VirtualMachine")


def test_what_a_class_shows_without_its_properties_is_found_in_them() -> None:
    answer = {"id": "/k", "name": "k", "properties": {"kty": "RSA", "keyUriWithVersion": "u/1"}}
    found = contract.outputs("azure-native:keyvault:Key", answer)
    assert found["keyUriWithVersion"] == "u/1"
    assert found["properties"]["kty"] == "RSA"
