"""The Azure plan wired to components: names, references, ownership, protection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import azure
from infra.settings import Settings
from mlplatform import spec
from mlplatform.spec import Artifact, AzureEndpoint, AzurePlan, AzureVariant, AzureWorkload
from tests import recorder
from tests.components.test_azure import AzureMocks
from tests.recorder import Inventory, run

LABELS = spec.Labels(
    project="p",
    owner="o",
    cost_center="c",
    data_class="d",
    auto_shutdown=True,
    backup_required=False,
)
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module", autouse=True)
def azure_mocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "_Mocks", AzureMocks)
        yield


def plan(artifact: Artifact, **changes: Any) -> AzurePlan:
    variant = AzureVariant(
        name="v1",
        weight=90,
        min_instances=2,
        max_instances=10,
        artifact=artifact,
        image_uri="mcr.microsoft.com/azureml/minimal:latest",
        pip_packages=("torch==2.0.1",),
    )
    endpoint = AzureEndpoint(
        instance_type="Standard_NC4as_T4_v3",
        variants=(variant, replace(variant, name="v2", weight=10)),
        target_metric="gpu_percent",
        target_value=70.0,
        scale_in_cooldown_s=300,
        scale_out_cooldown_s=60,
    )
    return AzurePlan(
        subscription_id=SUBSCRIPTION,
        tenant_id="00000000-0000-0000-0000-0000000000aa",
        location="westeurope",
        workloads=(AzureWorkload(name="resnet50", endpoint=replace(endpoint, **changes)),),
    )


def deployed(artifact: Artifact, *, protect: bool = False, **changes: Any) -> Inventory:
    settings = Settings(platform=spec.Platform(environment="dev", labels=LABELS), protect=protect)
    return run(lambda: azure.deploy(plan(artifact, **changes), settings))


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    path: Path = tmp_path_factory.mktemp("model") / "model.tar.gz"
    path.write_bytes(b"model")
    digest = hashlib.sha256(b"model").hexdigest()
    key = f"resnet50/{digest[:16]}/model.tar.gz"
    return Artifact(path=path, sha256=digest, object_key=key, files=((key, path),))


@pytest.fixture(scope="module")
def built(local: Artifact) -> Inventory:
    return deployed(local)


def test_an_artifact_is_uploaded_once_and_named_by_its_content(
    built: Inventory, local: Artifact
) -> None:
    blobs = [r for r in built.resources if r.type == "azure-native:storage:Blob"]
    names = sorted(str(r.inputs["blobName"]) for r in blobs)
    assert len(names) == 2
    assert names[0].startswith("code/") and names[1] == local.object_key
    models = [r for r in built.resources if r.type.endswith(":ModelVersion")]
    uris = {r.inputs["properties"]["modelUri"] for r in models}
    assert uris == {
        f"azureml://subscriptions/{SUBSCRIPTION}/resourcegroups/ml-dev/workspaces/ml-dev"
        f"/datastores/artifacts/paths/{local.object_key}"
    }


def test_an_artifact_elsewhere_is_used_where_it_is() -> None:
    inventory = deployed(Artifact(uri="azureml://registries/r/models/m/versions/1"))
    models = [r for r in inventory.resources if r.type.endswith(":ModelVersion")]
    assert {r.inputs["properties"]["modelUri"] for r in models} == {
        "azureml://registries/r/models/m/versions/1"
    }


def test_names_that_are_one_in_the_world_hold_the_subscription(built: Inventory) -> None:
    unique = hashlib.sha256(SUBSCRIPTION.encode()).hexdigest()[:6]
    account = built.one("azure-native:storage:StorageAccount").inputs["accountName"]
    registry = built.one("azure-native:containerregistry:Registry").inputs["registryName"]
    endpoint = built.one("mlgap:azure:OnlineEndpoint").inputs["endpointName"]
    assert (account, registry) == (f"mldev{unique}", f"mldev{unique}")
    assert endpoint == f"ml-dev-resnet50-{unique}"


def test_the_roles_of_a_workload_are_on_registry_and_container_only(built: Inventory) -> None:
    scopes = {
        r.name: r.inputs["scope"].rpartition("/providers/")[2]
        for r in built.resources
        if r.type == "azure-native:authorization:RoleAssignment" and "resnet50" in r.name
    }
    unique = hashlib.sha256(SUBSCRIPTION.encode()).hexdigest()[:6]
    account = f"Microsoft.Storage/storageAccounts/mldev{unique}"
    assert scopes == {
        "ml-dev-resnet50-images": f"Microsoft.ContainerRegistry/registries/mldev{unique}",
        "ml-dev-resnet50-artifacts": f"{account}/blobServices/default/containers/artifacts",
    }


def test_traffic_and_bounds_are_as_the_plan_says(built: Inventory) -> None:
    traffic = built.one("mlgap:azure:EndpointTraffic").inputs["traffic"]
    assert traffic == {"v1-abc123": 90.0, "v2-abc123": 10.0}
    deployment = built.one("mlgap:azure:OnlineDeployment", "ml-dev-resnet50-v1").inputs
    assert (deployment["minInstances"], deployment["maxInstances"]) == (2.0, 10.0)
    assert deployment["properties"]["codeConfiguration"]["scoringScript"] == "score.py"
    setting = built.one(
        "azure-native:monitor:AutoscaleSetting", "ml-dev-resnet50-v1-autoscale"
    ).inputs
    rule = setting["profiles"][0]["rules"][0]
    assert rule["metricTrigger"]["metricName"] == "GpuUtilizationPercentage"


def test_protection_holds_what_keeps_data(local: Artifact) -> None:
    inventory = deployed(local, protect=True)
    protected = {
        r.type for r in inventory.resources if r.request.protect and r.type.startswith("azure-")
    }
    assert {
        "azure-native:keyvault:Vault",
        "azure-native:storage:StorageAccount",
        "azure-native:machinelearningservices:Workspace",
    } <= protected
    assert not inventory.one("mlgap:azure:OnlineEndpoint").request.protect
    blobs = [r for r in inventory.resources if r.type == "azure-native:storage:Blob"]
    assert blobs
    assert not any(r.request.protect for r in blobs), "a new model takes the place of an old one"


def test_names_are_registered_once(built: Inventory) -> None:
    urns = [r.urn for r in built.resources]
    assert len(urns) == len(set(urns))
