"""The feature store wired from a plan: the way to a cache, protection, one identity."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components.azure.feature_store import READ_CACHE, READ_MANAGED
from infra import azure
from infra.settings import Settings
from mlplatform import spec
from mlplatform.spec import AzureFeatures, AzureNetwork, AzurePlan, AzureStores, AzureWorkload
from tests import recorder
from tests.components.test_azure import AzureMocks
from tests.components.test_azure_infra import LABELS, SUBSCRIPTION
from tests.recorder import Inventory, Recorded, run

CACHES = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shared/providers/Microsoft.Cache"


@pytest.fixture(scope="module", autouse=True)
def azure_mocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "_Mocks", AzureMocks)
        yield


def built(redis_id: str) -> Inventory:
    group = AzureFeatures(
        name="customers",
        record_id="id",
        event_time="at",
        columns={"id": "string", "at": "datetime", "age": "long"},
        source_uri="azureml://datastores/customers/paths/churn/",
        description="",
        online=True,
        offline=True,
        materialization=None,
    )
    plan = AzurePlan(
        subscription_id=SUBSCRIPTION,
        tenant_id="00000000-0000-0000-0000-0000000000aa",
        location="westeurope",
        workloads=(AzureWorkload(name="churn", endpoint=None, features=(group,)),),
        network=AzureNetwork(private=True, address_space="10.60.0.0/22"),
        stores=AzureStores(encrypt_workspace=True),
        redis_id=redis_id,
    )
    settings = Settings(platform=spec.Platform(environment="prod", labels=LABELS), protect=True)
    return run(lambda: azure.deploy(plan, settings))


def named(found: Inventory, name: str) -> Recorded:
    (one,) = [r for r in found.resources if r.name == name and "mlplatform" not in r.type]
    return one


@pytest.mark.parametrize(
    ("redis_id", "actions", "part"),
    [
        (f"{CACHES}/redisEnterprise/r/databases/default", READ_MANAGED, "redisEnterprise"),
        (f"{CACHES}/redis/r", READ_CACHE, "redisCache"),
    ],
)
def test_jobs_reach_the_cache_by_a_private_endpoint_and_may_fetch_its_key_only(
    redis_id: str, actions: tuple[str, ...], part: str
) -> None:
    found = built(redis_id)
    role = found.one("azure-native:authorization:RoleDefinition")
    (permission,) = role.inputs["permissions"]
    assert tuple(permission["actions"]) == actions
    assert role.inputs["assignableScopes"] == [CACHES.partition("/providers/")[0]]
    given = named(found, "ml-prod-feature-store-online")
    assert given.inputs["scope"] == redis_id.partition("/databases/")[0]
    rule = named(found, "ml-prod-feature-store-out-online").inputs["properties"]["destination"]
    assert (rule["serviceResourceId"], rule["subresourceTarget"], rule["sparkEnabled"]) == (
        redis_id.partition("/databases/")[0],
        part,
        True,
    )


def test_the_store_and_its_history_are_protected_and_one_identity_does_everything() -> None:
    found = built(f"{CACHES}/redis/r")
    store = named(found, "ml-prod-feature-store")
    assert store.inputs["kind"] == "FeatureStore"
    (identity,) = store.inputs["identity"]["userAssignedIdentities"]
    assert store.inputs["encryption"]["identity"]["userAssignedIdentity"] == identity
    assert store.inputs["primaryUserAssignedIdentity"] == identity
    assert (
        named(found, "ml-prod-materialize-wrap")
        .inputs["roleDefinitionId"]
        .endswith("e147488a-f6f5-4113-8e2d-b22465e65bf6")
    ), "Key Vault Crypto Service Encryption User"
    protected = {r.name for r in found.resources if r.request.protect}
    assert {"ml-prod-feature-store", "ml-prod-features", "ml-prod-feature-store-offline"} <= (
        protected
    )
    group = "ml-prod-churn-customers"
    ours = {name.rpartition("-")[0] for name in protected if name.startswith(group)}
    assert ours == {"ml-prod-churn", f"{group}-entity"}, "another version may take over"
    kept = {r.name.rpartition("-")[0] for r in found.resources if r.request.retainOnDelete}
    assert kept == {f"{group}-set", f"{group}-entity", f"{group}-spec"}
