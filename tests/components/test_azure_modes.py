"""Batch and serverless endpoints on Azure: what the components ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.azure.batch import Batch, BatchArgs, BatchVariantArgs
from components.azure.serverless import Serverless, ServerlessArgs
from mlplatform.contracts import check
from tests.components.test_azure import (
    ML,
    PLACE,
    SCORING,
    TAGS,
    AzureMocks,
    azure_mocks,
    platform,
)
from tests.recorder import Inventory, run

__all__ = ["AzureMocks", "azure_mocks"]

LLAMA = "azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct"
VARIANT = BatchVariantArgs(
    name="v1",
    model_uri="azureml://m",
    model_hash="cd" * 32,
    image_uri="mcr.microsoft.com/azureml/minimal:latest",
    pip_packages=("scikit-learn==1.2.2",),
)


def args(**changes: Any) -> BatchArgs:
    base: dict[str, Any] = {
        "workspace": platform(),
        "endpoint_name": "ml-test-nightly",
        "asset_name": "ml-test-nightly",
        "environment": "test",
        "workload": "nightly",
        "identity_id": PLACE.id("Microsoft.ManagedIdentity/userAssignedIdentities", "batch"),
        "instance_type": "Standard_D2as_v4",
        "min_nodes": 0,
        "max_nodes": 4,
        "variants": [VARIANT],
        "scoring": SCORING,
        "tags": TAGS,
    }
    return BatchArgs(**(base | changes))


@pytest.fixture(scope="module")
def built() -> Inventory:
    def declare() -> None:
        batch = args()
        Batch("nightly", batch)
        chat = ServerlessArgs(
            workspace=batch.workspace,
            endpoint_name="ml-test-chat",
            model_id=f"{LLAMA}/versions/3",
            tags=TAGS,
        )
        Serverless("chat", chat)

    return run(declare)


def test_azure_would_accept_every_resource(built: Inventory) -> None:
    made = {**built.children("nightly"), **built.children("chat")}
    for one in (one for one in built.resources if one.name in made):
        if one.type.startswith("azure-native:"):
            found = [str(p) for p in check(one.type, one.inputs) if not str(p.got).endswith("-id")]
            assert found == [], one.name


def test_a_cluster_is_made_for_the_work_and_keeps_no_door_open(built: Inventory) -> None:
    cluster = built.one(f"{ML}:Compute")
    given = cluster.inputs["properties"]
    assert given["disableLocalAuth"] is True
    inner = given["properties"]
    assert inner["scaleSettings"] == {
        "minNodeCount": 0.0,
        "maxNodeCount": 4.0,
        "nodeIdleTimeBeforeScaleDown": "PT300S",
    }
    assert inner["remoteLoginPortPublicAccess"] == "Disabled"


def test_another_size_is_a_cluster_beside_the_old_one() -> None:
    def names(**changes: Any) -> tuple[str, str]:
        found = run(lambda: Batch("n", args(**changes))).one(f"{ML}:Compute")
        return found.name, str(found.inputs["computeName"])

    assert names() == names(max_nodes=7)
    for changes in ({"instance_type": "Standard_D4as_v4"}, {"low_priority": True}):
        assert not set(names(**changes)) & set(names())


def test_another_model_is_another_deployment() -> None:
    def name(model_hash: str) -> str:
        found = run(lambda: Batch("n", args(variants=[replace(VARIANT, model_hash=model_hash)])))
        return str(found.one(f"{ML}:BatchDeployment").inputs["deploymentName"])

    assert name("cd" * 32) == name("cd" * 32)
    assert name("cd" * 32) != name("ef" * 32)


def test_terms_are_taken_before_the_endpoint_and_for_every_version(built: Inventory) -> None:
    terms = built.one(f"{ML}:MarketplaceSubscription")
    assert terms.inputs["properties"]["modelId"] == LLAMA
    endpoint = built.one(f"{ML}:ServerlessEndpoint")
    assert terms.urn in endpoint.request.dependencies
    assert endpoint.inputs["properties"]["modelSettings"]["modelId"] == f"{LLAMA}/versions/3"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"min_nodes": 5}, "0 to max_nodes"),
        ({"max_nodes": 0}, "1 or more"),
        ({"variants": []}, "one or more"),
        ({"variants": [VARIANT, VARIANT]}, "each name once"),
    ],
)
def test_arguments_that_cannot_be_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        run(lambda: Batch("n", args(**changes)))
